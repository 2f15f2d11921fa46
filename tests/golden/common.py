"""What the scripts share: tensors that follow a formula, and writing or checking a file."""
import json
import math
import pathlib
import re
import sys

import torch

TESTS = pathlib.Path(__file__).resolve().parent.parent / "KdNotebooks.Core.Tests"


def wave(shape, a, b, c=1.0):
    """c sin(a i + b) over the flat row-major index i, float64."""
    index = torch.arange(math.prod(shape), dtype=torch.float64)
    return (c * (a * index + b).sin()).view(*shape)


def image(shape):
    """sin(0.011 i) + 0.5 sin(0.37 i + 1) over the flat index of [N, C, H, W], float32."""
    index = torch.arange(math.prod(shape), dtype=torch.float64)
    return ((0.011 * index).sin() + 0.5 * (0.37 * index + 1).sin()).float().view(*shape)


@torch.no_grad()
def fill(model):
    """Gives a model weights that depend on names and shapes alone, and evaluation mode."""
    for k, (name, tensor) in enumerate(sorted(model.state_dict().items())):
        s = (0.37 * torch.arange(tensor.numel(), dtype=torch.float64) + k).sin()
        if name.endswith("num_batches_tracked"):
            values = 0 * s
        elif name.endswith("running_var"):
            values = 1 + 0.5 * s * s
        elif name.endswith("running_mean") or name.endswith("bias"):
            values = 0.1 * s
        elif tensor.dim() == 1:
            values = 1 + 0.1 * s
        else:
            values = s / math.sqrt(tensor.numel() / tensor.shape[0])
        tensor.copy_(values.view(tensor.shape))
    return model.eval()


def summary(tensor):
    """Shape, mean, l2 norm (both summed in float64), first 8 and last 4 values in row-major order."""
    flat = tensor.detach().double().contiguous().flatten()
    return {
        "shape": list(tensor.shape), "mean": flat.mean().item(), "l2": flat.norm().item(),
        "first": [round(v, 7) for v in flat[:8].tolist()], "last": [round(v, 7) for v in flat[-4:].tolist()],
    }


def differences(made, committed, path=""):
    """Pairs of a path and how far two documents are apart there: of numbers, of the committed one's size."""
    if isinstance(committed, dict) and isinstance(made, dict):
        for key in [*committed, *(key for key in made if key not in committed)]:
            if key in committed and key in made:
                yield from differences(made[key], committed[key], f"{path}/{key}")
            else:
                yield f"{path}/{key}", math.inf
    elif isinstance(committed, list) and isinstance(made, list) and len(committed) == len(made):
        for at, pair in enumerate(zip(made, committed)):
            yield from differences(*pair, f"{path}/{at}")
    elif isinstance(committed, float) and isinstance(made, (int, float)):
        yield path, abs(made - committed) / max(abs(committed), 1e-300) if made != committed else 0.0
    elif made != committed:
        yield path, math.inf


def one_line(values):
    return "[" + ", ".join(value.strip() for value in values[1:-1].split(",")) + "]"


def main(made, file, short_lists):
    """Writes the file; with --check TOLERANCE compares with the committed one and fails beyond it."""
    if sys.argv[1:2] == ["--check"]:
        tolerance = float(sys.argv[2]) if len(sys.argv) > 2 else 1e-9
        apart = sorted(differences(made, json.loads(file.read_text())), key=lambda pair: -pair[1])
        worst = apart[0] if apart else ("", 0.0)
        beyond = [pair for pair in apart if pair[1] > tolerance]
        print(f"{file.name}: {len(apart)} numbers compared, {len(beyond)} beyond {tolerance:g}; "
              f"the furthest is {worst[0]}, {worst[1]:.2g} of its size off")
        for path, by in beyond[:20]:
            print(f"  {path}: {by:.2g}")
        sys.exit(1 if beyond else 0)
    text = json.dumps(made, indent=1)
    if short_lists:
        text = re.sub(r"\[[-+.,eE\d\s]*\]", lambda found: one_line(found.group()), text)
    file.write_text(text + "\n")
