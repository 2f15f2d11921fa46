#!/usr/bin/env python3
"""Packs the packages, references them from cells of a real .NET Interactive kernel, and looks at what comes.

    /usr/bin/python3 tests/dotnet-interactive/check-interactive.py              # everything, about five minutes
    /usr/bin/python3 tests/dotnet-interactive/check-interactive.py csharp 00    # some of it, by how names begin

Needs Debian's python3-jupyter-client and the tool Microsoft.dotnet-interactive (its path in DOTNET_INTERACTIVE; else it
is installed into a folder that goes with the check). Prints one line for each check; fails if one fails.
"""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from jupyter_client.manager import start_new_kernel

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
# A version of its own: NuGet's cache would otherwise give what an earlier check packed.
VERSION = f"0.1.0-check.{int(time.time())}"
PLOTLY = "application/vnd.plotly.v1+json"

RECIPE = """
open KdNotebooks.FSharp
let recipe =
    distill {
        data (FashionMnist.take 640 250 250 FashionMnist.mini)
        teacher (Pretrained.model "fashion-teacher")
        student (Resnet.small 4)
        connect "layer3" "layer3" (channelMlp 1)
        batchSize 64
        epochs 1
    }
"""

def tool(folder):
    if "DOTNET_INTERACTIVE" in os.environ:
        return os.environ["DOTNET_INTERACTIVE"]
    subprocess.run(
        ["dotnet", "tool", "install", "--tool-path", folder, "Microsoft.dotnet-interactive"],
        check=True, stdout=subprocess.DEVNULL)
    return os.path.join(folder, "dotnet-interactive")


class Kernel:
    def __init__(self, program, language, folder):
        self.messages = []
        spec = os.path.join(folder, "kernels", f"net-{language}")
        os.makedirs(spec, exist_ok=True)
        argv = [program, "jupyter", "--default-kernel", language, "{connection_file}"]
        with open(os.path.join(spec, "kernel.json"), "w") as file:
            json.dump({"argv": argv, "display_name": language, "language": language}, file)
        os.environ["JUPYTER_PATH"] = folder
        self.manager, self.client = start_new_kernel(
            kernel_name=f"net-{language}", startup_timeout=120, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self, code, timeout=300):
        """The reply's status; what came is in `messages`."""
        self.messages = []
        hook = lambda message: self.messages.append((message["msg_type"], message["content"]))
        reply = self.client.execute_interactive(code, timeout=timeout, output_hook=hook, allow_stdin=False)
        return reply["content"]["status"]

    def shown(self, *kinds):
        kinds = kinds or ("display_data", "execute_result")
        return [content["data"] for kind, content in self.messages if kind in kinds]

    def text(self):
        return "\n".join("".join(data.get("text/plain", "")) for data in self.shown())

    def errors(self):
        return "\n".join(content["evalue"] for kind, content in self.messages if kind == "error")

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def check(name, holds, found=""):
    print(f"{'ok    ' if holds else 'FAILED'} {name}", flush=True)
    if not holds:
        print(f"       {found}")
        check.failed += 1


check.failed = 0


def from_fsharp(kernel, feed):
    status = kernel.run(f'#i "nuget:{feed}"\n#r "nuget: KdNotebooks.Interactive, {VERSION}"')
    errors = [content["text"] for kind, content in kernel.messages if kind == "stream" and content["name"] == "stderr"]
    check("an F# cell references the package", status == "ok" and not errors, errors)
    check("the native library loads", kernel.run("TorchSharp.torch.ones(2L, 2L).sum().ToString()") == "ok", kernel.errors())
    check("a recipe is written", kernel.run(RECIPE + "recipe") == "ok" and "text/html" in kernel.shown()[-1], kernel.errors())

    status = kernel.run("#!kd-ablate --aligner none,mlp1 --seeds 2 --as result")
    figures = [data for data in kernel.shown() if PLOTLY in data]
    updates = [content for kind, content in kernel.messages if kind == "update_display_data"]
    library = [data for data in kernel.shown() if "plotly.js v" in "".join(data.get("text/html", ""))]
    check("a magic command trains, with a live display", status == "ok" and len(updates) > 4, kernel.errors())
    check("its charts draw beside an older FSharp.Core", len(figures) == 2, kernel.text())
    check("plotly.js comes once and is emptied", len(library) == 1 and any(
        "".join(content["data"].get("text/html", "x")) == "" for content in updates))
    check("the result has its name", kernel.run("result.Table") == "ok" and "mlp-1" in kernel.text(), kernel.errors())
    check("a command takes it", kernel.run("#!kd-plot maps --of @result") == "ok", kernel.errors())
    check("later figures bring no library", kernel.run("#!kd-plot difference --of @result") == "ok"
          and not any("plotly.js v" in "".join(data.get("text/html", "")) for data in kernel.shown()))

    status = kernel.run("ablate recipe [ mlp 1 ] (seeds 1) |> run")
    updates = [content for kind, content in kernel.messages if kind == "update_display_data"]
    check("the words of F# report live too", status == "ok" and len(updates) > 2, kernel.errors())
    check("a wrong value names the nearest", kernel.run("#!kd-check att") == "error"
          and "the nearest is 'at'" in kernel.errors(), kernel.errors())
    check("help is shown", kernel.run("#!kd-ablate -h") == "ok" and "--aligner LIST" in kernel.text(), kernel.text())
    check("time is the host's own", kernel.run("#!time\n1 + 1") == "ok")


def from_csharp(kernel, feed):
    status = kernel.run(f'#i "nuget:{feed}"\n#r "nuget: KdNotebooks.Interactive, {VERSION}"')
    check("a C# cell references the package", status == "ok", kernel.errors())
    # The host looks a value up before it runs the cell: it must be of an earlier one.
    kernel.run("var mine = new KdNotebooks.Losses.L2Loss();")
    check("a C# value is taken", kernel.run("#!kd-check @mine --cases 5 --as report") == "ok"
          and "claims held" in kernel.text(), kernel.errors())
    check("and a value given back", kernel.run("report.Cases") == "ok", kernel.errors())


def notebook(path):
    """A check that runs a notebook, cell by cell, in its smoke preset."""
    name = os.path.splitext(os.path.basename(path))[0]

    def cells(kernel, feed):
        with open(path) as file:
            sources = [(cell["id"], "".join(cell["source"]))
                       for cell in json.load(file)["cells"] if cell["cell_type"] == "code"]
        kernel.run(f'#i "nuget:{feed}"\n#r "nuget: KdNotebooks.Interactive, {VERSION}"')
        shown = 0
        for identity, code in sources:
            # The reference is made above, with the version of this check.
            code = code.replace('#r "nuget: KdNotebooks.Interactive"\n', "")
            status = kernel.run(code.replace('let preset = "quick"', 'let preset = "smoke"'), timeout=600)
            shown += len(kernel.shown())
            check(f"{name}: cell '{identity}'", status == "ok", kernel.errors())
        check(f"{name}: {shown} displays from {len(sources)} cells", shown >= len(sources) / 2)

    return cells


def main():
    work = tempfile.mkdtemp()
    feed = os.path.join(work, "feed")
    try:
        subprocess.run(
            ["dotnet", "pack", ROOT, "-o", feed, f"-p:Version={VERSION}", "-v", "q"], check=True,
            stdout=subprocess.DEVNULL)
        program = tool(os.path.join(work, "tool"))
        parts = [("fsharp", "fsharp", from_fsharp), ("csharp", "csharp", from_csharp)] + [
            (os.path.basename(path), "fsharp", notebook(path))
            for path in sorted(glob.glob(os.path.join(ROOT, "notebooks", "*.ipynb")))]
        for _, language, checks in [part for part in parts if part[0].startswith(tuple(sys.argv[1:]) or ("",))]:
            kernel = Kernel(program, language, os.path.join(work, "jupyter"))
            try:
                checks(kernel, feed)
            finally:
                kernel.stop()
    finally:
        shutil.rmtree(work, ignore_errors=True)
        cache = os.environ.get("NUGET_PACKAGES", os.path.expanduser("~/.nuget/packages"))
        for folder in glob.glob(os.path.join(cache, "kdnotebooks.*", VERSION)):
            shutil.rmtree(folder, ignore_errors=True)
    print(f"check-interactive: {check.failed} failed")
    sys.exit(1 if check.failed else 0)


if __name__ == "__main__":
    main()
