"""What Open Targets' PIS does, by its configuration and by the example made of it.

In: the files in `examples/pis`. Out: their plans, folded and spread. A plan here is `{step: (steps it requires, {task: (all that it waits for, its
fields)})}`: the order in which things were written is gone, as it means nothing.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from otterdsl.compiler.compile import compile_file

FOLDER = Path(__file__).resolve().parents[3] / "examples" / "pis"
ENTRY = FOLDER / "pis.otter"
CONFIGURATION = FOLDER / "config.yaml"
SCHEMA = FOLDER / "tasks.otter"
DEFECT = "      queries:\n"  # of `solr fetch mouse_model`: the only one that no plan can be made with

Fields = dict[str, Any]
Tasks = dict[str, tuple[set[str], Fields]]
Plan = dict[str, tuple[set[str], Tasks]]


def otterdsl(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    return subprocess.run([sys.executable, "-m", "otterdsl", *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False)


@cache
def scratchpad() -> Mapping[str, str]:
    """The versions that the configuration chooses."""
    found: Mapping[str, str] = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))["scratchpad"]
    return found


def converted(folder: Path) -> Path:
    """The configuration as `convert` writes it, without its one defect that stops a plan."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    assert text.count(DEFECT) == 1
    (folder / "config.yaml").write_text(text.replace(DEFECT, ""), encoding="utf-8")
    done = otterdsl("convert", "config.yaml", "--schema", SCHEMA, "-o", "converted.otter", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder / "converted.otter"


def plan_of(entry: Path, folder: Path) -> Plan:
    """What a run would do, with the params' defaults in their places."""
    params = {param.name: param.default for param in known(entry).params}
    done = otterdsl("plan", entry, "--format", "json", folder=folder)
    assert done.returncode == 0, done.stderr
    plan: Plan = {}
    for step in json.loads(done.stdout)["steps"]:
        tasks = {task["name"]: (set(task["after"]), folded(task["spec"], params)) for task in step["tasks"]}
        assert len(tasks) == len(step["tasks"])
        plan[step["name"]] = (set(step["requires"]), tasks)
    return plan


def known(entry: Path) -> Any:
    """The Plan that the compiler makes of a file: its params, types and settings are as they were declared."""
    compilation = compile_file(entry)
    assert not compilation.has_errors, compilation.diagnostics
    return compilation.plan


def folded(value: Any, values: Mapping[str, Any]) -> Any:
    """The value with these placeholders filled in."""
    if isinstance(value, str):
        return re.sub(r"\$\{([^}]+)\}", lambda found: str(values.get(found[1], found[0])), value)
    if isinstance(value, list):
        return [folded(each, values) for each in value]
    return {key: folded(each, values) for key, each in value.items()} if isinstance(value, dict) else value
