"""Files of torch.save in every format and protocol, with what is in them; read by Weights/PyTorch/SavedFileTests.cs.

/usr/bin/python3 tests/golden/make_pth.py            # writes the committed file anew
Debian 12: python3-torch 1.13.1. Nothing in the files is run by the tests; `hostile` ones would run something in PyTorch.
"""

import argparse
import base64
import collections
import io
import json
import os
import pathlib

import numpy
import torch

OUT = pathlib.Path(__file__).resolve().parent.parent / "KdNotebooks.Core.Tests/Weights/PyTorch/golden/saved.json"


def entries(state):
    return {
        name: {
            "dtype": str(value.dtype).removeprefix("torch."),
            "shape": list(value.shape),
            "values": [float(x) for x in value.detach().double().reshape(-1)],
        }
        for name, value in state.items()
    }


def save(value, **options):
    out = io.BytesIO()
    torch.save(value, out, **options)
    return base64.b64encode(out.getvalue()).decode()


class Runs:
    """Runs a command where it is unpickled in Python."""

    def __init__(self, function, *arguments):
        self.what = (function, arguments)

    def __reduce__(self):
        return self.what


def main():
    torch.manual_seed(7)
    state = collections.OrderedDict(
        [("conv.weight", torch.randn(2, 3, 2, 2)), ("conv.bias", torch.arange(2.0)), ("count", torch.tensor(5))])
    files = {}

    for protocol in range(6):
        for zipped in (True, False):
            files[f"protocol {protocol}, {'zip' if zipped else 'legacy'}"] = {
                "file": save(state, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped), "entries": entries(state)}

    base = torch.arange(24.0).reshape(4, 6)
    views = {"t": base.t(), "part": base[1:3, 2:5], "step": base[:, ::2], "again": base, "one": torch.tensor([3.0]).expand(2, 3),
             "none": base[:0]}
    files["views, legacy"] = {"file": save(views, _use_new_zipfile_serialization=False), "entries": entries(views)}

    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.randn(4, 2)).sum().backward()
    optimizer.step()
    training = {"epoch": 3, "arch": "tiny", "state_dict": model.state_dict(), "best_acc": torch.tensor(71.5),
                "optimizer": optimizer.state_dict(), "lr": numpy.float64(0.1), "args": argparse.Namespace(lr=0.1),
                "names": {"a", "b"}, "path": pathlib.PurePosixPath("/tmp")}
    for zipped in (True, False):
        files[f"training, {'zip' if zipped else 'legacy'}"] = {
            "file": save(training, _use_new_zipfile_serialization=zipped), "entry": "state_dict",
            "entries": entries(model.state_dict()),
            "not_built": ["argparse.Namespace", "numpy.core.multiarray.scalar", "pathlib.PurePosixPath"]}

    average = torch.optim.swa_utils.AveragedModel(model)
    files["several"] = {"file": save({"student": model.state_dict(), "ema": average.state_dict()}),
                        "error": ["'ema' (8 tensors)", "'student' (7 tensors)", "Choose one"]}
    files["whole model"] = {"file": save(model), "error": ["torch.nn.modules.container.Sequential", "state_dict()"]}
    files["one tensor"] = {"file": save(base), "error": ["a tensor", "state_dict()"]}
    files["nothing"] = {"file": save({"epoch": 3, "note": "x"}), "error": ["'epoch' (a number)"]}
    files["parameters"] = {"file": save(dict(model.named_parameters())), "entries": entries(dict(model.named_parameters()))}

    odd = {"good": torch.ones(2), "complex": torch.ones(2, dtype=torch.complex64),
           "sparse": torch.eye(2).to_sparse(), "quantized": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
           "text": "x"}
    for zipped in (True, False):
        files[f"odd types, {'zip' if zipped else 'legacy'}"] = {
            "file": save(odd, _use_new_zipfile_serialization=zipped), "entries": entries({"good": odd["good"]}),
            "refused": ["complex", "quantized", "sparse"]}

    for name, what in {"system": Runs(os.system, "touch /tmp/kd-was-run"),
                       "eval": Runs(eval, "open('/tmp/kd-was-run', 'w')"),
                       "exec": Runs(exec, "open('/tmp/kd-was-run', 'w')")}.items():
        for zipped in (True, False):
            kind = "zip" if zipped else "legacy"
            files[f"{name} beside, {kind}"] = {
                "file": save({"model": state, "run": what}, _use_new_zipfile_serialization=zipped), "entry": "model",
                "entries": entries(state), "not_built": [f"{what.what[0].__module__}.{what.what[0].__name__}"]}
            mixed = dict(state)
            mixed["run"] = what
            files[f"{name} within, {kind}"] = {
                "file": save(mixed, _use_new_zipfile_serialization=zipped), "entries": entries(state), "refused": ["run"],
                "not_built": [f"{what.what[0].__module__}.{what.what[0].__name__}"]}

    script = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), script)
    files["script"] = {"file": base64.b64encode(script.getvalue()).decode(), "error": ["TorchScript"]}

    OUT.write_text(json.dumps({"about": f"Made by tests/golden/make_pth.py with PyTorch {torch.__version__}.", "files": files},
                              indent=1) + "\n")


if __name__ == "__main__":
    main()
