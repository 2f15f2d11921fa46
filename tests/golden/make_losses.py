"""Losses/golden/losses.json: values and gradient norms, float64, of the formulas of docs/method.md, section 4.

Each function is written after the reference code that the file names, as plainly as PyTorch allows: nothing here is
fused, stabilised or rearranged as in the C# losses.
"""
import torch
from torch.nn.functional import (adaptive_avg_pool2d, kl_div, log_softmax, mse_loss, normalize, one_hot, smooth_l1_loss,
                                 softmax)

from common import TESTS, main, wave

ABOUT = (
    "Loss values and gradient norms computed in float64 with the reference implementations named in docs/method.md, "
    "section 4 (RepDistiller: kd at sp nst rkd pkt cc ab ft; mdistiller: dkd review_hcl; mmrazor: dist cwd pkd).")
INPUTS = (
    "Every tensor is c*sin(a*i+b) over its flat row-major index i. Student features use student.a, student.b and c=1; "
    "teacher features teacher.a, teacher.b and c=1; logits use 2a, b and c=3; the twice-as-large student map of "
    "'at_student_twice_teacher_size' uses a/3, b over [N,C,2H,2W]. grad_l2 is the L2 norm of the gradient with respect "
    "to the student input.")
SHAPE, LOGITS, TARGET = [4, 6, 5, 5], [4, 10], [1, 3, 5, 7]
STUDENT, TEACHER = {"a": 0.37, "b": 0.1}, {"a": 0.23, "b": 0.9}


def kd(s, t, T):
    return kl_div(log_softmax(s / T, 1), softmax(t / T, 1), reduction="sum") * T**2 / s.shape[0]


def dkd(s, t, alpha, beta, T):
    truth = one_hot(torch.tensor(TARGET), s.shape[1]).double()

    def two(logits):  # the true class and all others: [N, 2]
        p = softmax(logits / T, 1)
        return torch.stack([(p * truth).sum(1), (p * (1 - truth)).sum(1)], 1)

    tckd = kl_div(two(s).log(), two(t), reduction="sum") * T**2 / s.shape[0]
    others = kl_div(log_softmax(s / T - 1000 * truth, 1), softmax(t / T - 1000 * truth, 1), reduction="sum")
    return alpha * tckd + beta * others * T**2 / s.shape[0]


def dist(s, t, beta, gamma, tau):
    def unrelated(a, b):  # 1 - the rows' mean Pearson correlation
        a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
        return 1 - ((a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1) + 1e-8)).mean()

    p, q = softmax(s / tau, 1), softmax(t / tau, 1)
    return tau**2 * (beta * unrelated(p, q) + gamma * unrelated(p.t(), q.t()))


def same_size(s, t):
    size = min(s.shape[2], t.shape[2])
    return adaptive_avg_pool2d(s, size), adaptive_avg_pool2d(t, size)


def attention(f, p):
    return normalize(f.pow(p).mean(1).flatten(1))


def at(s, t, p):
    s, t = same_size(s, t)
    return (attention(s, p) - attention(t, p)).pow(2).mean()


def sp(s, t):
    def similarity(f):
        rows = f.flatten(1)
        return normalize(rows @ rows.t())

    return (similarity(t) - similarity(s)).pow(2).sum() / s.shape[0] ** 2


def nst(s, t):
    def kernel(a, b):
        return (a.unsqueeze(1) * b.unsqueeze(2)).sum(-1).pow(2).mean()

    s, t = (normalize(f.flatten(2), dim=2) for f in same_size(s, t))
    return kernel(t, t) + kernel(s, s) - 2 * kernel(s, t)


def rkd(s, t, w_d, w_a):
    def distances(e):
        square = e.pow(2).sum(1)
        d = (square.unsqueeze(1) + square.unsqueeze(0) - 2 * e @ e.t()).clamp(min=1e-12).sqrt()
        d = d * (1 - torch.eye(len(e), dtype=e.dtype))
        return d / d[d > 0].mean()

    def cosines(e):
        unit = normalize(e.unsqueeze(0) - e.unsqueeze(1), dim=2)
        return torch.bmm(unit, unit.transpose(1, 2)).flatten()

    return w_d * smooth_l1_loss(distances(s), distances(t)) + w_a * smooth_l1_loss(cosines(s), cosines(t))


def pkt(s, t):
    def neighbours(f):
        unit = f / (f.norm(dim=1, keepdim=True) + 1e-7)
        similarity = (unit @ unit.t() + 1) / 2
        return similarity / similarity.sum(1, keepdim=True)

    p, q = neighbours(t), neighbours(s)
    return (p * ((p + 1e-7) / (q + 1e-7)).log()).mean()


def cc(s, t):
    delta = (s - t).abs()
    return (delta[:-1] * delta[1:]).sum(1).mean()


def ab(s, t, margin):
    on = (s - margin) ** 2 * ((s <= margin) & (t > 0))
    off = (s + margin) ** 2 * ((s > -margin) & (t <= 0))
    return (on + off).sum() / s.shape[0] / 1000 * 3  # RepDistiller's factor


def ft(s, t, p1):
    s, t = same_size(s, t)
    return (attention(s, p1) - attention(t, p1)).abs().mean()


def cwd(s, t, tau):
    s, t = s.flatten(2) / tau, t.flatten(2) / tau
    return kl_div(log_softmax(s, 2), softmax(t, 2), reduction="sum") * tau**2 / (s.shape[0] * s.shape[1])


def pkd(s, t):
    def standardised(f):
        channels = f.transpose(0, 1).flatten(1)
        return (channels - channels.mean(1, keepdim=True)) / (channels.std(1, keepdim=True) + 1e-6)

    return mse_loss(standardised(s), standardised(t)) / 2


def review_hcl(s, t):
    loss, weight, total = mse_loss(s, t), 1.0, 1.0
    for level in (4, 2, 1):
        if level >= s.shape[2]:
            continue
        weight /= 2
        loss = loss + weight * mse_loss(adaptive_avg_pool2d(s, level), adaptive_avg_pool2d(t, level))
        total += weight
    return loss / total


def result(loss, s, t, **says):
    s = s.clone().requires_grad_(True)
    value = loss(s, t)
    value.backward()
    return {"loss": value.item(), "grad_l2": s.grad.norm().item(), **says}


def make():
    s, t = wave(SHAPE, **STUDENT), wave(SHAPE, **TEACHER)
    large = wave([*SHAPE[:2], 2 * SHAPE[2], 2 * SHAPE[3]], STUDENT["a"] / 3, STUDENT["b"])
    ls, lt = wave(LOGITS, 2 * STUDENT["a"], STUDENT["b"], 3), wave(LOGITS, 2 * TEACHER["a"], TEACHER["b"], 3)
    fs, ft_ = s.mean((2, 3)), t.mean((2, 3))
    means = "spatial means of the feature maps"
    results = {
        "kd": result(lambda a, b: kd(a, b, 4.0), ls, lt, T=4.0),
        "dkd": result(lambda a, b: dkd(a, b, 1.0, 8.0, 4.0), ls, lt, alpha=1.0, beta=8.0, T=4.0),
        "dist": result(lambda a, b: dist(a, b, 1.0, 1.0, 4.0), ls, lt, beta=1.0, gamma=1.0, tau=4.0),
        "fitnet_mse": result(mse_loss, s, t),
        "l2_sum_per_batch": result(lambda a, b: (a - b).pow(2).sum() / len(a), s, t),
        "at": result(lambda a, b: at(a, b, 2), s, t, p=2),
        "at_student_twice_teacher_size": result(lambda a, b: at(a, b, 2), large, t, p=2),
        "sp": result(sp, s, t),
        "nst": result(nst, s, t),
        "rkd": result(lambda a, b: rkd(a, b, 25, 50), fs, ft_, w_d=25, w_a=50, inputs=means),
        "pkt": result(pkt, fs, ft_, inputs=means),
        "cc": result(cc, fs, ft_, inputs=means + ", no embedding layers"),
        "ab_margin1_single_stage_w1": result(lambda a, b: ab(a, b, 1.0), s, t),
        "ft_factor_p1_2_p2_1": result(lambda a, b: ft(a, b, 2), s, t),
        "cwd": result(lambda a, b: cwd(a, b, 4.0), s, t, tau=4.0),
        "pkd": result(pkd, s, t),
        "review_hcl": result(review_hcl, s, t),
    }
    return {
        "about": ABOUT, "inputs": INPUTS, "feature_shape": SHAPE, "student": STUDENT, "teacher": TEACHER,
        "logits": LOGITS, "target": TARGET, "results": results,
    }


if __name__ == "__main__":
    main(make(), TESTS / "Losses/golden/losses.json", short_lists=False)
