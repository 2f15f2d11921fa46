"""Ops/golden/ops.json: torchvision's operators on boxes and regions, for inputs that the file holds."""
import torch
from torchvision import ops
from torchvision.models.detection import _utils, anchor_utils, roi_heads
from torchvision.models.detection.image_list import ImageList

from common import TESTS, main, wave

ABOUT = (
    "Outputs of torchvision 0.14 / torch 1.13 (CPU, float32) for boxes, scores and classes drawn here; maps are "
    "sin(0.37 i + 0.1) over the flat index of [N,C,H,W], masks of a mask head 0.5 + 0.5 sin(0.73 i). Row-major lists.")


def flat(tensor):
    return [round(value, 6) for value in tensor.detach().double().flatten().tolist()]


def boxes(count, extent, least, most, generator):
    corner = torch.rand(count, 2, generator=generator) * extent
    # Quarters of pixels: the numbers in the file are the numbers that were used, and some overlaps are equal.
    sides = least + torch.rand(count, 2, generator=generator) * (most - least)
    return (torch.cat([corner, corner + sides], 1) * 4).round() / 4


def suppression():
    entries = []
    for seed, count, kinds, threshold in ((1, 40, 3, 0.5), (2, 300, 5, 0.3), (3, 1300, 4, 0.7), (4, 64, 1, 1 / 3)):
        generator = torch.Generator().manual_seed(seed)
        rows = boxes(count, 60 if count < 1000 else 200, 4, 40, generator)
        # With ties; not beyond 1000 boxes, where torchvision's batched_nms ends with a sort that is not stable.
        scores = (torch.rand(count, generator=generator) * 100).round() / 100
        if count > 1000:
            scores = torch.randperm(count, generator=generator) / 2048
        classes = torch.randint(0, kinds, (count,), generator=generator)
        entries.append({
            "boxes": flat(rows), "scores": flat(scores), "classes": classes.tolist(),
            "threshold": threshold,
            "nms": ops.nms(rows, scores, threshold).tolist(),
            "batched": ops.batched_nms(rows, scores, classes, threshold).tolist(),
        })
    return entries


def pairs():
    generator = torch.Generator().manual_seed(5)
    a, b = boxes(7, 50, 2, 40, generator), boxes(5, 50, 2, 40, generator)
    code = torch.randn(7, 8, generator=generator)
    code[0, 2] = 6  # beyond log(1000 / 16)
    coder = _utils.BoxCoder((10.0, 10.0, 5.0, 5.0))
    return {
        "a": flat(a), "b": flat(b), "iou": flat(ops.box_iou(a, b)), "giou": flat(ops.generalized_box_iou(a, b)),
        "giou_loss": flat(ops.generalized_box_iou_loss(a[:5], b)), "areas": flat(ops.box_area(a)),
        "encoded": flat(coder.encode_single(b, a[:5])), "offsets": flat(code),
        "decoded": flat(coder.decode_single(code, a)),
        "decoded_plain": flat(_utils.BoxCoder((1.0, 1.0, 1.0, 1.0)).decode_single(code, a)),
        "clipped": flat(ops.clip_boxes_to_image(a, (40, 50))), "large": ops.remove_small_boxes(a, 12.0).tolist(),
        "smooth_l1": torch.nn.functional.smooth_l1_loss(
            code, torch.zeros_like(code), beta=1 / 9, reduction="sum").item(),
        "smooth_l1_by": 1 / 9,
    }


def focal():
    logits = wave((6, 5), 0.37, 0.1, 9.0).float()
    targets = (torch.arange(30).view(6, 5) % 4 == 0).float()
    soft = wave((6, 5), 0.9, 0.4, 0.5).float() + 0.5
    cases = {}
    for name, (target, alpha, gamma) in {
            "usual": (targets, 0.25, 2.0), "even": (targets, -1.0, 1.5), "soft": (soft, 0.6, 2.0),
            "none": (targets, 0.25, 0.0)}.items():
        x = logits.clone().requires_grad_()
        ops.sigmoid_focal_loss(x, target, alpha, gamma, "sum").backward()
        cases[name] = {"loss": flat(ops.sigmoid_focal_loss(x, target, alpha, gamma)), "slope": flat(x.grad)}
    return cases


def anchors():
    cases = []
    for sizes, ratios, image, grids in (
            (((32,), (64,), (128,)), (0.5, 1.0, 2.0), (70, 101), ((18, 26), (9, 13), (5, 7))),
            (((20, 25, 31),), (0.4, 1.0, 3.0), (64, 96), ((4, 6),))):
        made = anchor_utils.AnchorGenerator(sizes, (ratios,) * len(sizes))
        images = ImageList(torch.zeros(1, 3, *image), [image])
        out = made(images, [torch.zeros(1, 1, *grid) for grid in grids])[0]
        cases.append({
            "sizes": [list(of) for of in sizes], "ratios": list(ratios), "image": list(image),
            "grids": [list(of) for of in grids], "count": len(out),
            "head": flat(out[:12]), "tail": flat(out[-9:]), "sum": out.double().sum(0).tolist()})
    octaves = tuple((x, int(x * 2 ** (1 / 3)), int(x * 2 ** (2 / 3))) for x in (32, 64, 128, 256, 512))
    retina = torch.stack(anchor_utils.AnchorGenerator(octaves, ((0.5, 1.0, 2.0),) * 5).cell_anchors)
    return {"cases": cases, "retinanet": flat(retina)}


ROIS = [[0, 3, 4, 40, 50], [1, 10.5, 2.25, 90, 70], [1, 0, 0, 95, 63], [1, 30.5, 20.25, 33, 60], [0, -25, -18, 20, 20],
        [0, 80, 50, 190, 130], [1, 40, 40, 40, 40], [1, 50, 50, 30, 20], [0, 300, 300, 320, 330]]


def regions():
    features = wave((2, 2, 16, 24), 0.37, 0.1).float()
    cases = []
    for aligned in (False, True):
        for ratio in (-1, 2, 3):
            x = features.clone().requires_grad_()
            out = ops.roi_align(x, torch.tensor(ROIS), 5, 0.25, ratio, aligned)
            out.backward(wave(out.shape, 0.73, 0.0).float())
            cases.append({"aligned": aligned, "ratio": ratio, "pooled": flat(out), "gradient": flat(x.grad)})
    return {"rois": ROIS, "cases": cases}


def pyramid():
    generator = torch.Generator().manual_seed(6)
    maps = [wave((2, 2, 256 >> level, 320 >> level), 0.37, 0.1).float().requires_grad_() for level in range(2, 6)]
    known = torch.tensor([[0, 0, 224.0, 224], [8, 8, 120, 120], [0, 0, 300, 250]])
    each = [torch.cat([boxes(9, 120, 8, 130, generator), known]),
            boxes(6, 100, 20, 150, generator)]
    pool = ops.MultiScaleRoIAlign(["0", "1", "2", "3"], 4, 2)
    out = pool({str(i): x for i, x in enumerate(maps)}, each, [(256, 320)] * 2)
    out.backward(wave(out.shape, 0.73, 0.0).float())
    return {
        "boxes": [flat(rows) for rows in each], "levels": pool.map_levels(each).tolist(), "pooled": flat(out),
        "gradients": [{"sum": x.grad.double().sum().item(), "l2": x.grad.double().norm().item()} for x in maps]}


def masks():
    places = torch.tensor([
        [3.25, 4.5, 30.75, 22.0], [-6.0, 10.0, 12.5, 60.0], [20.0, 20.0, 20.0, 20.0],
        [35.0, 2.0, 60.0, 14.5], [10.2, 30.1, 11.0, 31.7]])
    heads = wave((5, 1, 28, 28), 0.73, 0.0, 0.5).float() + 0.5
    pasted = roi_heads.paste_masks_in_image(heads, places, (36, 44))[:, 0]
    truth = (wave((3, 36, 44), 0.211, 0.3) > 0.1).to(torch.uint8)
    matches = torch.tensor([0, 2, 1, 1, 0])
    return {
        "boxes": flat(places), "size": [36, 44], "matches": matches.tolist(),
        "pasted": [[round(v, 4) for v in image.flatten().tolist()] for image in pasted],
        "above": [int((image > 0.5).sum()) for image in pasted],
        "targets": flat(roi_heads.project_masks_on_boxes(truth, places, matches, 7)),
        "targets28_sum": roi_heads.project_masks_on_boxes(truth, places, matches, 28).double().sum((1, 2)).tolist()}


def norms():
    norm = ops.FrozenBatchNorm2d(3, eps=1e-5)
    for k, name in enumerate(("weight", "bias", "running_mean", "running_var")):
        getattr(norm, name).copy_(wave((3,), 1.7, 0.3 + k, 0.5).float() + (1 if name == "running_var" else 0))
    x = wave((2, 3, 2, 2), 0.37, 0.1).float()
    out = norm(x)
    norm.eps = 0.0
    return {"usual": flat(out), "none": flat(norm(x))}


def make():
    return {
        "about": ABOUT, "suppression": suppression(), "pairs": pairs(), "focal": focal(), "anchors": anchors(),
        "regions": regions(), "pyramid": pyramid(), "masks": masks(), "norms": norms(),
    }


if __name__ == "__main__":
    main(make(), TESTS / "Ops/golden/ops.json", short_lists=True)
