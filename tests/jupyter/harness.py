"""Starts the kernel as Jupyter does: from a kernelspec that `kd jupyter install` wrote into a folder of its own."""

import glob
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


# A shell that puts this check in the background has it ignore SIGINT, and the kernel would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def program():
    """The built `kd`: $KD, else that of the debug build."""
    found = os.environ.get("KD") or next(
        iter(glob.glob(str(ROOT / "extensions/KdNotebooks.Cli/bin/Debug/net10.0/*/kd"))), None)
    if not found:
        raise SystemExit("tests/jupyter: no kd here; build it (dotnet build extensions/KdNotebooks.Cli) or set KD")
    return found


def install():
    """Installs into a temporary folder for this process and its kernels. Call it before jupyter_client is imported."""
    folder = tempfile.TemporaryDirectory(prefix="kd-jupyter-")
    os.environ["JUPYTER_DATA_DIR"] = folder.name
    os.environ["JUPYTER_RUNTIME_DIR"] = os.path.join(folder.name, "runtime")
    os.environ["XDG_CACHE_HOME"] = os.path.join(folder.name, "cache")
    subprocess.run([program(), "jupyter", "install"], check=True, stdout=subprocess.DEVNULL)
    return folder


class Kernel:
    """One kernel with one client; everything waits at most `patience` seconds."""

    def __init__(self, patience=60):
        from jupyter_client.manager import KernelManager

        self.patience = patience
        self.errors = tempfile.NamedTemporaryFile(prefix="kd-kernel-", suffix=".log")
        self.manager = KernelManager(kernel_name="kd-fsharp")
        # What training leaves behind goes to the folder it was started in.
        self.manager.start_kernel(stderr=self.errors, cwd=os.environ["JUPYTER_DATA_DIR"])
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=patience)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()

    def log(self):
        """What the kernel wrote to its standard error."""
        return open(self.errors.name).read()

    def pid(self):
        return self.manager.provisioner.process.pid

    def memory(self):
        """Resident megabytes."""
        for line in open(f"/proc/{self.pid()}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024

    def outputs(self, msg_id):
        """Everything published for a request until it is idle."""
        seen, end = [], time.time() + self.patience
        while time.time() < end:
            message = self.client.get_iopub_msg(timeout=end - time.time())
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return seen
            seen.append(message)
        raise TimeoutError(f"no idle for {msg_id}")

    def reply(self, msg_id, channel="shell"):
        get = self.client.get_shell_msg if channel == "shell" else self.client.get_control_msg
        while True:
            message = get(timeout=self.patience)
            if message["parent_header"].get("msg_id") == msg_id:
                return message["content"]

    def run(self, code, **options):
        """Runs a cell; the reply's content and the published messages."""
        msg_id = self.client.execute(code, **options)
        return self.reply(msg_id), self.outputs(msg_id)

    def control(self, kind, content=None):
        message = self.client.session.msg(kind, content or {})
        self.client.control_channel.send(message)
        return message["header"]["msg_id"]


def text(outputs, name="stdout"):
    """What was printed."""
    return "".join(o["content"]["text"] for o in outputs if o["msg_type"] == "stream" and o["content"]["name"] == name)


def of_type(outputs, kind):
    return [o["content"] for o in outputs if o["msg_type"] == kind]
