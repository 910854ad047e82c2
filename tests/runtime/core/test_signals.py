"""Signals to a program that runs a pipeline: tasks are stopped, the manifest is written, the program ends at once and says how it ended."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import asyncio, os, signal, sys, threading, time
from pathlib import Path
from typing import Self

sys.path.insert(0, sys.argv[1])
from pipelines import load

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.core import run_pipeline

# Whatever becomes of the test, this program does not outlive it: its standard input ends with the test's process.
threading.Thread(target=lambda: (sys.stdin.buffer.raw.read(), os._exit(70)), daemon=True).start()

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is born deaf to it
HOW = {
    "async": "await asyncio.sleep(3600)",
    "helper": "await asyncio.to_thread(time.sleep, 3600)",
    "loop": "time.sleep(3600)",
}
SLEEPY = f'''
import asyncio, time
class Sleepy(Task):
    spec = Spec(name='sleepy a')
    async def run(self):
        print("runs", flush=True)
        {HOW[sys.argv[3]]}
        return self
class After(Noop):
    spec = Spec(name='noop b', requires=['sleepy a'])
'''
loaded = load({"main": SLEEPY})
config = Config(work_path=Path(sys.argv[2]), grace=sys.argv[4])
tell = lambda event: event.event != "started" and print(event.event, event.task, flush=True)
asyncio.run(run_pipeline(loaded, config=config, params={}, on_event=tell))
"""


END_SECONDS = 30.0  # a program that takes this long has hung


def started(*arguments: str) -> subprocess.Popen[str]:
    """The program, begun."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def interrupted(tmp_path: Path, how: str, grace: str, *signals: signal.Signals) -> tuple[int, str, dict[str, Any]]:
    """How a program ends that gets these signals once its first task runs: its exit status, what it printed, the manifest's step."""
    arguments = [str(Path(__file__).parent), str(tmp_path / "work"), how, grace]
    process = started(*arguments)
    assert process.stdout is not None
    too_late = threading.Timer(END_SECONDS, process.kill)
    too_late.start()
    try:
        assert process.stdout.readline() == "runs\n"
        for number, each in enumerate(signals):
            process.send_signal(each)
            if number + 1 < len(signals):
                # A second one must not come before the first was taken.
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(0.5)
        said = process.stdout.read()
        status = process.wait(END_SECONDS)
    finally:
        too_late.cancel()
        process.kill()
        process.communicate(timeout=END_SECONDS)
    return status, said, json.loads((tmp_path / "work" / "manifest.json").read_text())["steps"]["p_main"]


@pytest.mark.parametrize("how", ["async", "helper", "loop"])
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, -signal.SIGINT)])
def test_a_signal_stops_the_tasks_and_leaves_a_manifest(tmp_path: Path, how: str, sent: signal.Signals, status: int) -> None:
    ended, said, step = interrupted(tmp_path, how, "0s", sent)
    assert ended == status
    assert said.splitlines() == ["aborted sleepy a", "aborted noop b"]
    assert (step["result"], step["failure_reason"]) == ("aborted", "the run was interrupted")
    assert [task["result"] for task in step["tasks"]] == ["aborted", "aborted"]


def test_a_second_one_waits_for_no_grace(tmp_path: Path) -> None:
    ended, _, step = interrupted(tmp_path, "async", "1h", signal.SIGTERM, signal.SIGTERM)
    assert ended == 143
    assert step["result"] == "aborted"
    assert [task["result"] for task in step["tasks"]] == ["aborted", "aborted"]


def test_a_second_interrupt_waits_for_no_grace(tmp_path: Path) -> None:
    ended, _, step = interrupted(tmp_path, "async", "1h", signal.SIGINT, signal.SIGINT)
    assert ended == -signal.SIGINT
    assert step["result"] == "aborted"
    assert [task["result"] for task in step["tasks"]] == ["aborted", "aborted"]


def test_the_program_does_not_outlive_the_test_that_began_it(tmp_path: Path) -> None:
    process = started(str(Path(__file__).parent), str(tmp_path / "work"), "async", "1h")
    try:
        process.communicate("", timeout=END_SECONDS)  # closes its standard input, as the end of this process would
        assert process.returncode == 70
    finally:
        process.kill()
        process.communicate(timeout=END_SECONDS)
