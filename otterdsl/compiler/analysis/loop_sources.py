"""What a loop runs over where only a run knows it: `glob`, `lines`, `json`, what a task stores.

In: the `for` of a loop, the place where it stands, a task in it. Out: its source with its texts. Reports: arguments that cannot be (OT219, OT308),
secrets (OT504). What is absent: the loop's turns (see `loops`), and what a task waits for because of a source.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from otterdsl.compiler.analysis.arguments import bound
from otterdsl.compiler.analysis.report import Report, shown
from otterdsl.compiler.analysis.schemas import ValueRequest
from otterdsl.compiler.analysis.scope import POISON, Env, Folded, Open, Poison
from otterdsl.compiler.analysis.secrets import any_secrets, refuse_secret
from otterdsl.compiler.analysis.value_checks import Asked
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.condition import Param
from otterdsl.compiler.values.sources import Glob, Json, Lines, RunTimeSource, Stored
from otterdsl.compiler.values.value import PLACEHOLDER, Value, placeholder, placeholders, to_text

# For each function its parameters, whether each is required, and how it is called.
FORMS: Final[Mapping[str, tuple[Mapping[str, bool], str]]] = {
    "glob": ({"pattern": True, "allow_empty": False}, "glob(pattern, allow_empty = true)"),
    "lines": ({"path": True}, "lines(path)"),
    "json": ({"path": True, "query": True}, "json(path, query)"),
}
FILE_PARTS: Final = ("uri", "prefix", "path", "stem", "ext", "uuid")
QUERY: Final = "json query"  # what a query goes by among the models that values are checked with; no task type can be called so
STORED: Final = "\0stored"  # what a task stores, before it is looked up
_WEB: Final = ("http://", "https://")

Evaluate: TypeAlias = Callable[[ast.Expr, Env], Folded]


@dataclass(slots=True)
class SourceNumbers:
    """Which of a step's loops over the same source a loop is. Mutated: each loop that is asked for gets the next number."""

    loops: dict[tuple[str, ...], list[int]] = field(default_factory=dict)

    def of(self, texts: tuple[str, ...], loop: ast.For) -> int:
        """1 for the first loop over these texts, 2 for the next."""
        known = self.loops.setdefault(texts, [])
        if id(loop) not in known:
            known.append(id(loop))
        return known.index(id(loop)) + 1


def call_arguments(call: ast.CallExpr, report: Report) -> dict[str, ast.Expr] | Literal[Poison.POISON]:
    """The arguments of a call by name. Reports: OT219."""
    parameters, form = FORMS[call.function.text]
    return bound(call, parameters, form, report)


def blank(function: str) -> RunTimeSource:
    """The source of a call whose texts are not looked at yet."""
    match function:
        case "glob":
            return Glob("")
        case "lines":
            return Lines("")
        case _:
            return Json("", "")


def symbol(variable: str, items: RunTimeSource | Param) -> Value:
    """What stands for the value of a variable in each of its turns."""
    match items:
        case Glob():
            return {part: placeholder(f"{variable}.{part}") for part in FILE_PARTS}
        case Lines():
            return placeholder(variable)
        case Json() | Stored() | Param():
            return Open(placeholder(variable))


def source_of(loop: ast.For, env: Env, evaluate: Evaluate, numbers: SourceNumbers, asked: list[Asked]) -> RunTimeSource | Literal[Poison.POISON]:
    """The source that a loop runs over. Mutates: `numbers`, and `asked` gets a constant query to check. Reports: OT308, OT504."""
    expr = loop.iterable
    if not isinstance(expr, ast.CallExpr):
        value = evaluate(expr, env)
        whole = PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
        return POISON if whole is None or whole[1] is None else Stored(whole[1])
    name = expr.function.text
    given = call_arguments(expr, env.report)
    if given is POISON:
        return POISON
    texts = {each: _text(each, given[each], name, env, evaluate) for each in ("pattern", "path", "query") if each in given}
    empty = "allow_empty" in given and _flag(given["allow_empty"], env, evaluate)
    found = [text for text in texts.values() if text is not POISON]
    if len(found) < len(texts) or empty is POISON:
        return POISON
    number = numbers.of((name, *found, str(empty)), loop)
    match name:
        case "glob":
            return POISON if _lists_nothing(found[0], given["pattern"], env) else Glob(found[0], empty, number)
        case "lines":
            return Lines(found[0], number)
        case _:
            if not any(placeholders(found[1])):
                query, place = given["query"], given["query"].span
                asked.append(Asked(ValueRequest(QUERY, {"query": found[1]}), "OT308", "argument", " of `json`", place, {"query": query}, loop))
            return Json(found[0], found[1], number)


def _text(name: str, expr: ast.Expr, function: str, env: Env, evaluate: Evaluate) -> str | Literal[Poison.POISON]:
    value = evaluate(expr, env)
    if value is POISON:
        return POISON
    if any_secrets(env.names) and refuse_secret(value, "what a loop runs over", expr.span, env):
        return POISON
    if isinstance(value, str) and value.strip():
        return value
    what = "is empty" if isinstance(value, str) else f"is `{shown(to_text(value))}`"
    env.report.add("OT308", expr.span, f"`{function}` takes text as `{name}`, and this {what}", label="no text")
    return POISON


def _flag(expr: ast.Expr, env: Env, evaluate: Evaluate) -> bool | Literal[Poison.POISON]:
    value = evaluate(expr, env)
    if value is POISON or isinstance(value, bool):
        return value
    message = f"`glob` takes `true` or `false` as `allow_empty`, and this is `{shown(to_text(value))}`"
    env.report.add("OT308", expr.span, message, label="no bool known when compiled")
    return POISON


def _lists_nothing(pattern: str, expr: ast.Expr, env: Env) -> bool:
    """Whether a pattern is for servers that list no files. Reports: OT308."""
    if not pattern.lower().startswith(_WEB):
        return False
    message = "http and https list no files, so that nothing can match this"
    env.report.add(
        "OT308", expr.span, message, label="no place that lists files", mend="name the files in a list, or read their names from one with `lines`"
    )
    return True


def texts_read(source: RunTimeSource) -> str | None:
    """The path or pattern that a source reads; None for what is no file."""
    match source:
        case Glob(pattern):
            return pattern
        case Lines(path) | Json(path, _):
            return path
        case Stored():
            return None


def place_of(loop: ast.For) -> Span:
    """Where a loop says what it reads."""
    return loop.iterable.arguments[0].value.span if isinstance(loop.iterable, ast.CallExpr) and loop.iterable.arguments else loop.iterable.span
