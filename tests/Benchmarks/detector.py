"""A training step of torchvision's Faster R-CNN, for the ratio of KdNotebooks.Benchmarks.

Usage: python3 detector.py THREADS STEPS, with Debian's python3-torchvision. Prints one JSON object: the time of each step
but the first in milliseconds, as a step is usually written, in the default layout.
"""

import json
import sys
import time

import torch
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone

IMAGES, SIDE, CLASSES, THINGS = 2, 320, 90, 7


def draws(count, start):
    """0 to 1, the same in every language that has a sine in double precision."""
    wave = ((torch.arange(count, dtype=torch.float64) + start) * 12.9898).sin() * 43758.5453
    return wave - wave.floor()


def target(image):
    corner = torch.stack([draws(THINGS, image), draws(THINGS, image + 1e5)], 1) * (SIDE - 120)
    size = 16 + 100 * torch.stack([draws(THINGS, image + 2e5), draws(THINGS, image + 3e5)], 1)
    return {"boxes": torch.cat([corner, corner + size], 1).float(), "labels": torch.arange(THINGS) + 1}


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    backbone = resnet_fpn_backbone(
        backbone_name="resnet18", weights=None, norm_layer=torch.nn.BatchNorm2d, trainable_layers=5)
    model = FasterRCNN(backbone, CLASSES + 1, min_size=SIDE, max_size=SIDE).train()
    optimizer = torch.optim.SGD(model.parameters(), 1e-4, momentum=0.9)
    images = [torch.rand(3, SIDE, SIDE) for _ in range(IMAGES)]
    targets = [target(image) for image in range(IMAGES)]
    times = []
    for _ in range(int(sys.argv[2]) + 1):
        start = time.perf_counter()
        losses = sum(model(images, targets).values())
        optimizer.zero_grad()
        losses.backward()
        optimizer.step()
        times.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"step": times[1:]}))
