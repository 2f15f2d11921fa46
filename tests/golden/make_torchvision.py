"""Models/golden/torchvision.json: outputs of torchvision's models for weights and images that follow a formula."""
import torch
from torchvision import models

from common import TESTS, fill, image, main, summary

ABOUT = (
    "Outputs of torchvision 0.14 / torch 1.13 (CPU, float32, evaluation mode) for models whose weights follow a "
    "formula, so that no weight file is needed. A summary is shape, mean, l2 norm, first 8 and last 4 values in "
    "row-major order.")
WEIGHTS = (
    "State entries sorted by name (ordinal); k is the position in that order, i the flat index, s = sin(0.37 i + k) in "
    "float64. running_var = 1 + 0.5 s^2; running_mean = 0.1 s; names ending in bias = 0.1 s; other one-dimensional "
    "entries = 1 + 0.1 s; the rest = s / sqrt(numel / shape[0]); num_batches_tracked = 0.")
IMAGE = "x = sin(0.011 i) + 0.5 sin(0.37 i + 1) over the flat index of [N,C,H,W]."


def classifier(name):
    model = fill(getattr(models, name)(weights=None, num_classes=10))
    maps = {}
    for stage in ("layer1", "layer2", "layer3", "layer4"):
        getattr(model, stage).register_forward_hook(lambda _, __, out, stage=stage: maps.update({stage: out}))
    return entry(model, [2, 3, 64, 64], 10, lambda x: {"logits": model(x), **maps})


def segmenter(name):
    model = fill(getattr(models.segmentation, name)(
        weights=None, weights_backbone=None, num_classes=5, aux_loss=True))
    return entry(model, [1, 3, 65, 65], 5, lambda x: {key: model(x)[key] for key in ("out", "aux")})


@torch.no_grad()
def entry(model, shape, classes, run):
    return {
        "input": shape, "num_classes": classes,
        "outputs": {key: summary(value) for key, value in run(image(shape)).items()},
        "state": {key: list(value.shape) for key, value in model.state_dict().items()},
    }


def make():
    return {
        "about": ABOUT, "weights": WEIGHTS, "image": IMAGE,
        "models": {
            **{name: classifier(name) for name in ("resnet18", "resnet50", "resnext50_32x4d")},
            **{name: segmenter(name) for name in ("fcn_resnet50", "deeplabv3_resnet50")},
        },
    }


if __name__ == "__main__":
    main(make(), TESTS / "Models/golden/torchvision.json", short_lists=True)
