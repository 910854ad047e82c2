import difflib
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hand_made_plans import PLANS, plan, step, task
from moved_clock import MOMENTS, YEARS, moved, years

from otterdsl.compiler.codegen.generate import generate, generate_modules
from otterdsl.compiler.codegen.lock import LOCK, Record

SNAPSHOTS = Path(__file__).parents[2] / "snapshots"

PROGRAM = f"""
import hashlib, json, sys
sys.path.insert(0, sys.argv[1])
from hand_made_plans import PLANS
from otterdsl.compiler.codegen.generate import generate
from otterdsl.compiler.codegen.lock import Record
record = Record("1", dict(b="2", a="1"))
made = dict((name + "/" + file, text) for name, plan in PLANS.items() for file, text in generate(plan, record).items())
print(hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest())
print({YEARS}, file=sys.stderr)
"""


def test_fresh_processes_with_other_seeds_folders_and_clocks_give_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for seed, moment in enumerate(MOMENTS):
        folder = tmp_path / f"folder {seed}"
        folder.mkdir()
        more = {"PYTHONHASHSEED": str(seed), "TZ": f"UTC{seed:+d}", "USER": f"user{seed}", "PYTHONUTF8": "1"}
        command = [sys.executable, "-c", PROGRAM, str(SNAPSHOTS)]
        done = subprocess.run(command, cwd=folder, env={**os.environ, **moved(tmp_path, moment), **more}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stderr.splitlines()[-1] == years(moment), done.stderr
        digests.add(done.stdout)
    assert len(digests) == 1


def changed_lines(old: str, new: str) -> list[str]:
    return [line for line in difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="") if line[0] in "+-"][2:]


def test_a_change_of_one_statement_changes_its_own_hunk_and_no_other_module() -> None:
    tasks = [task(f"copy file {i}", {"source": f"a/{i}", "destination": f"b/{i}"}, line=i) for i in range(50)]
    other = step("other", task("copy x", {"source": "a", "destination": "b"}))
    before = generate_modules(plan(step("one", *tasks), other)).modules
    tasks[20] = replace(tasks[20], spec={"source": "changed", "destination": "b/20"})
    after = generate_modules(plan(step("one", *tasks), other)).modules
    assert {name for name in before if before[name] != after[name]} == {"one.py"}
    assert changed_lines(before["one.py"], after["one.py"]) == ['-        source="a/20",', '+        source="changed",']


def test_a_new_statement_adds_its_class_and_renames_none() -> None:
    tasks = [task(f"copy file {i}", {"source": "a", "destination": f"b/{i}"}) for i in range(5)]
    before = generate_modules(plan(step("one", *tasks))).modules["one.py"]
    # It is spread by a condition, so that the module also imports more: no class may be called as anything that could be imported.
    added = task("copy all of", {"source": "a", "destination": "c"})
    after = generate_modules(plan(step("one", *tasks[:2], added, *tasks[2:]))).modules["one.py"]
    assert all(line.startswith("+") for line in changed_lines(before, after))


@pytest.mark.parametrize("name", PLANS)
def test_what_a_package_was_made_from_changes_the_lock_alone(name: str) -> None:
    one = generate(PLANS[name], Record("1", {"a": "1"}))
    other = generate(PLANS[name], Record("2", {"a": "2"}, {"x": "y"}, {"p": 1}, "../.."))
    assert {file for file in one if one[file] != other[file]} == {LOCK}
    moved = replace(PLANS[name], steps=tuple(replace(s, tasks=tuple(replace(t, line=t.line + 7) for t in s.tasks)) for s in PLANS[name].steps))
    later = generate(moved, Record("1", {"a": "1"}))
    assert {file for file in one if one[file] != later[file]} <= {LOCK}


def test_the_lock_holds_the_digests_of_the_files_and_the_lines_of_the_classes() -> None:
    files = generate(PLANS["whole"], Record("1.2.3", {"inputs.otter": "aa"}, {"otterdsl": "bb"}, {"x": [1]}, "../src"))
    lock = json.loads(files.pop(LOCK))
    assert lock["files"] == {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    assert lock["lines"]["expression.py"]["CopyAtlas"] == ["inputs.otter", 46]
    assert lock["lines"]["tasks.py"] == {"Curation": ["inputs.otter", 20]}
    assert (lock["format"], lock["generator"], lock["source_root"]) == (1, "1.2.3", "../src")
    assert (lock["sources"], lock["schemas"], lock["params"]) == ({"inputs.otter": "aa"}, {"otterdsl": "bb"}, {"x": [1]})


def test_the_text_grows_with_the_statements_alone() -> None:
    from otterdsl.compiler.plan.model import PlannedLoop

    def size(turns: int) -> int:
        loop = PlannedLoop("each", tuple(range(turns)))
        return len(generate_modules(plan(step("s", task("copy ${each}", {"source": "a", "destination": "b"}, loops=(loop,))))).modules["s.py"])

    assert size(1000) - size(500) == 500 * len("            999,\n")
