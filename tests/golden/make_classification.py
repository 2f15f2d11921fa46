"""Models/golden/classification-torchvision.json: classifiers that the other files do not have."""
import hashlib

import torch
from torch import nn
from torchvision import models

from common import TESTS, fill, image, main
from make_torchvision import IMAGE, WEIGHTS

ABOUT = (
    "Outputs of torchvision 0.14 / torch 1.13 (CPU, float32, evaluation mode) for models whose weights follow a "
    "formula, and of MobileNetV1 as the script writes it out. A summary is shape, mean, l2 norm, first 4 and last 2 values in row-major order; 'names' is the SHA-256 of "
    "the state's lines 'name [shape]', sorted by name, and 'entries' how many there are. 'training': the cross entropies of "
    "three steps of SGD (lr 0.05, momentum 0.9, weight decay 5e-4) in training mode in float64, image [4, 3, 64, 64], classes "
    "0 to 3, before each step.")
RESIDUAL = {f"stage{i}": f"layer{i}" for i in range(1, 5)}
# The modules whose outputs are written, by the names that NamedNetworks gives to the places.
NETWORKS = {
    "resnet34": RESIDUAL, "resnet101": RESIDUAL, "resnet152": RESIDUAL, "resnext101_32x8d": RESIDUAL,
    "resnext101_64x4d": RESIDUAL, "wide_resnet50_2": RESIDUAL, "wide_resnet101_2": RESIDUAL,
    "mobilenet_v2": {"stage1": "features.3", "stage2": "features.6", "stage3": "features.13", "stage4": "features.18"},
    "mobilenet_v3_large": {
        "stage1": "features.3", "stage2": "features.6", "stage3": "features.12", "stage4": "features.16"},
    "shufflenet_v2_x1_0": {"stage2": "stage2", "stage3": "stage3", "stage4": "stage4", "last": "conv5"},
    "vgg13_bn": {"stage1": "features.5", "stage5": "features.33"},
    "vgg16_bn": {"stage1": "features.5", "stage5": "features.42"},
}
MOBILE = {"stage1": "backbone.model.3", "stage2": "backbone.model.5", "stage3": "backbone.model.11",
          "stage4": "backbone.model.13"}
WIDTHS = {"mobilenet_v2": [0.35, 1.4], "mobilenet_v3_large": [0.5]}


def mobilenet_v1(width, stem_stride):
    """No Debian package has it: written from its paper's table 1, with the names that MGD's classifier has."""
    def channels(full):
        return max(8, int(full * width + 4) // 8 * 8)  # these widths need no rounding up

    def convolution(inputs, outputs, stride, groups=1, kernel=3):
        return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
                nn.BatchNorm2d(outputs), nn.ReLU()]

    inputs, parts = channels(32), [nn.Sequential(*convolution(3, channels(32), stem_stride))]
    for outputs, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]:
        parts.append(nn.Sequential(
            *convolution(inputs, inputs, stride, groups=inputs), *convolution(inputs, channels(outputs), 1, kernel=1)))
        inputs = channels(outputs)
    backbone, head = nn.Module(), nn.Module()
    backbone.model, head.fc = nn.Sequential(*parts), nn.Linear(inputs, 10)
    model = nn.Module()
    model.backbone, model.head = backbone, head
    model.forward = lambda x: head.fc(backbone.model(x).mean((2, 3)))
    return model


def short(tensor):
    flat = tensor.detach().double().contiguous().flatten()
    return {
        "shape": list(tensor.shape), "mean": flat.mean().item(), "l2": flat.norm().item(),
        "first": [round(v, 7) for v in flat[:4].tolist()], "last": [round(v, 7) for v in flat[-2:].tolist()],
    }


def names(model):
    lines = [f"{name} [{', '.join(map(str, value.shape))}]" for name, value in sorted(model.state_dict().items())]
    return {"entries": len(lines), "names": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


@torch.no_grad()
def entry(model, places, shape=(2, 3, 64, 64)):
    model, maps, modules = fill(model), {}, dict(model.named_modules())
    for place, path in places.items():
        modules[path].register_forward_hook(lambda _, __, out, place=place: maps.update({place: short(out)}))
    logits = model(image(list(shape)))
    return {"input": list(shape), "outputs": {"logits": short(logits), **maps}, **names(model)}


def training(model):
    """In float64, before each of three steps; no network with dropout, which draws."""
    model, x, classes = fill(model.double()).train(), image([4, 3, 64, 64]).double(), torch.arange(4)
    optimizer, losses = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9, weight_decay=5e-4), []
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), classes)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def make():
    made = {}
    for name, places in NETWORKS.items():
        build = getattr(models, name)
        made[name] = entry(build(num_classes=10), places)
        for width in WIDTHS.get(name, []):
            made[f"{name}:{width}"] = entry(build(num_classes=10, width_mult=width), places)
    for name, width, stride in [("mobilenet_v1", 1, 2), ("mobilenet_v1:0.25", 0.25, 2), ("mobilenet_v1:0.125:1", 0.125, 1)]:
        made[name] = entry(mobilenet_v1(width, stride), MOBILE)
    made["mobilenet_v1:0.25"]["training"] = training(mobilenet_v1(0.25, 2))
    made["shufflenet_v2_x1_0"]["training"] = training(models.shufflenet_v2_x1_0(num_classes=10))
    return {"about": ABOUT, "weights": WEIGHTS, "image": IMAGE, "models": made}


if __name__ == "__main__":
    main(make(), TESTS / "Models/golden/classification-torchvision.json", short_lists=True)
