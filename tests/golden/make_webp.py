"""Writes webp.json: WebP files with the colors that Pillow reads in them.

/usr/bin/python3 tests/golden/make_webp.py > tests/KdNotebooks.Core.Tests/Data/Formats/golden/webp.json   (Pillow 9.4 with libwebp 1.2)
"""
import base64, io, json
import numpy as np
from PIL import Image

random = np.random.default_rng(3)


def picture(height, width, channels):
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 100 * np.sin(x / 4 + c) * np.cos(y / 3 + 2 * c) + random.normal(0, 8, (height, width)) for c in range(channels)]
    return Image.fromarray(np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8).squeeze())


def saved(image, **options):
    stream = io.BytesIO()
    image.save(stream, "WEBP", **options)
    return stream.getvalue()


color, alpha = picture(19, 29, 3), picture(14, 23, 4)
exif = Image.Exif()
exif[0x0112] = 6
files = {
    "lossy": saved(color, quality=80), "lossless": saved(color, lossless=True), "gray": saved(picture(11, 17, 1), lossless=True),
    "alpha, lossless": saved(alpha, lossless=True, exact=True), "alpha, lossy": saved(alpha, quality=90, exact=True), "1x1": saved(Image.new("RGB", (1, 1), (9, 200, 31)), lossless=True),
    "turned by EXIF (6)": saved(color, exif=exif, lossless=True),
    "animated": saved(color, save_all=True, append_images=[picture(19, 29, 3)], lossless=True),
}
entries = []
for name, file in files.items():
    image = Image.open(io.BytesIO(file))
    entries.append({
        "name": name, "height": image.height, "width": image.width, "webp": base64.b64encode(file).decode(),
        "rgb": base64.b64encode(np.asarray(image.convert("RGB")).transpose(2, 0, 1).tobytes()).decode(),
    })
print(json.dumps(entries, indent=1))
