"""torchvision's operators on boxes and regions, for the ratios of KdNotebooks.Benchmarks.

Usage: python3 regions.py THREADS ROUNDS, with Debian's python3-torchvision. Prints one JSON object: the shortest time
in milliseconds of each operator, as it is usually called: maps in the default layout.
"""

import json
import sys
import time

import torch
from torchvision.ops import MultiScaleRoIAlign, nms

IMAGES, CHANNELS, SIDE, REGIONS = 2, 256, 800, 512


def draws(count, start):
    """0 to 1, the same in every language that has a sine in double precision."""
    wave = ((torch.arange(count, dtype=torch.float64) + start) * 12.9898).sin() * 43758.5453
    return wave - wave.floor()


def boxes(count, side, least, most, start):
    """Corners anywhere, side lengths even in the logarithm."""
    corner = torch.stack([draws(count, start), draws(count, start + 1e5)], 1) * side
    size = least * (most / least) ** torch.stack([draws(count, start + 2e5), draws(count, start + 3e5)], 1)
    return torch.cat([corner, corner + size], 1).clamp(max=side).float()


def shortest(action, rounds):
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        action()
        times.append(1000 * (time.perf_counter() - start))
    return min(times[1:])


def pooling(size, count, rounds):
    maps = {str(i): torch.randn(IMAGES, CHANNELS, SIDE >> i, SIDE >> i, requires_grad=True) for i in range(2, 6)}
    each = boxes(count, SIDE, 16, 400, 1).chunk(IMAGES)
    pool = MultiScaleRoIAlign(["2", "3", "4", "5"], size, 2)
    run = lambda: pool(maps, list(each), [(SIDE, SIDE)] * IMAGES)
    slope = torch.ones(count, CHANNELS, size, size)

    def learn():
        for level in maps.values():
            level.grad = None
        run().backward(slope)

    with torch.no_grad():
        forward = shortest(run, rounds)
    return {"forward": forward, "both": shortest(learn, rounds)}


def suppression(count, rounds):
    rows, scores = boxes(count, 300, 8, 80, 7), draws(count, 9e5).float()
    return shortest(lambda: nms(rows, scores, 0.5), rounds)


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    many = int(sys.argv[2])
    print(json.dumps({
        "pool7": pooling(7, REGIONS, many), "pool14": pooling(14, REGIONS // 4, many),
        "nms": {str(count): suppression(count, many) for count in (1000, 4000, 10000)},
    }))
