"""Loads exported students into the code bases that they are called after, and runs them there.

/usr/bin/python3 tests/golden/check_export.py FOLDER      # apt install python3-torch python3-torchvision python3-onnx

FOLDER has, for each name, NAME.safetensors and NAME.json ({"classes": K, "image": [C, H, W], "logits": [...]} for two images of
sin(0.37 i) over the flat index), and may have NAME.onnx. Prints a line for each; exit code 1 where logits differ by more than 1e-4
of the largest. Weights/Onnx/OnnxCheckTests.cs writes the folder and runs this.
"""

import json
import pathlib
import struct
import sys

import numpy
import torch
import torchvision

TYPES = {"F32": numpy.float32, "I64": numpy.int64}


def read(path):
    """A safetensors file, by the format's description: Debian has no package for it."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return {
        name: torch.from_numpy(numpy.frombuffer(
            data[8 + length:][slice(*entry["data_offsets"])], TYPES[entry["dtype"]]).reshape(entry["shape"]).copy())
        for name, entry in header.items()
    }


def check(folder, name):
    about = json.loads((folder / f"{name}.json").read_text())
    model = getattr(torchvision.models, name)(num_classes=about["classes"])
    model.load_state_dict(read(folder / f"{name}.safetensors"), strict=True)
    image = about["image"]
    images = (torch.arange(2 * numpy.prod(image), dtype=torch.float64) * 0.37).sin().float().view(2, *image)
    with torch.no_grad():
        logits = model.eval()(images)
    expected = torch.tensor(about["logits"]).view(logits.shape)
    apart = ((logits - expected).abs().max() / expected.abs().max()).item()
    text = f"{name}: torchvision loads it strictly, logits differ by {apart:.1e}"
    if (folder / f"{name}.onnx").exists():
        import onnx

        graph = onnx.load(str(folder / f"{name}.onnx"))
        onnx.checker.check_model(graph, full_check=True)
        text += f"; onnx {onnx.__version__} finds its graph sound"
    print(text)
    return apart <= 1e-4


if __name__ == "__main__":
    place = pathlib.Path(sys.argv[1])
    sys.exit(0 if all([check(place, path.stem) for path in sorted(place.glob("*.json"))]) else 1)
