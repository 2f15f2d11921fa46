"""Writes jpeg.json: JPEG files with the colors that Pillow reads in them. Needs Pillow and libjpeg-turbo's cjpeg.

python3 tests/golden/make_jpeg.py > tests/KdNotebooks.Core.Tests/Data/Formats/golden/jpeg.json   (Pillow 9.4, cjpeg 2.1)
"""
import base64, io, json, subprocess
import numpy as np
from PIL import Image

random = np.random.default_rng(7)


def picture(height, width, channels):
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 100 * np.sin(x / 4 + c) * np.cos(y / 3 + 2 * c) + random.normal(0, 8, (height, width)) for c in range(channels)]
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def saved(image, **options):
    stream = io.BytesIO()
    image.save(stream, "JPEG", **options)
    return stream.getvalue()


def turbo(*options):
    stream = io.BytesIO()
    color.save(stream, "PPM")
    return subprocess.run(["cjpeg", *options], input=stream.getvalue(), capture_output=True, check=True).stdout


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(color, exif=exif)


color = Image.fromarray(picture(19, 29, 3))
cmyk = saved(Image.fromarray(picture(17, 21, 4), "CMYK"), quality=90)
adobe = cmyk.index(b"\xff\xee")
files = {
    "4:2:0": saved(color, quality=90), "4:4:4": saved(color, quality=95, subsampling=0), "4:2:2": saved(color, subsampling=1),
    "4:1:1": turbo("-sample", "4x1"), "4:4:0": turbo("-sample", "1x2"), "progressive": saved(color, progressive=True),
    "quality 5": saved(color, quality=5), "optimized": saved(color, optimize=True), "RGB, not YCC": turbo("-rgb"),
    "restarts": turbo("-restart", "1B"), "restarts, progressive": turbo("-restart", "2B", "-progressive"),
    "gray": saved(Image.fromarray(picture(11, 33, 1)[..., 0])), "gray, progressive": saved(Image.fromarray(picture(9, 16, 1)[..., 0]), progressive=True),
    "CMYK": cmyk, "CMYK without Adobe's mark": cmyk[:adobe] + cmyk[adobe + 2 + int.from_bytes(cmyk[adobe + 2:adobe + 4], "big"):],
    "turned by EXIF (6)": turned(6), "mirrored by EXIF (2)": turned(2), "1x1": saved(Image.fromarray(picture(1, 1, 3))),
    "bytes behind the end": saved(color) + b"\xff\xd8more",
}
entries = []
for name, file in files.items():
    image = Image.open(io.BytesIO(file))
    entries.append({
        "name": name, "height": image.height, "width": image.width, "jpeg": base64.b64encode(file).decode(),
        "rgb": base64.b64encode(np.asarray(image.convert("RGB")).transpose(2, 0, 1).tobytes()).decode(),
    })
entries.append({"name": "arithmetic", "height": 0, "width": 0, "jpeg": base64.b64encode(turbo("-arithmetic")).decode(), "rgb": ""})
print(json.dumps(entries, indent=1))
