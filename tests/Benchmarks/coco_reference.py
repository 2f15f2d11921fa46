"""COCO's numbers by pycocotools, timed: coco_reference.py INSTANCES RESULTS bbox|segm. Reading the files is not timed."""
import contextlib
import io
import json
import sys
import time

try:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
except ImportError:
    sys.exit(3)

instances, results, kind = sys.argv[1:]
with contextlib.redirect_stdout(io.StringIO()):
    truth = COCO(instances)
    found = json.load(open(results))
    if kind == "segm":  # so that a mask's area is its own
        for one in found:
            del one["bbox"]
    found = truth.loadRes(found)
    start = time.perf_counter()
    evaluation = COCOeval(truth, found, kind)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "numbers": list(evaluation.stats)}))
