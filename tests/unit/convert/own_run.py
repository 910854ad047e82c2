"""What a run of a `.otter` file makes of its tasks: the other side of what `export` is measured by. In: a path. Out: as `otter_rules` has it."""

import asyncio
from collections.abc import Mapping
from inspect import isawaitable
from pathlib import Path
from typing import Any

from otter_rules import Made

from otterdsl.compiler.compile import compile_file
from otterdsl.runtime.config.model import Config
from otterdsl.runtime.loader import load_sources
from otterdsl.runtime.params import resolve_params
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.task.bind import written
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.open_loops import Entry
from otterdsl.runtime.task.spread import spread
from otterdsl.runtime.task.task_registry import TaskRegistry


def tasks_of_file(path: Path, step: str, stored: Mapping[str, str], sets: Mapping[str, str]) -> dict[str, Made]:
    """The tasks of a step by name, with all placeholders filled in, those that tasks make among them."""
    compilation = compile_file(path)
    loaded = load_sources(compilation.files, name=compilation.name, source_root=path.parent)
    params = resolve_params(loaded, dict(sets), {})
    found = spread(loaded.step(step).classes, params)
    registry = TaskRegistry(Config(step=step, steps=[step]), Scratchpad({**params, **stored}))
    registry.register("otterdsl.runtime.tasks")
    groups: dict[str, list[str]] = {label: [] for label in found.groups}
    for entry in found.entries:
        for label in entry.groups:
            groups[label].append(entry.name)
    made: dict[str, Made] = {}
    left: list[tuple[Spec, Entry | None, str]] = [(entry.spec, entry, "") for entry in found.entries]
    while left:
        spec, statement, maker = left.pop(0)
        task = registry.make(spec, statement.task_class if statement is not None else None)
        final = task.spec
        requires = [name for each in final.requires for name in groups.get(each, [each]) if name not in found.absent]
        fields = {name: _plain(value) for name, value in written(final).items() if name not in ("name", "requires", "do")}
        made[final.name] = Made(final.name, fields, tuple(requires), maker)
        if maker:
            made[maker].made.append(final.name)
        if final.task_type == "explode":
            asyncio.run(_ran(task))
            left += [(each, None, final.name) for each in task.context.specs]
    return made


async def _ran(task: Task) -> None:
    running = task.run()
    if isawaitable(running):
        await running


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, Mapping) else value
