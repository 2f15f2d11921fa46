"""Worked values of every loss with its usual options, for two fixed cases: plain Python, nothing but `math`.

Written from the papers' formulas (docs/method.md, section 4) apart from both the library and the F# formulas, so that
extensions/KdNotebooks.Properties/WorkedValues.fs compares three ways of computing each. Prints its table:

    python3 tests/golden/worked_values.py
"""
from math import erfc, exp, log, pi, sqrt

N, C, H, W = 3, 2, 5, 2
K = 4
LABELS = [1, 0, 3]


def student(i):
    return ((7 * i + 3) % 11 - 5) / 4


def teacher(i):
    return ((5 * i + 1) % 13 - 6) / 4


def maps(value):
    return [[[[value(((n * C + c) * H + y) * W + x) for x in range(W)] for y in range(H)] for c in range(C)]
            for n in range(N)]


def logits(value):
    return [[value(n * K + k) for k in range(K)] for n in range(N)]


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def softmax(row, t):
    powers = [exp(z / t) for z in row]
    return [power / sum(powers) for power in powers]


def kl(p, q):
    return sum(a * log(a / b) for a, b in zip(p, q))


def flat(channel):
    return [value for row in channel for value in row]


def unit(vector):
    length = sqrt(sum(value * value for value in vector))
    return [value / length for value in vector]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def deviation_from_mean(vector):
    middle = mean(vector)
    return [value - middle for value in vector]


def huber(d):
    return d * d / 2 if abs(d) < 1 else abs(d) - 0.5


S, T = maps(student), maps(teacher)
Z, V = logits(student), logits(teacher)
EVERY = [(n, c, y, x) for n in range(N) for c in range(C) for y in range(H) for x in range(W)]
SQUARES = [(S[n][c][y][x] - T[n][c][y][x]) ** 2 for n, c, y, x in EVERY]
PS, PT = ([[mean(flat(channel)) for channel in image] for image in side] for side in (S, T))


def kd(t=4):
    return mean(t * t * kl(softmax(v, t), softmax(z, t)) for z, v in zip(Z, V))


def dkd(alpha=1, beta=8, t=4):
    total = 0
    for z, v, label in zip(Z, V, LABELS):
        q, p = softmax(z, t), softmax(v, t)
        target = kl([p[label], 1 - p[label]], [q[label], 1 - q[label]])
        rest = [k for k in range(K) if k != label]
        other = kl([p[k] / (1 - p[label]) for k in rest], [q[k] / (1 - q[label]) for k in rest])
        total += t * t * (alpha * target + beta * other)
    return total / N


def pearson(a, b):
    a, b = deviation_from_mean(a), deviation_from_mean(b)
    return dot(a, b) / (sqrt(dot(a, a)) * sqrt(dot(b, b)) + 1e-8)


def dist():
    q, p = [softmax(z, 1) for z in Z], [softmax(v, 1) for v in V]
    rows = mean(pearson(a, b) for a, b in zip(q, p))
    columns = mean(pearson(a, b) for a, b in zip(zip(*q), zip(*p)))
    return 1 - rows + 1 - columns


def attention(image):
    return unit([mean(image[c][y][x] ** 2 for c in range(C)) for y in range(H) for x in range(W)])


def at():
    return mean((a - b) ** 2 for s, t in zip(S, T) for a, b in zip(attention(s), attention(t)))


def ft():
    return mean(abs(a - b) for s, t in zip(S, T) for a, b in zip(attention(s), attention(t)))


def sp():
    def gram(side):
        rows = [flat(flat_channels(image)) for image in side]
        return [unit([dot(a, b) for b in rows]) for a in rows]

    def flat_channels(image):
        return [flat(channel) for channel in image]

    return sum((a - b) ** 2 for r, q in zip(gram(S), gram(T)) for a, b in zip(r, q)) / N ** 2


def nst():
    def kernel(a, b):
        return mean(dot(unit(flat(x)), unit(flat(y))) ** 2 for x in a for y in b)

    return mean(kernel(s, s) + kernel(t, t) - 2 * kernel(s, t) for s, t in zip(S, T))


def rkd():
    def minus(a, b):
        return [x - y for x, y in zip(a, b)]

    def distances(points):
        every = [[sqrt(dot(minus(a, b), minus(a, b))) for b in points] for a in points]
        average = sum(map(sum, every)) / (N * (N - 1))
        return [d / average for row in every for d in row]

    def angles(points):
        def way(a, b):
            return [0.0] * C if a == b else unit(minus(b, a))

        return [dot(way(a, b), way(a, c)) for a in points for b in points for c in points]

    return (25 * mean(huber(a - b) for a, b in zip(distances(PS), distances(PT)))
            + 50 * mean(huber(a - b) for a, b in zip(angles(PS), angles(PT))))


def pkt():
    def soft(vector):
        return [value / (sqrt(dot(vector, vector)) + 1e-7) for value in vector]

    def near(points):
        ways = [soft(point) for point in points]
        rows = [[(dot(a, b) + 1) / 2 for b in ways] for a in ways]
        return [value / sum(row) for row in rows for value in row]

    return mean(p * log((p + 1e-7) / (q + 1e-7)) for p, q in zip(near(PT), near(PS)))


def cc():
    delta = [[abs(a - b) for a, b in zip(s, t)] for s, t in zip(PS, PT)]
    return sum(dot(delta[i], delta[i + 1]) for i in range(N - 1)) / (N - 1)


def vid():
    return mean((square / 5 + log(5)) / 2 for square in SQUARES)


def ab():
    total = 0
    for n, c, y, x in EVERY:
        s, t = S[n][c][y][x], T[n][c][y][x]
        total += max(0, 1 - s) ** 2 if t > 0 else max(0, 1 + s) ** 2
    return 3 / 1000 * total / N


def ofd():
    """With each channel's margin from the mean and deviation of the teacher's map, as a batch normalization has them."""
    margins = []
    for c in range(C):
        numbers = [value for n in range(N) for value in flat(T[n][c])]
        mu = mean(numbers)
        sigma = sqrt(mean((value - mu) ** 2 for value in numbers))
        off = erfc(mu / sigma / sqrt(2)) / 2
        margins.append(mu - sigma * exp(-(mu / sigma) ** 2 / 2) / sqrt(2 * pi) / off)
    total = 0
    for n, c, y, x in EVERY:
        s, t = S[n][c][y][x], T[n][c][y][x]
        goal = max(t, margins[c])
        total += (s - goal) ** 2 if s > goal or t > 0 else 0
    return total / N


def cwd():
    return mean(kl(softmax(flat(T[n][c]), 1), softmax(flat(S[n][c]), 1)) for n in range(N) for c in range(C))


def pkd():
    def standard(side, c):
        numbers = deviation_from_mean([value for n in range(N) for value in flat(side[n][c])])
        deviation = sqrt(dot(numbers, numbers) / (len(numbers) - 1))
        return [value / (deviation + 1e-6) for value in numbers]

    return mean((a - b) ** 2 for c in range(C) for a, b in zip(standard(S, c), standard(T, c))) / 2


def fgd(beta=5e-4, gamma=5e-4, weight=5e-6, t=0.5):
    """Without boxes all is background; the contexts of the relation start by adding nothing."""
    def attended(means):
        return [value * len(means) for value in softmax(means, t)]

    def attentions(image):
        return (attended([mean(abs(image[c][y][x]) for c in range(C)) for y in range(H) for x in range(W)]),
                attended([mean(abs(value) for value in flat(channel)) for channel in image]))

    total = weight * sum(SQUARES)
    for s, t_ in zip(S, T):
        (space, channels), (own_space, own_channels) = attentions(t_), attentions(s)
        total += beta / (H * W) * sum(
            space[y * W + x] * channels[c] * (s[c][y][x] - t_[c][y][x]) ** 2
            for c in range(C) for y in range(H) for x in range(W))
        total += gamma * sum(abs(a - b) for a, b in zip(space + channels, own_space + own_channels))
    return total / N


def hcl():
    def pooled(size):
        def bins(whole, i):
            return range(i * whole // size, -(-(i + 1) * whole // size))

        return mean(
            mean(S[n][c][y][x] - T[n][c][y][x] for y in bins(H, i) for x in bins(W, j)) ** 2
            for n in range(N) for c in range(C) for i in range(size) for j in range(size))

    return (mean(SQUARES) + pooled(4) / 2 + pooled(2) / 4 + pooled(1) / 8) / (1 + 1 / 2 + 1 / 4 + 1 / 8)


def srd():
    def standard(points):
        columns = []
        for column in zip(*points):
            column = deviation_from_mean(column)
            columns.append([value / sqrt(dot(column, column) / N + 1e-4) for value in column])
        return [value for column in columns for value in column]

    return log(sum((a - b) ** 4 for a, b in zip(standard(PS), standard(PT))))


def vkd():
    total = []
    for s, t in zip(PS, PT):
        t = deviation_from_mean(t)
        t = [value / sqrt(dot(t, t) / C + 1e-5) for value in t]
        total += [huber(a - b) for a, b in zip(s, t)]
    return mean(total)


def cosine():
    return mean(1 - dot(unit(s), unit(t)) for s, t in zip(PS, PT))


def l2():
    return mean(SQUARES)


def score_l2():
    """Without scores all positions weigh alike."""
    return mean(SQUARES)


if __name__ == "__main__":
    for loss in (kd, dkd, dist, l2, score_l2, at, sp, nst, rkd, pkt, cc, vid, ab, ft, ofd, cwd, pkd, fgd, hcl, srd, vkd, cosine):
        print(f'            "{loss.__name__.replace("_", "-")}", {loss():.12g}')
