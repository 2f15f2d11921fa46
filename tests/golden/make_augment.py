"""Writes augment.json: pictures, and what torchvision's color jitter and RandAugment operations make of them on Pillow images.

/usr/bin/python3 tests/golden/make_augment.py > tests/KdNotebooks.Core.Tests/Data/Transforms/golden/augment.json
(torchvision 0.14, Pillow 9.4: apt install python3-torchvision)
"""
import base64, json
import numpy as np
from PIL import Image
from torchvision.transforms import functional as F, InterpolationMode, RandAugment
from torchvision.transforms.autoaugment import _apply_op

random = np.random.default_rng(5)


def picture(width, height, channels):
    y, x = np.mgrid[0:height, 0:width]
    planes = [120 + 60 * np.sin(x / (3 + c) + c) * np.cos(y / (5 - c) + 2 * c) + random.normal(0, 15, (height, width)) for c in range(channels)]
    return Image.fromarray(np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8).squeeze())


def packed(image):
    array = np.asarray(image)
    return base64.b64encode((array if array.ndim == 2 else array.transpose(2, 0, 1)).tobytes()).decode()


entries = []
for width, height, channels in [(26, 22, 3), (19, 24, 1)]:
    image = picture(width, height, channels)
    space, made = RandAugment()._augmentation_space(31, (height, width)), []
    for operation, (magnitudes, signed) in space.items():
        for magnitude in [9, 23]:
            for sign in [1, -1] if signed else [1]:
                strength = float(magnitudes[magnitude].item()) * sign if magnitudes.ndim > 0 else 0.0
                made.append({"operation": operation, "magnitude": magnitude, "negative": sign < 0,
                             "pixels": packed(_apply_op(image, operation, strength, interpolation=InterpolationMode.NEAREST, fill=None))})
    jitter = [{"kind": kind, "by": by, "pixels": packed(function(image, by))} for kind, function, values in [
        ("brightness", F.adjust_brightness, [0.6, 1.37]), ("contrast", F.adjust_contrast, [0.6, 1.37]), ("saturation", F.adjust_saturation, [0.0, 0.6, 1.37]),
        ("hue", F.adjust_hue, [0.1, -0.23, 0.5])] for by in values]
    entries.append({"width": width, "height": height, "channels": channels, "image": packed(image), "operations": made, "jitter": jitter})
print(json.dumps(entries, indent=1))
