#!/usr/bin/env python3
"""Asks an installed kernel everything a Jupyter client asks, and measures what was promised of it.

    /usr/bin/python3 tests/jupyter/check-kernel.py [word]      only the checks with the word in their name

Needs Debian's python3-jupyter-client and a built kd. Prints one line for each check; fails if one fails.
"""

import glob
import json
import os
import signal
import subprocess
import sys
import time

import harness

FOLDER = harness.install()

from harness import Kernel, of_type, text  # noqa: E402

# glibc keeps what was freed for the next tensor; trimmed, what is left is what is in use.
TRIM = '[<System.Runtime.InteropServices.DllImport("libc")>]\nextern int malloc_trim(unativeint pad)'
COUNT = """
for _ in 1 .. 3 do
    System.GC.Collect ()
    System.GC.WaitForPendingFinalizers ()
malloc_trim 0un |> ignore
int TorchSharp.torch.Tensor.TotalCount
"""
RECIPE = """
open KdNotebooks.FSharp
let endless =
    distill {
        data (Data.named "fashion-mnist-mini" |> Data.takeTrain 640)
        teacher (Pretrained.inMemory (Pretrained.model "fashion-teacher"))
        student (Resnet.small 8)
        connect "layer3" "layer3" (channelMlp 1)
        alpha 5.0
        epochs 10000
    }
"""
TRAIN = "ablate endless [ mlp 1 ] (seeds 1) |> run"


def within(seconds):
    """A limit as promised on two free cores; more where other programs share them, as the system's load tells."""
    return seconds * max(1, os.getloadavg()[0] / os.cpu_count())


def value(outputs):
    return of_type(outputs, "execute_result")[0]["data"]["text/plain"]


def first_cell_within_six_seconds():
    times = []
    for _ in range(2):
        start = time.time()
        with Kernel() as kernel:
            assert value(kernel.run("20 + 22")[1]) == "42"
            times.append(time.time() - start)
    assert min(times) < within(6), times
    return f"{min(times):.1f} s from process start to answer"


def cell_messages(kernel):
    reply, outputs = kernel.run('printfn "out"\neprintfn "err"\ndisplay 7\n"result"')
    assert reply["status"] == "ok" and reply["payload"] == [], reply
    kinds = [o["msg_type"] for o in outputs]
    assert kinds == ["status", "execute_input", "stream", "stream", "display_data", "execute_result"], kinds
    assert text(outputs) == "out\n" and text(outputs, "stderr") == "err\n"
    assert of_type(outputs, "display_data")[0]["transient"]["display_id"]
    assert of_type(outputs, "execute_result")[0]["execution_count"] == reply["execution_count"]


def update_names_its_display(kernel):
    _, shown = kernel.run("let shown = KdNotebooks.Interactive.Display.Show 1")
    _, updated = kernel.run('shown.Update(KdNotebooks.Interactive.MimeBundle.OfText "two")')
    first, second = of_type(shown, "display_data")[0], of_type(updated, "update_display_data")[0]
    assert first["transient"] == second["transient"] and second["data"]["text/plain"] == "two"


def error_with_traceback(kernel):
    kernel.run("let half x =\n    if x = 0 then invalidOp \"no half\" else x / 2")
    reply, outputs = kernel.run("half 0 + 1")
    assert reply["status"] == "error" and reply["ename"] == "System.InvalidOperationException", reply
    assert any("line 2" in line for line in reply["traceback"]), reply
    assert of_type(outputs, "error")[0]["evalue"] == "no half"


def silent_and_uncounted(kernel):
    before = kernel.run("0")[0]["execution_count"]
    reply, outputs = kernel.run('printfn "unheard"\n1', silent=True)
    assert [o["msg_type"] for o in outputs] == ["status"], outputs
    assert kernel.run("2", store_history=False)[0]["execution_count"] == before
    assert kernel.run("3")[0]["execution_count"] == before + 1


def failing_cell_aborts_what_waits(kernel):
    ids = [kernel.client.execute(code) for code in
           ('System.Threading.Thread.Sleep 500\nfailwith<int> "stop"', "let never = 1", "let neither = 2")]
    assert [kernel.reply(i)["status"] for i in ids] == ["error", "aborted", "aborted"]
    ids = [kernel.client.execute(code, stop_on_error=False) for code in
           ('System.Threading.Thread.Sleep 500\nfailwith<int> "on"', "let ever = 1")]
    assert [kernel.reply(i)["status"] for i in ids] == ["error", "ok"]


def user_expressions(kernel):
    reply, _ = kernel.run("let x = 5", user_expressions={"double": "x * 2", "bad": "x +"})
    assert reply["user_expressions"]["double"]["data"]["text/plain"] == "10", reply
    assert reply["user_expressions"]["bad"]["status"] == "error", reply


def reading_asks_the_user(kernel):
    msg_id = kernel.client.execute('printf "name? "\nSystem.Console.ReadLine()', allow_stdin=True)
    assert kernel.client.get_stdin_msg(timeout=20)["msg_type"] == "input_request"
    kernel.client.input("Ada")
    assert kernel.reply(msg_id)["status"] == "ok"
    outputs = kernel.outputs(msg_id)
    assert text(outputs) == "name? " and value(outputs) == "Ada"
    refused, _ = kernel.run("System.Console.ReadLine()", allow_stdin=False)
    assert refused["status"] == "error" and "keyboard" in refused["evalue"], refused


def completion(kernel):
    kernel.run("let numbers = [ 1; 2 ]\nlet numerous = 3")
    ask = lambda code: kernel.reply(kernel.client.complete(code))  # noqa: E731
    values, members = ask("let a = numer"), ask("(* 𝒳 *) numbers.Le")
    assert values["matches"] == ["numerous"] and values["cursor_start"] == 8, values
    assert members["matches"] == ["Length"] and (members["cursor_start"], members["cursor_end"]) == (16, 18), members
    assert "zeros" in ask("TorchSharp.torch.zer")["matches"]
    times = []
    for code in ("numb", "numbers.", "List.ma", "TorchSharp.torch.nn.functional.re") * 3:
        start = time.time()
        assert ask(code)["matches"], code
        times.append(time.time() - start)
    assert max(times[4:]) < within(0.3), times
    return f"warm at most {max(times[4:]) * 1000:.0f} ms"


def inspection(kernel):
    kernel.run("/// Twice as much.\nlet twice (x: int) = 2 * x")
    found = kernel.reply(kernel.client.inspect("twice 3", 2))
    assert found["found"] and "twice: x: int -> int" in found["data"]["text/plain"], found
    documented = kernel.reply(kernel.client.inspect("KdNotebooks.Interactive.Display.Show(1"))
    assert "Formats a value and shows it" in documented["data"]["text/plain"], documented
    assert not kernel.reply(kernel.client.inspect("nothing_of_this_name"))["found"]


def is_complete(kernel):
    ask = lambda code: kernel.reply(kernel.client.is_complete(code))  # noqa: E731
    assert ask("let x = 1") == {"status": "complete"}
    assert ask("let f x =") == {"status": "incomplete", "indent": "    "}
    assert ask("let = 3") == {"status": "invalid"}


def history(kernel):
    kernel.run("let findMe = 1")
    ask = lambda **what: kernel.reply(kernel.client.history(**what))["history"]  # noqa: E731
    session, line, code = ask(hist_access_type="tail", n=1)[0]
    assert code == "let findMe = 1"
    assert ask(hist_access_type="range", session=session, start=line, stop=line + 1) == [[session, line, code]]
    assert ask(hist_access_type="search", pattern="*find?e*", unique=True)[-1][2] == code


def info_and_comms(kernel):
    info = kernel.reply(kernel.client.kernel_info())
    assert info["protocol_version"] == "5.3" and info["language_info"]["name"] == "F#", info
    assert kernel.reply(kernel.client.comm_info())["comms"] == {}
    message = kernel.client.session.msg("comm_open", {"comm_id": "c1", "target_name": "none", "data": {}})
    kernel.client.shell_channel.send(message)
    assert of_type(kernel.outputs(message["header"]["msg_id"]), "comm_close")[0]["comm_id"] == "c1"


def heartbeat(kernel):
    assert kernel.client.hb_channel.is_beating()


def ten_thousand_lines(kernel):
    start = time.time()
    _, outputs = kernel.run("for i in 1 .. 10000 do printfn \"line %d\" i")
    assert text(outputs).splitlines() == [f"line {i}" for i in range(1, 10001)]
    return f"{time.time() - start:.2f} s, {len(of_type(outputs, 'stream'))} messages"


def dots_are_sent_as_they_are_printed(kernel):
    _, outputs = kernel.run('for _ in 1 .. 4 do\n    printf "."\n    System.Threading.Thread.Sleep 500')
    assert text(outputs) == "...." and len(of_type(outputs, "stream")) >= 3, of_type(outputs, "stream")


def answers_while_a_cell_runs(kernel):
    msg_id = kernel.client.execute("System.Threading.Thread.Sleep 3000")
    time.sleep(0.5)
    start = time.time()
    assert kernel.reply(kernel.client.complete("numb"))["matches"] == []
    assert not kernel.reply(kernel.client.inspect("numbers"))["found"]
    assert kernel.reply(kernel.control("kernel_info_request"), "control")["status"] == "ok"
    took = time.time() - start
    assert kernel.reply(msg_id)["status"] == "ok" and took < within(1), took


def interrupt(kernel, code, wait, survivor):
    msg_id = kernel.client.execute(code)
    queued = kernel.client.execute("let queued = 1")
    wait()
    start = time.time()
    assert kernel.reply(kernel.control("interrupt_request"), "control")["status"] == "ok"
    reply = kernel.reply(msg_id)
    took = time.time() - start
    assert reply["status"] == "error" and reply["ename"] == "Interrupted", reply
    assert kernel.reply(queued)["status"] == "aborted"
    assert value(kernel.run(survivor)[1]) == "3"
    return took


def interrupt_of_a_loop(kernel):
    kernel.run("let kept = 3")
    took = interrupt(kernel, "while true do System.Threading.Thread.Sleep 10", lambda: time.sleep(1), "kept")
    assert took < within(4), took
    return f"{took:.2f} s (the loop asks no token, and gets two seconds to end by itself)"


def measured():
    """The files of runs that have ended an epoch."""
    files = glob.glob(os.path.join(FOLDER.name, "artifacts/runs/**/metrics.jsonl"), recursive=True)
    return [file for file in files if os.path.getsize(file)]


def an_epoch_is_done():
    end = time.time() + within(30)
    while not measured():
        assert time.time() < end, "no epoch ended in time"
        time.sleep(0.1)


def interrupt_of_training(kernel):
    assert kernel.run(RECIPE)[0]["status"] == "ok"
    early = interrupt(kernel, TRAIN, lambda: time.sleep(1), "1 + 2")
    later = interrupt(kernel, TRAIN, an_epoch_is_done, "1 + 2")
    # The first step compiles as it goes; then a step is short.
    assert early < within(4) and later < within(1), (early, later)
    folder = os.path.dirname(measured()[0])
    assert json.loads(open(measured()[0]).readlines()[-1])["epoch"] >= 1
    assert os.path.getsize(os.path.join(folder, "last.safetensors")) > 10_000, os.listdir(folder)
    assert value(kernel.run("endless.Epochs")[1]) == "10000"
    return f"{early:.2f} s while the teacher is measured, {later:.2f} s while the student learns"


def sigint_interrupts(kernel):
    msg_id = kernel.client.execute("System.Threading.Thread.Sleep 60000")
    time.sleep(0.5)
    os.kill(kernel.pid(), signal.SIGINT)
    assert kernel.reply(msg_id)["ename"] == "Interrupted"
    assert value(kernel.run("1 + 2")[1]) == "3"


def signatures(kernel):
    import zmq
    from jupyter_client.session import Session

    info = kernel.client.get_connection_info()
    socket = zmq.Context.instance().socket(zmq.DEALER)
    socket.connect(f"tcp://{info['ip']}:{info['shell_port']}")
    right, wrong = Session(key=info["key"]), Session(key=b"wrong")
    answered = lambda: bool(socket.poll(1000)) and bool(socket.recv_multipart())  # noqa: E731
    socket.send_multipart(wrong.serialize(wrong.msg("kernel_info_request", {})))
    assert not answered(), "a wrong signature was answered"
    frames = right.serialize(right.msg("kernel_info_request", {}))
    socket.send_multipart(frames)
    assert answered(), "a right signature was not answered"
    socket.send_multipart(frames)
    assert not answered(), "a replayed message was answered"
    socket.send_multipart([b"no", b"message"])
    assert not answered()
    socket.close()
    assert kernel.log().count(" dropped: ") == 3, kernel.log()


def tensors_leave_nothing_behind(kernel):
    kernel.run("open TorchSharp")
    kernel.run(TRIM)
    for _ in range(5):
        kernel.run("torch.ones([| 1024L; 1024L |])")
    count, memory = int(value(kernel.run(COUNT)[1])), kernel.memory()
    for i in range(100):
        assert kernel.run(f"torch.ones([| 1024L; 1024L |]).neg() // {i}")[0]["status"] == "ok"
    after, grown = int(value(kernel.run(COUNT)[1])), kernel.memory() - memory
    # Each cell made two tensors of 4 MiB; compiled code and its tables may stay.
    assert after <= count and grown < 60, (count, after, grown)
    return f"{count} tensors before, {after} after 100 cells; {grown:.0f} MiB more"


def restart(kernel):
    kernel.run("let lost = 1")
    kernel.manager.restart_kernel()
    kernel.client.wait_for_ready(timeout=60)
    reply, _ = kernel.run("lost")
    assert reply["status"] == "error" and reply["execution_count"] == 1, reply


def shutdown_ends_the_process_while_a_cell_runs(kernel):
    pid = kernel.pid()
    kernel.client.execute("while true do ()")
    time.sleep(0.5)
    start = time.time()
    assert kernel.reply(kernel.control("shutdown_request", {"restart": False}), "control")["restart"] is False
    while os.path.exists(f"/proc/{pid}") and kernel.manager.is_alive() and time.time() < start + within(5):
        time.sleep(0.05)
    assert not kernel.manager.is_alive()
    return f"{time.time() - start:.2f} s"


def dies_with_its_parent():
    code = ("import harness, time\nfolder = harness.install()\n"
            "kernel = harness.Kernel()\nprint(kernel.pid(), flush=True)\ntime.sleep(60)")
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=os.path.dirname(__file__))
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    start = time.time()
    end = start + within(10)
    while os.path.exists(f"/proc/{pid}") and "Z" not in open(f"/proc/{pid}/stat").read() and time.time() < end:
        time.sleep(0.1)
    assert time.time() < end, "the kernel outlived its parent"
    return f"{time.time() - start:.1f} s after it"


def same_outputs_as_kd_run():
    notebook = harness.ROOT / "tests/KdNotebooks.Extensions.Tests/Kernel/fixtures/succeed.ipynb"
    out = os.path.join(FOLDER.name, "run")
    subprocess.run([harness.program(), "run", str(notebook), "--out", out], check=True, stdout=subprocess.DEVNULL)
    cells = [c for c in json.load(open(os.path.join(out, notebook.name)))["cells"] if c["cell_type"] == "code"]
    cells = [cell for cell in cells if "".join(cell["source"]).strip()]
    os.makedirs(os.path.join(FOLDER.name, "artifacts"), exist_ok=True)  # the kernel's Workspace.Output
    with Kernel() as kernel:
        for cell in cells:
            shown = settled(kernel.run("".join(cell["source"]))[1])
            there = [plain(o["output_type"], o) for o in cell["outputs"]]
            assert shown == there, (shown, there)
    assert any(cell["outputs"] for cell in cells)
    return f"{len(cells)} cells"


def settled(messages):
    """The outputs as a notebook keeps them: a display in the form of its last update."""
    outputs, place = [], {}
    for message in messages:
        kind, content = message["msg_type"], message["content"]
        shown = content.get("transient", {}).get("display_id")
        if kind == "update_display_data":
            outputs[place[shown]] = plain("display_data", content)
        elif kind not in ("status", "execute_input"):
            place[shown] = len(outputs)
            outputs.append(plain(kind, content))
    return outputs


def plain(kind, output):
    """An output with its text in one piece, as a message has it; a file has it in lines."""
    whole = lambda part: "".join(part) if isinstance(part, list) else part  # noqa: E731
    return kind, output.get("name"), whole(output.get("text")), {k: whole(v) for k, v in output.get("data", {}).items()}


ALONE = [first_cell_within_six_seconds, same_outputs_as_kd_run, dies_with_its_parent]
TOGETHER = [
    cell_messages, update_names_its_display, error_with_traceback, silent_and_uncounted, failing_cell_aborts_what_waits,
    user_expressions, reading_asks_the_user, completion, inspection, is_complete, history, info_and_comms, heartbeat,
    ten_thousand_lines, dots_are_sent_as_they_are_printed, answers_while_a_cell_runs, interrupt_of_a_loop, interrupt_of_training, sigint_interrupts,
    signatures, tensors_leave_nothing_behind, restart,
    shutdown_ends_the_process_while_a_cell_runs]


def main(word=""):
    failed = 0

    def check(run, *arguments):
        nonlocal failed
        try:
            said = run(*arguments)
            print(f"ok      {run.__name__}{': ' + said if said else ''}", flush=True)
        except Exception as error:
            failed += 1
            print(f"FAILED  {run.__name__}: {type(error).__name__} {error}", flush=True)

    for run in ALONE:
        if word in run.__name__:
            check(run)
    chosen = [run for run in TOGETHER if word in run.__name__]
    if chosen:
        kernel = Kernel()
        for run in chosen:
            check(run, kernel)
        kernel.close()
    print(f"check-kernel: {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
