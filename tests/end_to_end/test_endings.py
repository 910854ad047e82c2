"""How a command ends and how it looks on the way: signals, readers that go away, full disks, bugs of our own, terminals."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import PROGRAM, environment, otterdsl, write


def test_a_reader_that_goes_away_is_no_error(project: Path) -> None:
    line = f"'{PROGRAM}' tasks --format json | head -c 1"
    done = subprocess.run(["bash", "-c", line], cwd=project, env=environment(), capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("{", "")


def test_a_full_disk_is_said_in_one_line(project: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([PROGRAM, "tasks"], cwd=project, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (1, "error: standard output: No space left on device\n")


def test_a_run_outlives_the_reader_of_its_progress(project: Path) -> None:
    line = f"'{PROGRAM}' run p.otter --progress json | head -n 1"
    done = subprocess.run(["bash", "-c", line], cwd=project, env=environment(), capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    assert json.loads((project / "made" / "manifest.json").read_text())["result"] == "success"


# Whoever runs the tests may be deaf to Ctrl-C, as a job in a shell's background is, and what they start would be, too.
HEARING = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
SLEEPER = """\
import time
from typing import Self

from otterdsl.runtime.task.model import Spec, Task


class SleepLong(Task):
    def run(self) -> Self:
        print("asleep", flush=True)
        while not self.context.abort.wait(0.05):
            pass
        return self
"""


def test_ctrl_c_ends_a_run_with_130_and_no_traceback(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": "pipeline p {}\nuse naps\nstep s { sleep_long x {} }\n", "naps/__init__.py": "", "naps/sleep_long.py": SLEEPER})
    command: list[str | Path] = [sys.executable, "-c", HEARING, PROGRAM, "run", "p.otter", "--work-path", "out", "--progress", "plain"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "asleep\n"
        running.send_signal(signal.SIGINT)
        try:
            _, err = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 130, err
    assert "Traceback" not in err


STUBBORN = """\
import time
from typing import Self

from otterdsl.runtime.task.model import Task


class SleepHard(Task):
    def run(self) -> Self:
        print("asleep", flush=True)
        time.sleep(60)
        return self
"""


def test_an_interrupted_run_says_what_it_waits_for_and_a_second_ctrl_c_ends_it(tmp_path: Path) -> None:
    text = 'pipeline p { grace = "50s" }\nuse naps\nstep s { sleep_hard x {} }\n'
    write(tmp_path, {"p.otter": text, "naps/__init__.py": "", "naps/sleep_hard.py": STUBBORN})
    command: list[str | Path] = [sys.executable, "-c", HEARING, PROGRAM, "run", "p.otter", "--work-path", "out", "--progress", "plain"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stderr is not None
            assert running.stdout.readline() == "asleep\n"
            running.send_signal(signal.SIGINT)
            said = next(line for line in running.stderr if line.startswith("warning"))
            assert said == "warning: step `s` is stopping: `sleep_hard x` may take 50s to end; interrupt again to stop at once\n"
            running.send_signal(signal.SIGINT)
            _, err = running.communicate(timeout=40)
        finally:
            running.kill()
    assert running.returncode == 130, err
    assert "Traceback" not in err
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["steps"]["p_s"]["tasks"][0]["result"] == "aborted"


BROKEN = """\
import otterdsl.cli.findings

def broken(path):
    raise ZeroDivisionError("our own bug")

otterdsl.cli.findings.refuse_python = broken
"""


def test_a_bug_of_ours_is_one_line_and_a_file(project: Path) -> None:
    write(project, {"sitecustomize.py": BROKEN})
    done = otterdsl("check", "p.otter", folder=project, PYTHONPATH=str(project), TMPDIR=str(project))
    assert done.code == 70
    assert "Traceback" not in done.said
    (line,) = done.err.splitlines()
    report = Path(line.split()[-1])
    assert report.is_relative_to(project)
    assert "ZeroDivisionError: our own bug" in report.read_text()
    assert "Traceback" in report.read_text()


BROKEN_SCHEDULE = """\
import otterdsl.runtime.step.schedule

def broken(self, name):
    raise ZeroDivisionError("our own bug")

otterdsl.runtime.step.schedule.Schedule.finish = broken
"""


def test_a_bug_of_ours_in_a_run_is_one_line_and_a_file_and_ends_the_run(project: Path) -> None:
    write(project, {"sitecustomize.py": BROKEN_SCHEDULE})
    done = otterdsl("run", "p.otter", "alone", folder=project, PYTHONPATH=str(project), TMPDIR=str(project))
    assert done.code == 70, done.said
    assert "Traceback" not in done.said
    assert "ZeroDivisionError: our own bug" in Path(done.err.splitlines()[-1].split()[-1]).read_text()
    assert json.loads((project / "made" / "manifest.json").read_text())["result"] == "failure"


def on_a_terminal(folder: Path, *arguments: str, **more: str) -> tuple[int, str]:
    """The exit code of the command on a terminal, and all that was drawn."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [PROGRAM, *arguments], cwd=folder, env=environment(TERM="xterm-256color", **more), stdout=theirs, stderr=theirs, stdin=theirs
    ) as running:
        os.close(theirs)
        drawn = b""
        until = time.monotonic() + 60
        while time.monotonic() < until and select.select([ours], [], [], 60)[0]:
            try:
                part = os.read(ours, 65_536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not part:
                break
            drawn += part
    os.close(ours)
    return running.returncode, drawn.decode(errors="replace")


def test_a_run_on_a_terminal_is_drawn_live(project: Path) -> None:
    code, drawn = on_a_terminal(project, "run", "p.otter")
    assert code == 0, drawn
    assert "\x1b[" in drawn
    for step in ("first", "second", "alone"):
        assert step in drawn


@pytest.mark.parametrize("plain", [(), ("--color", "never")], ids=["NO_COLOR", "never"])
def test_a_run_that_is_drawn_without_colour_has_no_style_at_all(plain: tuple[str, ...], tmp_path: Path) -> None:
    nap = SLEEPER.replace("while not self.context.abort.wait(0.05):\n            pass", "self.context.abort.wait(0.6)")
    write(tmp_path, {"p.otter": "pipeline p {}\nuse naps\nstep s { sleep_long x {} }\n", "naps/__init__.py": "", "naps/sleep_long.py": nap})
    code, drawn = on_a_terminal(tmp_path, "run", "p.otter", *plain, **({} if plain else {"NO_COLOR": "1"}))
    assert code == 0, drawn
    assert "s: sleep_long x  0." in drawn
    assert re.findall(r"\x1b\[[0-9;]*m", drawn) == []


@pytest.mark.parametrize("more", [{"CI": "true"}, {"TERM": "dumb"}], ids=["CI", "a dumb terminal"])
def test_nothing_is_drawn_live_where_frames_would_pile_up(project: Path, more: dict[str, str]) -> None:
    command = {"TERM": "xterm-256color", **more}
    ours, theirs = pty.openpty()
    with subprocess.Popen([PROGRAM, "run", "p.otter"], cwd=project, env=environment(**command), stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        running.wait(60)
        drawn = os.read(ours, 1_000_000).decode()
    os.close(ours)
    assert "\x1b[2K" not in drawn
    assert "\x1b[?25l" not in drawn
    assert "hello_world last" in drawn


def test_no_color_is_honoured_on_a_terminal(project: Path) -> None:
    write(project, {"bad.otter": "step s { nothing x {} }\n"})
    assert "\x1b[1;31m" in on_a_terminal(project, "check", "bad.otter")[1]
    assert "\x1b[" not in on_a_terminal(project, "check", "bad.otter", NO_COLOR="1")[1]
    assert "\x1b[" not in on_a_terminal(project, "check", "bad.otter", "--color", "never")[1]


def test_a_drawing_that_goes_to_no_terminal_is_one_whole_frame(project: Path) -> None:
    done = otterdsl("run", "p.otter", "--progress", "rich", folder=project)
    assert done.code == 0, done.said
    *frame, last = done.err.splitlines()
    assert [line.split()[1] for line in frame] == ["first", "second", "alone"]
    assert last.startswith("success: 5 tasks in 3 steps")
