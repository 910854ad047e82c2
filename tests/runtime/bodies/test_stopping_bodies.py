"""Scripts that are stopped: by another task's failure, by being cancelled, by a signal to the program. None leaves a process or a file."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from otterdsl.runtime.bodies.process import Ended, run_process
from otterdsl.runtime.manifest.model import Result

END_SECONDS = 30.0  # what takes this long has hung
# It tells the processes that there are, and waits for one of them.
SLEEPY = """
echo half > "${OTTER_destination}"
(sleep 3600 & echo $!; wait) >> "${OTTER_value}" &
echo $! $$ >> "${OTTER_value}"
sleep 3600
"""
GROUPS = """
trap '' TERM
set -m
sleep 3600 & echo $! >> "${OTTER_value}"
timeout 3600 bash -c 'echo $PPID $$ >> "${OTTER_value}"; sleep 3600'
"""
DEAF = f"trap '' TERM INT\n{SLEEPY}"


def pids(file: Path, count: int = 3) -> list[int]:
    """The processes that a script told of, once it told of all."""
    until = time.monotonic() + END_SECONDS
    while time.monotonic() < until:
        found = file.read_text().split() if file.exists() else []
        if len(found) >= count:
            return [int(each) for each in found]
        time.sleep(0.01)
    raise AssertionError(f"only {found} began")


def expect_gone(numbers: list[int]) -> None:
    for number in numbers:
        try:
            process = psutil.Process(number)
            assert process.status() == psutil.STATUS_ZOMBIE, f"{number} still runs"  # dead, and nobody's here to bury
        except psutil.NoSuchProcess:
            pass


@pytest.mark.parametrize("script", [SLEEPY, DEAF, GROUPS])
@pytest.mark.parametrize("how", ["abort", "cancel"])
def test_a_script_that_is_stopped_leaves_nothing(bodies, root, tmp_path, script, how):
    told = tmp_path / "pids"
    task = bodies.task(bodies.shell(script), value=str(told), destination="b")

    async def stopped() -> list[int]:
        running = asyncio.create_task(task.run())
        found = await asyncio.to_thread(pids, told)
        if how == "abort":
            task.context.abort.set()
            await running
        else:
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
        return found

    expect_gone(asyncio.run(stopped()))
    assert list(root.iterdir()) == []
    assert task.manifest.result is (Result.ABORTED if how == "abort" else Result.PENDING)


def test_a_script_may_clean_up_before_it_ends(bodies, tmp_path):
    told, cleaned = tmp_path / "pids", tmp_path / "cleaned"
    task = bodies.task(bodies.shell(f"trap 'touch {cleaned}; exit 1' TERM\necho $$ > \"${{OTTER_value}}\"\nsleep 3600 & wait"), value=str(told))

    async def stopped() -> None:
        running = asyncio.create_task(task.run())
        await asyncio.to_thread(pids, told, 1)
        task.context.abort.set()
        await running

    asyncio.run(stopped())
    assert cleaned.exists()


def test_what_a_script_that_failed_had_started_is_ended(bodies, root, tmp_path):
    told = tmp_path / "pids"
    ran = bodies.sh(
        SLEEPY.replace("\nsleep 3600\n", f"\nuntil [[ $(wc -w < {told}) == 3 ]]; do sleep 0.01; done\nexit 3\n"), value=str(told), destination="b"
    )
    assert ran.reason == "the script failed with exit code 3"
    expect_gone(pids(told))
    assert list(root.iterdir()) == []


def test_what_a_script_leaves_behind_is_waited_for(bodies, root, files):
    script = 'sort > >(sleep 0.3; cat > "${OTTER_destination}") < "${OTTER_source}" 2>&-'
    (root / "a").write_text("2\n1\n")
    assert bodies.sh(script, source="a", destination="b").ok
    assert files()["b"] == "1\n2\n"


def test_what_a_script_leaves_behind_is_not_waited_for_for_ever(bodies, files):
    bodies.config = bodies.config.model_copy(update={"grace": "100ms"})
    ran = bodies.sh('echo x > "${OTTER_destination}"\nsleep 3600 > /dev/null 2>&1 & echo $!', destination="b")
    assert ran.reason == "the script ended, but what it started in the background did not: `wait` for it, or end it"
    expect_gone([int(ran.lines[0])])
    assert files() == {}


PROGRAM = """
import asyncio, os, signal, sys, threading
from pathlib import Path

sys.path.insert(0, sys.argv[1])
from pipelines import load

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.core import run_pipeline

# Whatever becomes of the test, this program does not outlive it: its standard input ends with the test's process.
threading.Thread(target=lambda: (sys.stdin.buffer.raw.read(), os._exit(70)), daemon=True).start()
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is born deaf to it
STEP = f'''
class SleepySpec(Spec):
    value: str
    destination: Annotated[str, Output]
class Sleepy(ShellTask):
    environment = {{"OTTER_value": "${{value}}", "OTTER_destination": "${{destination}}"}}
    script = ({sys.argv[4]!r},)
class SleepyA(Sleepy):
    for_each = {{"n": (1, 2)}}
    spec = SleepySpec(name="sleepy ${{n}}", value={sys.argv[3]!r}, destination="out${{n}}")
'''
asyncio.run(run_pipeline(load({"main": STEP}), config=Config(work_path=Path(sys.argv[2])), params={}))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("script", [SLEEPY, DEAF])
def test_a_run_that_is_interrupted_leaves_nothing(tmp_path, number, script):
    told = tmp_path / "pids"
    pipelines = Path(__file__).parents[1] / "core"
    command = [sys.executable, "-c", PROGRAM, str(pipelines), str(tmp_path / "work"), str(told), script]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    too_late = threading.Timer(END_SECONDS, process.kill)
    too_late.start()
    try:
        found = pids(told, 6)
        process.send_signal(number)
        status = process.wait()
    finally:
        too_late.cancel()
        process.kill()
        process.communicate(timeout=END_SECONDS)
    assert status in (-signal.SIGINT, 1, 128 + number)
    expect_gone(found)
    assert sorted(path.name for path in (tmp_path / "work").iterdir() if path.name != ".manifest.lock") == ["manifest.json"]


def test_a_program_that_cannot_be_waited_for_by_descriptor_is_waited_for_in_a_thread(monkeypatch):
    monkeypatch.delattr(os, "pidfd_open", raising=False)

    async def ran(script: str) -> Ended:
        return await run_process(lambda told: ["bash", "-c", script], os.environ, cwd="/")

    assert asyncio.run(ran("exit 3")).code == 3
    assert asyncio.run(ran("echo x >&2")) == Ended(0, ("x",), b"")
    assert asyncio.run(ran("kill -9 $$")).code == -9


def test_a_program_that_cannot_be_started_leaves_no_descriptor():
    async def ran() -> None:
        await run_process(lambda told: ["/no/such/program"], {}, cwd="/")

    before = len(os.listdir("/dev/fd"))
    with pytest.raises(FileNotFoundError):
        asyncio.run(ran())
    assert len(os.listdir("/dev/fd")) == before
