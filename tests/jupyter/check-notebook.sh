#!/usr/bin/env bash
# Executes a notebook in its smoke preset as Jupyter does and looks at what was saved: every cell ran, no error, no
# plotly.js left behind, under 1 MB.
#   tests/jupyter/check-notebook.sh notebooks/01-channelwise-transform.ipynb [folder to keep the executed notebook in]
set -euo pipefail

notebook=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$(realpath -m "${2:-$work/out}")
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
kd=${KD:-$(ls "$root"/extensions/KdNotebooks.Cli/bin/Debug/net10.0/*/kd 2>/dev/null | head -n 1)}
[ -n "$kd" ] || { echo "check-notebook: no kd here; build it or set KD" >&2; exit 2; }

export JUPYTER_DATA_DIR="$work/data" JUPYTER_RUNTIME_DIR="$work/runtime" XDG_DATA_HOME="$work/xdg"
"$kd" jupyter install >/dev/null
name=$(basename "$notebook")
mkdir -p "$out"
# A notebook without presets runs as it is.
sed -E 's/"let preset = \\"[a-z]+\\"/"let preset = \\"smoke\\"/' "$notebook" >"$work/$name"
cd "$work"
/usr/bin/jupyter nbconvert --to notebook --execute --ExecutePreprocessor.timeout=600 \
    --output-dir "$out" "$name" 2>"$work/log" || { tail -n 40 "$work/log" >&2; exit 1; }

/usr/bin/python3 - "$out/$name" <<'PYTHON'
import json, os, sys

path = sys.argv[1]
cells = [cell for cell in json.load(open(path))["cells"] if cell["cell_type"] == "code"]
cells = [cell for cell in cells if "".join(cell["source"]).strip()]
outputs = [output for cell in cells for output in cell["outputs"]]
figures = [o for o in outputs if "application/vnd.plotly.v1+json" in o.get("data", {})]
assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1)), "a cell did not run"
assert not [o for o in outputs if o["output_type"] == "error"], "a cell failed"
text = open(path).read()
assert "plotly.js v" not in text and "Plotly.register" not in text, "the plotly.js library was saved"
size = os.path.getsize(path)
assert size < 1_000_000, f"{size} bytes; expected under 1,000,000"
print(f"check-notebook: {os.path.basename(path)}: {len(cells)} cells, {len(figures)} figures, {size // 1024} KiB")
PYTHON
