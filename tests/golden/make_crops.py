"""Writes crops.json: pictures as PNG and JPEG, and what torchvision's transforms make of them on Pillow images.

/usr/bin/python3 tests/golden/make_crops.py > tests/KdNotebooks.Core.Tests/Data/Transforms/golden/crops.json
(torchvision 0.14, Pillow 9.4: apt install python3-torchvision)
"""
import base64, io, json
import numpy as np
from PIL import Image
from torchvision.transforms import functional as F
from torchvision.transforms import CenterCrop, Resize

random = np.random.default_rng(11)


def picture(width, height):
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 90 * np.sin(x / (3 + c) + c) * np.cos(y / (5 - c) + 2 * c) + random.normal(0, 20, (height, width)) for c in range(3)]
    return Image.fromarray(np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8))


def packed(image):
    return base64.b64encode(np.asarray(image.convert("RGB")).transpose(2, 0, 1).tobytes()).decode()


entries = []
for name, size, kind in [
    ("photograph", (120, 90), "JPEG"), ("upright", (61, 97), "JPEG"), ("progressive", (90, 70), "JPEG"), ("gray", (83, 64), "JPEG"),
    ("4:4:4", (77, 52), "JPEG"), ("png", (64, 48), "PNG"), ("small", (12, 9), "PNG"), ("1x1", (1, 1), "PNG"), ("line", (1, 40), "PNG"), ("row", (53, 1), "PNG"),
]:
    image, stream = picture(*size), io.BytesIO()
    image = image.convert("L") if name == "gray" else image
    image.save(stream, kind, **({"quality": 92, "progressive": name == "progressive", "subsampling": 0 if name == "4:4:4" else 2} if kind == "JPEG" else {}))
    image = Image.open(io.BytesIO(stream.getvalue())).convert("RGB")
    width, height = image.size
    crops = []
    for _ in range(4):
        w, h = int(random.integers(1, width + 1)), int(random.integers(1, height + 1))
        top, left, side = int(random.integers(0, height - h + 1)), int(random.integers(0, width - w + 1)), int(random.choice([16, 24, 31]))
        cropped = F.resized_crop(image, top, left, h, w, [side, side])
        crops.append({"top": top, "left": left, "height": h, "width": w, "size": side, "rgb": packed(cropped), "mirrored": packed(F.hflip(cropped))})
    middles = [{"side": side, "crop": crop, "rgb": packed(CenterCrop(crop)(Resize(side)(image)))} for side, crop in [(32, 28), (25, 20), (17, 17), (20, 27)]]
    entries.append({"name": name, "width": width, "height": height, "file": base64.b64encode(stream.getvalue()).decode(), "crops": crops, "middles": middles})
print(json.dumps(entries, indent=1))
