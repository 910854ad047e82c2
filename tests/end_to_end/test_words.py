"""The words of the commands: what they say where, to people and to programs, when all is well and when it is not."""

import json
from pathlib import Path

from command_line import otterdsl, write

TALKER = """\
from typing import Self

from otterdsl.runtime import Spec, Task

print("imported")


class TalkSpec(Spec):
    say: str = "something"


class Talk(Task):
    def run(self) -> Self:
        print("running")
        return self
"""


def test_what_packages_print_is_no_result(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": "pipeline p {}\nuse talkers\nstep s { talk x {} }\n", "talkers/__init__.py": "", "talkers/talk.py": TALKER})
    run = otterdsl("run", "p.otter", "--work-path", "out", "--progress", "json", folder=tmp_path)
    assert [json.loads(line)["event"] for line in run.out.splitlines()] == ["started", "finished"]
    assert {"imported", "running"} <= set(run.err.splitlines())
    plan = otterdsl("plan", "p.otter", "--format", "json", folder=tmp_path)
    assert json.loads(plan.out)["pipeline"] == "p"
    assert "imported" in plan.err.splitlines()
    otterdsl("compile", "p.otter", "-o", "compiled", folder=tmp_path)
    assert otterdsl("plan", "compiled/p", folder=tmp_path).out.startswith("step s\n")
