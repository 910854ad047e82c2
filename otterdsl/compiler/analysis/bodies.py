"""What declared task types say of how their tasks run and are checked: `run` and `validate`, resolved.

In: a task type, with what all files share. Out: its `Body` and `Check`s, and what pydantic is to be asked of arguments. Reports: OT202, an unknown
language; OT206, two of a kind; OT213, a body that is empty; and what `shell_body`, `python_body` and `validations` find. What is absent: whether bash
can parse a script, which takes a process to know (`compiler.bash`).
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from otterdsl.compiler.analysis.python_body import python_body
from otterdsl.compiler.analysis.report import Report, did_you_mean, rename
from otterdsl.compiler.analysis.schemas import ValidatorSchema
from otterdsl.compiler.analysis.scope import Globals
from otterdsl.compiler.analysis.shell_body import shell_body
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.analysis.validations import resolve_validate
from otterdsl.compiler.analysis.value_checks import Asked
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.bodies import Body, Check

LANGUAGES: Final = ("sh", "python")

_Node = TypeVar("_Node", ast.Run, ast.Validate)


class Resolved(NamedTuple):
    """A type's body and checks, and requests for the checks' arguments."""

    body: Body | None
    checks: tuple[Check, ...]
    asked: list[Asked]


def resolve_bodies(kind: TaskType, validators: Mapping[str, ValidatorSchema], names: Globals, report: Report) -> Resolved:
    """What a declared type says of its own `run` and `validate`."""
    declared = kind.declaration
    if not isinstance(declared, ast.TaskType):
        return Resolved(None, (), [])
    run = _only([each for each in declared.members if isinstance(each, ast.Run)], "run", report)
    validate = _only([each for each in declared.members if isinstance(each, ast.Validate)], "validate", report)
    body = None if run is None else _body(run, kind, names, report)
    checks, asked = resolve_validate(validate, kind, validators, names, report) if validate is not None else ((), [])
    return Resolved(body, checks, asked)


def _only(found: Sequence[_Node], keyword: str, report: Report) -> _Node | None:
    """The first of a type's; others are reported."""
    for again in found[1:]:
        related = (Label(_keyword(found[0], keyword), "first given here"),)
        message = f"`{keyword}` is given twice"
        report.add("OT206", _keyword(again, keyword), message, label="given again here", mend="a task type has one", related=related)
    return found[0] if found else None


def _keyword(node: ast.Run | ast.Validate, keyword: str) -> Span:
    """Where the keyword stands that a node begins with."""
    return Span(node.span.file, node.span.start, node.span.start + len(keyword))


def _body(run: ast.Run, kind: TaskType, names: Globals, report: Report) -> Body | None:
    language = run.language.text
    if language not in LANGUAGES:
        near = report.suggestion(language, LANGUAGES)
        mend = did_you_mean(near) or "the languages are `sh` and `python`"
        message, span = f"`run` knows no language `{language}`", run.language.span
        report.add("OT202", span, message, label="not a language of bodies", mend=mend, fixes=rename(span, near))
        return None
    if run.body.plain is not None and not run.body.plain.strip():
        message = f"the body of task type `{kind.name}` is empty"
        report.add("OT213", run.body.span, message, label="nothing is run here", mend="say what its tasks do, or take `run` away")
        return None
    return shell_body(run, kind, names, report) if language == "sh" else python_body(run, kind, report)
