"""`run python`: the body of a method, parsed, and the names in it checked.

In: a `run`, the task type that it stands in. Out: a `PythonBody`, its lines as they will stand in a method. Reports: OT107, what Python cannot parse,
at its own line; OT202, names that nothing gives (`python_names`); OT109, statements that a body cannot hold; OT008, what is too large or too deep.
What is absent: running any of it.
"""

import ast as python
import tokenize
import warnings
from collections.abc import Iterator
from keyword import iskeyword
from typing import Final

from otterdsl.compiler.analysis.places import line_in_file
from otterdsl.compiler.analysis.python_names import Unknown, unknown_names
from otterdsl.compiler.analysis.report import Report, did_you_mean, rename, shown
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.bodies import PythonBody
from otterdsl.compiler.values.python_text import lines_within_strings

LONGEST: Final = 1_000_000
"""So many characters a body may have; what is longer belongs in a package."""

_SCOPES: Final = (python.FunctionDef, python.AsyncFunctionDef, python.ClassDef, python.Lambda)


class _Text:
    """The text of a body. `shift` is how many lines stand before it where Python reads it, `indent` what its first line begins with."""

    def __init__(self, run: ast.Run) -> None:
        self.run = run
        self.text = run.body.plain or ""
        first = next(line for line in self.text.split("\n") if line.strip() and not line.lstrip().startswith("#"))
        self.indent = first[: len(first) - len(first.lstrip(" \t"))]
        self.shift = 1 if self.indent else 0

    @property
    def source(self) -> str:
        """What Python reads."""
        return f"if 1:\n{self.text}\n" if self.shift else f"{self.text}\n"

    def report(
        self, report: Report, code: str, message: str, line: int, columns: tuple[int, int | None], label: str, mend: str = "", fix: str | None = None
    ) -> None:
        """Report something at a line as Python counts them. Mutates: `report`."""
        span = line_in_file(self.run, self.text, line - 1 - self.shift, *columns)
        report.add(code, span, message, label=label, mend=mend, fixes=rename(span, fix))

    def report_node(self, report: Report, code: str, message: str, node: python.expr | python.stmt, label: str, mend: str = "") -> None:
        """Report something at a node's first line. Mutates: `report`."""
        self.report(report, code, message, node.lineno, self.columns(node), label, mend)

    def columns(self, node: python.expr | python.stmt) -> tuple[int, int | None]:
        """Where a node begins and ends on its first line, in characters: Python counts bytes."""
        lines = self.source.split("\n")
        line = lines[node.lineno - 1].encode()
        start = len(line[: node.col_offset].decode("utf-8", "replace"))
        one_line = node.end_lineno == node.lineno and node.end_col_offset is not None
        return start, len(line[: node.end_col_offset].decode("utf-8", "replace")) if one_line else None


def python_body(run: ast.Run, kind: TaskType, report: Report) -> PythonBody | None:
    """The body, None where it is none."""
    if len(run.body.plain or "") > LONGEST:
        message = f"a body of more than {LONGEST:,} characters is too large"
        report.add("OT008", run.language.span, message, label="this one", mend="put it into a package of Python, and import that")
        return None
    if not any(line.strip() and not line.lstrip().startswith("#") for line in (run.body.plain or "").split("\n")):
        report.add("OT213", run.body.span, f"the body of task type `{kind.name}` is nothing but comments", label="nothing is run here")
        return None
    text = _Text(run)
    arguments = tuple(name for name in kind.fields if name.isidentifier() and not iskeyword(name) and name != "self")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = _parsed(text)
            _compiled(body, arguments)
        _check_statements(body, text, report)
        for each in unknown_names(body, ("self", *arguments)):
            if not (kind.broken and kind.open):
                _unknown(each, text, report)
        lines = _lines(text)
    except SyntaxError as error:
        _syntax(error, text, report)
        return None
    except tokenize.TokenError:
        _syntax(SyntaxError("unexpected end of the body"), text, report)
        return None
    except (RecursionError, MemoryError):
        report.add("OT008", run.language.span, "this body nests too deeply", label="this one", mend="give parts of it names")
        return None
    return PythonBody(lines, arguments, any(map(_awaits, _own(body))))


def _parsed(text: _Text) -> list[python.stmt]:
    """The statements of a body. Raises: SyntaxError, RecursionError, MemoryError."""
    module = python.parse(text.source)
    first = module.body[0]
    if not text.shift:
        return module.body
    if len(module.body) > 1:
        # A line that is indented less than the first one ended the block.
        late = module.body[1]
        raise IndentationError("unindent does not match the first line", ("", late.lineno, late.col_offset + 1, None, late.lineno, None))
    if not isinstance(first, python.If) or first.orelse:
        lines = text.source.split("\n")
        at = next((number for number, line in enumerate(lines, start=1) if number > 1 and line.startswith(("else", "elif"))), 2)
        raise IndentationError("`else` without its `if`", ("", at, 1, None, at, None))
    return first.body


def _compiled(body: list[python.stmt], arguments: tuple[str, ...]) -> None:
    """Compile a body as the method that it will be: what Python finds only then is wrong too. Raises: as `_parsed`."""
    names = [python.arg(name) for name in ("self", *arguments)]
    made = python.parse("async def body(): pass" if any(map(_awaits, _own(body))) else "def body(): pass")
    method = made.body[0]
    if isinstance(method, python.FunctionDef | python.AsyncFunctionDef):
        method.args.args, method.body = names, body
    compile(python.fix_missing_locations(made), "body", "exec", dont_inherit=True)


def _awaits(node: python.AST) -> bool:
    if isinstance(node, python.comprehension):
        return bool(node.is_async)
    return isinstance(node, python.Await | python.AsyncFor | python.AsyncWith)


def _own(body: list[python.stmt]) -> Iterator[python.AST]:
    """The nodes of a body, without those of the functions and classes in it."""
    left: list[python.AST] = list(reversed(body))
    while left:
        node = left.pop()
        yield node
        if isinstance(node, python.FunctionDef | python.AsyncFunctionDef | python.ClassDef):
            left += reversed(node.decorator_list)
        elif not isinstance(node, _SCOPES):
            left += reversed(list(python.iter_child_nodes(node)))


def _check_statements(body: list[python.stmt], text: _Text, report: Report) -> None:
    for node in _own(body):
        if isinstance(node, python.Yield | python.YieldFrom):
            mend = "a body runs to its end; loop within it"
            text.report_node(report, "OT109", "a body cannot `yield`: nothing asks it for values", node, "not in a body", mend)
        elif isinstance(node, python.Return) and not (node.value is None or (isinstance(node.value, python.Constant) and node.value.value is None)):
            mend = "write `return` alone; what a task makes is in its files"
            text.report_node(report, "OT109", "a body returns nothing: no one would see the value", node, "a value is returned", mend)


def _syntax(error: SyntaxError, text: _Text, report: Report) -> None:
    said = (error.msg or "invalid syntax").split(" (<", 1)[0]
    line = error.lineno or 1 + text.shift
    start = max((error.offset or 1) - 1, 0)
    end = error.end_offset - 1 if error.end_lineno == line and error.end_offset is not None and error.end_offset - 1 > start else None
    columns = (0, None) if isinstance(error, IndentationError) else (start, end if end is not None else start + 1)
    text.report(report, "OT107", f"Python cannot read this: {shown(said)}", line, columns, "here")


def _unknown(unknown: Unknown, text: _Text, report: Report) -> None:
    near = report.suggestion(unknown.name, unknown.visible)
    mend = did_you_mean(near) or "a body sees its fields, what it makes and imports itself, and Python's own names"
    message = f"unknown name `{shown(unknown.name)}`"
    text.report(report, "OT202", message, unknown.node.lineno, text.columns(unknown.node), "nothing gives it a value", mend, near)


def _lines(text: _Text) -> tuple[str, ...]:
    """The lines without the indent that they share; those that begin within a string as they are, blank ones at the ends not at all."""
    inner = {line - text.shift for line in lines_within_strings(text.source)}
    lines = [line if number in inner else _without(line, text.indent) for number, line in enumerate(text.text.split("\n"), start=1)]
    while lines and not lines[-1]:
        lines.pop()
    if lines and lines[-1].endswith("\\"):
        python.parse("\n".join(lines))  # nothing follows in a module
    start = next((number for number, line in enumerate(lines) if line), 0)
    return tuple(lines[start:])


def _without(line: str, indent: str) -> str:
    if not line.strip(" \t"):
        return ""
    shared = next((number for number, (a, b) in enumerate(zip(line, indent, strict=False)) if a != b), min(len(line), len(indent)))
    return line[shared:]
