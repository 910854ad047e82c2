"""What stands in the class of a task type that says itself how its tasks run, or how what they make is checked.

In: the Plan's types. Out: the classes of the runtime that such a class extends, and the text in it: scripts and checks as data, a Python body as the
method that it is. All but that body is in Black's form; its bytes are its author's, since they must not depend on a version of Black.
"""

from collections.abc import Iterator, Sequence
from keyword import iskeyword

from otterdsl.compiler.codegen.conditions import WIDTH, one_tuple
from otterdsl.compiler.codegen.literals import INDENT, bracketed, collection, literal, string
from otterdsl.compiler.plan.model import PlannedType
from otterdsl.compiler.values.bodies import Check, PythonBody, ShellBody


def mixins(declared: PlannedType, types: Sequence[PlannedType]) -> Iterator[str]:
    """The classes of the runtime that a type's class extends before its base, but for those that its base extends already."""
    wanted = _mixin(declared)
    if not wanted:
        return
    by_name = {each.name: each for each in types}
    below: set[str] = set()
    at = declared.base
    while at is not None and (base := by_name.get(at)) is not None:
        below.add(_mixin(base))
        at = base.base
    # Whoever has a body checks within its run, and needs no class for that.
    if wanted not in below and not (wanted == "CheckedTask" and below & {"ShellTask", "PythonTask"}):
        yield wanted


def _mixin(declared: PlannedType) -> str:
    match declared.body:
        case ShellBody():
            return "ShellTask"
        case PythonBody():
            return "PythonTask"
        case None:
            return "CheckedTask" if declared.checks else ""


def body_names(declared: PlannedType, types: Sequence[PlannedType]) -> Iterator[str]:
    """The names of the runtime that a type's class needs for its body and checks."""
    yield from mixins(declared, types)
    if declared.checks:
        yield "Check"


def body_text(declared: PlannedType) -> Iterator[str]:
    """What stands in a type's class below its docstring, in blocks."""
    assigned: list[str] = []
    match declared.body:
        case ShellBody(lines, environment):
            if environment:
                assigned.append(f"environment = {collection(environment, 1)}")
            before = len(f"{INDENT}script = ")
            script = one_tuple(lines[0], 1, before) if len(lines) == 1 else bracketed("(", map(string, lines), ")", 1)
            assigned.append(f"script = {script}")
        case _:
            pass
    if declared.checks:
        assigned.append(f"checks = {bracketed('(', map(_check, declared.checks), ')', 1)}")
    if assigned:
        yield f"\n{INDENT}".join(assigned)
    if isinstance(declared.body, PythonBody):
        yield _method(declared.body)


def _check(check: Check) -> str:
    named = [f"{name}={literal(value, 3)}" for name, value in check.arguments.items() if not iskeyword(name)]
    return bracketed("Check(", [string(check.validator), *named], ")", 2)


def _method(body: PythonBody) -> str:
    """The method, from its second line on with the indentation of the class."""
    from otterdsl.compiler.values.python_text import lines_within_strings  # few pipelines have such a body

    word = "async def" if body.awaits else "def"
    arguments = ["self", *body.arguments]
    head = f"{word} body({', '.join(arguments)}):"
    if len(INDENT) + len(head) > WIDTH:
        head = f"{word} body({_spread(arguments)}):"
    inner = set(lines_within_strings("\n".join(body.lines)))
    lines = [line if number in inner or not line else f"{INDENT * 2}{line}" for number, line in enumerate(body.lines, start=1)]
    return "\n".join([head, *lines])


def _spread(arguments: Sequence[str]) -> str:
    """The parameters over lines, as Black has them: on one of their own where that is wide enough, else one a line."""
    line = ", ".join(arguments)
    if len(INDENT) * 2 + len(line) <= WIDTH:
        return f"\n{INDENT * 2}{line}\n{INDENT}"
    return "\n" + "".join(f"{INDENT * 2}{each},\n" for each in arguments) + INDENT
