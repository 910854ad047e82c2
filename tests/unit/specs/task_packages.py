"""Texts of task modules, for tests that write real packages."""

HEAD = """
from typing import Annotated
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Duration, Input, Key, Output, Provides, Size
"""


def task_module(name: str, fields: str = "", body: str = "") -> str:
    """The text of a module with a Spec of the given fields and its Task."""
    lines = "\n".join(f"    {line}" for line in (fields or "pass").splitlines())
    return f'{HEAD}{body}\n\nclass {name}Spec(Spec):\n{lines}\n\n\nclass {name}(Task):\n    """What {name} is for."""\n'
