"""Plans with text that wants to be code, for hypothesis, and how to read a generated module back without running it."""

import ast
from dataclasses import dataclass

from hypothesis import strategies as st

from otterdsl.compiler.plan.model import (
    Plan,
    PlannedClass,
    PlannedEdge,
    PlannedField,
    PlannedLoop,
    PlannedParam,
    PlannedStep,
    PlannedTask,
    PlannedType,
)
from otterdsl.compiler.values import condition as cond
from otterdsl.compiler.values.bodies import Check, PythonBody, ShellBody
from otterdsl.compiler.values.types import SCALARS, SPEC, Type, TypeOption

ATTACKS = [
    '"',
    "'",
    '"""',
    "'''",
    "\\",
    "\\\\",
    '\\"',
    "\n",
    "\r\n",
    "\t",
    "\0",
    "{{ x }}",
    "{% for a in b %}",
    "{# c #}",
    "{{",
    "%}",
    "${each}",
    "$${",
    "__import__('os')",
    '"); __import__("os").system("true"); ("',
    '"""\nimport os\n"""',
    "\u202e\u2066x\u2069",
    "\u200b\u200d",
    "\ufeff",
    "\u2028\u2029\x0b\x0c\x85",
    "\ud800",
    "\U000e0041",
    " ",
    "  x  ",
    "é",
    "字" * 45,
    "🎉",
    "e\u0301",
    "x" * 70,
    "x" * 80,
    "# type: ignore",
    "# fmt: off",
    "# fmt: skip",
    "\\N{BULLET}",
    "{",
    "}",
    "\x1b[31m",
]

attacks = st.lists(st.sampled_from(ATTACKS), min_size=1, max_size=4).map("".join)
anything = st.text(st.characters(codec=None), max_size=90)
texts = st.one_of(attacks, anything, st.tuples(attacks, anything, attacks).map("".join))
names = st.one_of(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True), st.from_regex(r"[a-z]{60,100}", fullmatch=True))
floats = st.floats(allow_nan=False, allow_infinity=False)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.integers(-(10**4400), 10**4400), floats, texts)
values = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner, max_size=3).map(tuple), st.dictionaries(texts, inner, max_size=3)), max_leaves=6
)
operands = st.one_of(st.builds(cond.Constant, values), st.builds(cond.Param, names), st.builds(cond.Item, names))
conditions = st.recursive(
    st.one_of(operands, st.builds(cond.Compare, operands, st.sampled_from(["==", "<=", "not in"]), operands)),
    lambda inner: st.one_of(
        st.builds(cond.Not, inner),
        st.lists(inner, max_size=3).map(tuple).map(cond.AllOf),
        st.lists(inner, max_size=3).map(tuple).map(cond.AnyOf),
    ),
    max_leaves=4,
)
loops = st.builds(PlannedLoop, names, st.one_of(st.lists(values, max_size=3).map(tuple), st.builds(cond.Item, names)))
option = st.builds(TypeOption, st.sampled_from([*SCALARS, "input", "output", "into", "key"]), st.none(), st.booleans())
types = st.recursive(
    st.lists(option, min_size=1, max_size=3).map(tuple).map(Type),
    lambda inner: (
        st.lists(
            st.builds(TypeOption, st.sampled_from(["list", "map"]), st.one_of(inner, st.just(Type((TypeOption(SPEC),)))), st.booleans()),
            min_size=1,
            max_size=3,
        )
        .map(tuple)
        .map(Type)
    ),
    max_leaves=8,
)
CLASSES = {
    "copy": PlannedClass("otterdsl.runtime.tasks.copy", "Copy", "CopySpec"),
    "explode": PlannedClass("otterdsl.runtime.tasks.explode", "Explode", "ExplodeSpec"),
    "plain": PlannedClass("pis.tasks.plain", "Plain", None),
    "rival": PlannedClass("pis.tasks.rival", "Copy", "CopySpec"),
    "spread": PlannedClass("pis.tasks.spread", "Spread", "Spec"),
    "long": PlannedClass(f"pis.{'long' * 20}", f"Long{'g' * 90}", f"Long{'g' * 90}Spec"),
}


@st.composite
def tasks(draw, types_known, depth=1):
    spec = draw(st.dictionaries(st.one_of(names, texts).filter(lambda n: n not in ("name", "requires", "spec", "self")), values, max_size=3))
    inner = draw(st.lists(tasks(types_known, depth - 1), max_size=2).map(tuple)) if depth else ()
    sub = {"do_": inner} if inner else {}
    spec.pop("do_", None)
    type_name = draw(st.sampled_from(types_known))
    return PlannedTask(
        name=f"{type_name} {draw(texts)}",
        type=type_name,
        spec=spec,
        subtasks=sub,
        order=tuple(draw(st.permutations([*spec, *sub]))),
        after=tuple(PlannedEdge(target, "requires") for target in draw(st.lists(texts, max_size=2))),
        loops=tuple({loop.variable: loop for loop in draw(st.lists(loops, max_size=2))}.values()),
        when=draw(st.one_of(st.none(), conditions)),
        groups=tuple(draw(st.lists(texts, max_size=2))),
        doc=draw(texts),
        file=draw(texts),
        line=draw(st.integers(1, 9)),
    )


@st.composite
def planned_fields(draw):
    required = draw(st.booleans())
    provides = tuple(draw(st.lists(names, max_size=4)))
    return PlannedField(draw(names), draw(types), required, None if required else draw(values), provides, draw(texts))


bodies = st.one_of(
    st.none(),
    st.builds(ShellBody, st.lists(texts, min_size=1, max_size=3).map(tuple), st.dictionaries(texts, values, max_size=3)),
    st.builds(PythonBody, st.just(("pass",)), st.lists(names.map("f_{}".format), max_size=9, unique=True).map(tuple), st.booleans()),
)
checks = st.lists(st.builds(Check, texts, st.dictionaries(names.map("a_{}".format), values, max_size=2)), max_size=2).map(tuple)


@st.composite
def plans(draw):
    declared = []
    for name in draw(st.lists(names.filter(lambda n: n not in CLASSES), max_size=3, unique=True)):
        kind = draw(st.sampled_from(["task", "extern"]))
        body, checked = (draw(bodies), draw(checks)) if kind == "task" else (None, ())
        bases = [*CLASSES, *(each.name for each in declared), *([None] if body else [])]
        base = draw(st.sampled_from(bases)) if kind == "task" else None
        python = PlannedClass("pis.own", f"X{name}", None) if kind == "extern" and draw(st.booleans()) else None
        fields = {field.name: field for field in draw(st.lists(planned_fields(), max_size=2))}
        declared.append(PlannedType(name, kind, base, python, tuple(fields.values()), draw(texts), draw(texts), 3, body, checked))
    known = [*CLASSES, *(each.name for each in declared)]
    steps = []
    for name in draw(st.lists(texts.filter(bool), max_size=3, unique=True)):
        inside = {task.name: task for task in draw(st.lists(tasks(known), max_size=3))}
        requires = tuple(step.name for step in steps)
        steps.append(PlannedStep(name, requires, tuple(inside.values()), draw(texts), draw(texts), 1))
    params = {name: PlannedParam(name, draw(types), draw(values), draw(st.booleans()), draw(texts)) for name in draw(st.lists(names, max_size=2))}
    return Plan(
        pipeline=draw(texts),
        file=draw(texts),
        doc=draw(texts),
        settings=draw(st.dictionaries(texts, values, max_size=2)),
        params=tuple(params.values()),
        packages=tuple(draw(st.lists(texts, max_size=2))),
        types=tuple(declared),
        classes=CLASSES,
        steps=tuple(steps),
    )


# ---------------------------------------------------------------- reading back


@dataclass(frozen=True)
class Call:
    """A call in a generated module: what is called, under the name it was imported as, and the arguments' data."""

    name: str
    arguments: tuple
    keywords: dict


def data(node: ast.expr):
    """The data that an expression of a generated module holds; anything but literals, names and calls of names is refused."""
    match node:
        case ast.Constant(value):
            return value
        case ast.UnaryOp(ast.USub(), ast.Constant(value)):
            return -value
        case ast.List(items):
            return [data(item) for item in items]
        case ast.Tuple(items):
            return tuple(data(item) for item in items)
        case ast.Dict(keys, items):
            assert None not in keys
            return {data(key): data(item) for key, item in zip(keys, items, strict=True)}
        case ast.Call(ast.Name(name), arguments, keywords):
            named: dict = {}
            for keyword in keywords:
                named.update({keyword.arg: data(keyword.value)} if keyword.arg else data(keyword.value))
            return Call(name, tuple(data(each) for each in arguments), named)
    raise AssertionError(f"{ast.dump(node)} is no data")
