"""Metrics/golden/coco-sets.json and Masks/golden/polygons.json: what pycocotools says of random sets and polygons.

pycocotools is in no distribution that this project builds from; build it from github.com/cocodataset/cocoapi (8c9bcc3)
and set PYTHONPATH to its PythonAPI: `cython3 -2 _mask.pyx`, then compile _mask.c with common/maskApi.c.
"""
import contextlib
import copy
import io
import json
import math
import pathlib
import random
import sys

from pycocotools import mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

TESTS = pathlib.Path(__file__).resolve().parent.parent / "KdNotebooks.Core.Tests"


def polygon(dice, kind, h, w):
    n = dice.randint(3, 12)
    if kind == 0:  # crosses itself and the image's edges
        return [round(dice.uniform(-0.2, 1.2) * (h if i % 2 else w), 2) for i in range(2 * n)]
    if kind == 1:
        x, y, bw, bh = dice.randint(0, w), dice.randint(0, h), dice.randint(0, w // 2), dice.randint(0, h // 2)
        return [x, y, x, y + bh, x + bw, y + bh, x + bw, y]
    if kind == 2:
        return [dice.randint(-2, (h if i % 2 else w) + 2) for i in range(2 * n)]
    x, y, r = dice.uniform(0, w), dice.uniform(0, h), dice.uniform(0.3, min(h, w) / 2)
    turns = [2 * math.pi * i / n for i in range(n)]
    return [round(v, 2) for t in turns for v in (x + r * math.cos(t), y + r * math.sin(t))]


def polygons(dice):
    for i in range(80):
        h, w = dice.randint(1, 60), dice.randint(1, 60)
        parts = [polygon(dice, i % 4, h, w) for _ in range(dice.randint(1, 3))]
        runs = mask.frPyObjects([list(map(float, part)) for part in parts], h, w)
        union = mask.merge(runs)
        yield {
            "height": h, "width": w, "polygons": parts, "parts": [run["counts"].decode() for run in runs],
            "union": union["counts"].decode(), "intersection": mask.merge(runs, True)["counts"].decode(),
            "area": int(mask.area(union)), "box": [float(v) for v in mask.toBbox(union)],
            "iou": float(mask.iou([union], [runs[0]], [0])[0, 0]),
            "crowd": float(mask.iou([runs[0]], [union], [1])[0, 0]),
        }


def box(dice, h, w, largest):
    bw, bh = dice.uniform(1, largest * w), dice.uniform(1, largest * h)
    return [round(v, 1) for v in (dice.uniform(0, w - bw), dice.uniform(0, h - bh), bw, bh)]


def near(dice, b):
    return [round(v, 1) for v in (b[0] + dice.gauss(0, 0.05) * b[2], b[1] + dice.gauss(0, 0.05) * b[3],
                                  b[2] * dice.uniform(0.85, 1.15), b[3] * dice.uniform(0.85, 1.15))]


def corners(b):
    x, y, w, h = b
    return [x, y, x, y + h, x + w, y + h, x + w, y]


def coco_set(dice, images, objects, found, crowds=0.15, largest=0.9, categories=(7, 2, 40, 3)):
    truth, results = [], []
    ids = dice.sample(range(1, 1000), images)
    sizes = {i: (dice.choice([120, 200]), dice.choice([160, 200])) for i in ids}
    for i in ids:
        h, w = sizes[i]
        own = []
        for _ in range(dice.randint(0, objects)):
            b = box(dice, h, w, largest)
            crowd = int(dice.random() < crowds)
            runs = mask.frPyObjects([corners(b)], h, w)[0]
            counts = [0]  # column by column
            for pixel in mask.decode(runs).T.ravel():
                if pixel != len(counts) % 2:
                    counts[-1] += 1
                else:
                    counts.append(1)
            own.append({
                "id": len(truth) + len(own) + 1, "image_id": i, "category_id": dice.choice(categories[:3]),
                "bbox": b, "area": round(b[2] * b[3] * dice.uniform(0.5, 1), 1), "iscrowd": crowd,
                "segmentation": {"size": [h, w], "counts": counts} if crowd else [corners(b)]})
        truth += own
        for _ in range(dice.randint(0, found)):
            kind = dice.random()
            base = dice.choice(own) if own and kind < 0.7 else None
            b = near(dice, base["bbox"]) if base else box(dice, h, w, largest)
            category = base["category_id"] if base and kind < 0.6 else dice.choice(categories)
            runs = mask.frPyObjects([corners(b)], h, w)[0]
            results.append({"image_id": i, "category_id": category, "bbox": b, "score": round(dice.random(), 1),
                            "segmentation": {"size": [h, w], "counts": runs["counts"].decode()}})
    dice.shuffle(results)
    dice.shuffle(truth)
    return ({"images": [{"id": i, "height": sizes[i][0], "width": sizes[i][1], "file_name": f"{i}.png"} for i in ids],
             "categories": [{"id": c, "name": f"class {c}"} for c in categories], "annotations": truth}, results)


def numbers(truth, results, kind):
    results = copy.deepcopy(results)
    for one in results:  # with a box, pycocotools takes a mask's area from there
        if kind == "segm":
            del one["bbox"]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = copy.deepcopy(truth)
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(results), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precision = evaluation.eval["precision"]  # [T, R, K, A, M]
    return {"numbers": list(evaluation.stats),
            "classes": [float(precision[:, :, k, 0, 2].mean()) for k in range(precision.shape[2])],
            "curve": [float(v) for v in precision[2, :, 0, 0, 2]]}


def sets(dice):
    for options in [(6, 6, 12), (1, 3, 8), (8, 2, 0 + 3), (12, 4, 6, 0.6), (4, 9, 9, 0, 0.25), (3, 40, 60, 0.05)]:
        truth, results = coco_set(dice, *options)
        yield {"groundTruth": truth, "detections": results,
               "expected": {kind: numbers(truth, results, kind) for kind in ("bbox", "segm")}}
    # More than 100 of a class in an image: boxes alone.
    truth, results = coco_set(dice, 2, 60, 0, categories=(5, 1, 9, 4))
    busy = max(truth["images"], key=lambda image: sum(one["image_id"] == image["id"] for one in truth["annotations"]))
    own = [one["bbox"] for one in truth["annotations"] if one["image_id"] == busy["id"]]
    results += [{"image_id": busy["id"], "category_id": 5, "score": round(dice.random(), 2),
                 "bbox": near(dice, dice.choice(own))} for _ in range(230)]
    for one in truth["annotations"]:
        del one["segmentation"]
    yield {"groundTruth": truth, "detections": results, "expected": {"bbox": numbers(truth, results, "bbox")}}


def main():
    for place, about, content in [
        ("Masks/golden/polygons.json", "frPyObjects, merge, area, toBbox and iou", polygons(random.Random(7))),
        ("Metrics/golden/coco-sets.json", "COCOeval: the twelve numbers, AP of each class (-1: no objects) and the "
         "first class's precision at IoU 0.6", sets(random.Random(3))),
    ]:
        text = json.dumps({"about": f"Made by tests/golden/make_coco.py with pycocotools: {about}.",
                           "cases": list(content)}, separators=(",", ":")) + "\n"
        path = TESTS / place
        if "--check" in sys.argv:
            same = path.read_text() == text
            print(f"{place}: {'same' if same else 'DIFFERS'}")
            if not same:
                sys.exit(1)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)


main()
