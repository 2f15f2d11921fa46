"""PNG files of every kind, written chunk by chunk here, with the colors that Pillow reads in each.

apt install python3-pil; /usr/bin/python3 tests/golden/make_png.py [--check]
"""
import base64
import io
import json
import os
import random
import struct
import sys
import zlib

from PIL import Image

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                   "../KdNotebooks.Core.Tests/Data/Formats/golden/png.json")
NAMES = {0: "gray", 2: "rgb", 3: "palette", 4: "gray and alpha", 6: "rgb and alpha"}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack(samples, bits):
    if bits == 16:
        return struct.pack(f">{len(samples)}H", *samples)
    out, held, count = bytearray(), 0, 0
    for sample in samples:
        held, count = held << bits | sample, count + bits
        if count == 8:
            out.append(held)
            held = count = 0
    return bytes(out) + (bytes([held << (8 - count)]) if count else b"")


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def filtered(rows, step):
    above, out = bytes(len(rows[0])), b""
    for y, row in enumerate(rows):
        kind = (y + 1) % 5
        line = bytearray([kind])
        for i, value in enumerate(row):
            a, b, c = (row[i - step] if i >= step else 0), above[i], (above[i - step] if i >= step else 0)
            line.append((value - (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]) % 256)
        out, above = out + bytes(line), row
    return out


def png(width, height, bits, color, interlaced, draw, extra):
    channels = CHANNELS[color]
    most = 5 if color == 3 and bits == 4 else 1 << bits  # a palette may be shorter than its bits allow
    image = [[[draw.randrange(most) for _ in range(channels)] for _ in range(width)] for _ in range(height)]
    raw = b""
    for x0, y0, dx, dy in ADAM7 if interlaced else ((0, 0, 1, 1),):
        rows = [pack([s for pixel in line[x0::dx] for s in pixel], bits) for line in image[y0::dy]]
        if rows and rows[0]:
            raw += filtered(rows, max(1, channels * bits // 8))
    parts = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, int(interlaced)))
    parts += b"".join(chunk(kind, data) for kind, data in extra if kind != b"tRNS")
    if color == 3:
        parts += chunk(b"PLTE", bytes(draw.randrange(256) for _ in range(3 * most)))
    parts += b"".join(chunk(kind, data) for kind, data in extra if kind == b"tRNS")
    data = zlib.compress(raw, 9)
    for at in range(0, len(data), 40):
        parts += chunk(b"IDAT", data[at:at + 40])
    return b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IEND", b"")


def colors(data):
    image = Image.open(io.BytesIO(data))
    if image.mode.startswith("I"):  # 16 bits of gray: Pillow keeps them, and would clip where it converts
        image = Image.frombytes("L", image.size, bytes(value >> 8 for value in image.getdata()))
    return image.convert("RGB").tobytes()


def main():
    draw, made = random.Random(11), []

    def add(name, width, height, bits, color, interlaced=False, extra=()):
        data = png(width, height, bits, color, interlaced, draw, extra)
        made.append({"name": name, "width": width, "height": height,
                     "png": base64.b64encode(data).decode(), "rgb": base64.b64encode(colors(data)).decode()})

    for color, depths in DEPTHS.items():
        for bits in depths:
            for interlaced in (False, True):
                add(f"{NAMES[color]}, {bits} bits{', interlaced' if interlaced else ''}", 11, 9, bits, color, interlaced)
    gamma = (b"gAMA", struct.pack(">I", 100000))
    wide = (b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
    add("gray of gamma 1", 7, 5, 8, 0, extra=[gamma])
    add("rgb of gamma 1 and wide primaries", 7, 5, 8, 2, extra=[gamma, wide])
    add("palette of gamma 1", 7, 5, 8, 3, extra=[gamma])
    add("rgb that says sRGB", 7, 5, 8, 2, extra=[(b"sRGB", b"\0")])
    add("gray with tRNS", 7, 5, 8, 0, extra=[(b"tRNS", b"\0\x10")])
    add("rgb with tRNS", 7, 5, 8, 2, extra=[(b"tRNS", b"\0\x10\0\x20\0\x30")])
    add("palette with tRNS", 7, 5, 2, 3, extra=[(b"tRNS", b"\0\x80\xff\x40")])
    add("gray with sBIT and background", 7, 5, 8, 0, extra=[(b"sBIT", b"\5"), (b"bKGD", b"\0\xff")])
    for width, height in ((1, 1), (2, 3), (5, 1), (1, 9)):
        add(f"rgb {width}x{height}, interlaced", width, height, 8, 2, True)
        add(f"gray {width}x{height} of 2 bits, interlaced", width, height, 2, 0, True)

    text = json.dumps(made, indent=0) + "\n"
    if "--check" in sys.argv:
        same = text == open(OUT).read()
        print("the same" if same else "differs")
        sys.exit(not same)
    os.makedirs(os.path.dirname(OUT), exist_ok=True)
    open(OUT, "w").write(text)
    print(f"{len(made)} files, {len(text)} bytes")


main()
