"""Configurations of Otter, made by hypothesis: right ones, with all that YAML and its users come up with."""

from typing import Any

import yaml
from hypothesis import strategies as st

from otterdsl.compiler.values.value import PLACEHOLDER

SCRATCHPAD = {
    "efo_version": st.just("3.83.0"),
    "a key": st.text(max_size=5),
    "b.c": st.sampled_from(["x", 3, 1.5, True, None, "2025-01-16", ["p", "q"], {"in": {"side": 1}}]),
    "x-y": st.sampled_from(
        ["pre-${efo_version}", "${b.c}", "${a key}$${x}", ["${q}", {"${q}": "${no such}"}], "$5", "$$", "${", "$${x}", "a\nb\n", ""]
    ),
    "q": st.just("one letter"),
    "b": st.just({"d e": "deep"}),
}
WORDS = [
    "atlas",
    "a b",
    "it's",
    'say "x"',
    "ünï 🦦",
    "x: y",
    "#1",
    "step",
    "for",
    "a.b",
    "1",
    "-",
    "null",
    "(binary)",
    "a  b",
    "x/y",
    "C:\\d",
    "tab\tbed",
]
PIECES = [
    "a",
    " ",
    "/",
    "$",
    "$$",
    "${efo_version}",
    "${a key}",
    "${b.c}",
    "${x-y}",
    "$${no}",
    "#",
    ": ",
    "'",
    '"',
    "\\",
    "\n",
    "{",
    "}",
    "é",
    "${b.d e}",
    "yes",
]
FIELDS = ["plain", "with_under", "step", "requires_not", "Upper", "schema", "for", "retries", "_x", "odd-key"]
KEYS = [*FIELDS, "odd-key", "a key", "1st", "ünï", "name"]


def texts(more: list[str]) -> st.SearchStrategy[str]:
    """Texts with placeholders in them that have a value."""
    whole = st.sampled_from(
        ["yes", "null", "1", "1.0", "2025-01-16", "12:30", "~", "0x1f", "1e5", "=", "<<", "", " ", "l1\nl2\n", " l1\n\n  l2", "l1\n\n\n"]
    )
    return st.one_of(whole, st.lists(st.sampled_from([*PIECES, *more]), max_size=5).map("".join).filter(_closed))


def _closed(text: str) -> bool:
    """Whether each `${` of a text begins a placeholder: at any other Otter stops, and what it stands for in a pipeline is `$${`."""
    return "${" not in PLACEHOLDER.sub("", text)


def values(more: list[str]) -> st.SearchStrategy[Any]:
    """Anything that a field may hold."""
    scalars = st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False), texts(more))
    keys = st.one_of(st.sampled_from(KEYS), texts([]))
    return st.recursive(scalars, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)), max_leaves=6)


def fields(more: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """The fields of a task of a type that nobody describes."""
    return st.dictionaries(st.sampled_from(FIELDS), values(more), max_size=4)


@st.composite
def steps(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The tasks of a step."""
    tasks: list[dict[str, Any]] = []
    stored: list[str] = []
    for number in range(draw(st.integers(0, 5))):
        label = f"{draw(st.sampled_from(WORDS))} {number}"
        kind = draw(st.sampled_from(["copy", "alpha", "find_latest", "explode", "explode_glob", "made"]))
        task = draw(entry(kind, label, stored, 0))
        if kind == "find_latest":
            stored.append(f"${{{task.get('scratchpad_key') or task['name']}}}")
        before = [other["name"] for other in tasks]
        if before and draw(st.booleans()):
            required = draw(st.lists(st.sampled_from(before), max_size=2))
            task = {"requires": required, **task} if draw(st.booleans()) else {**task, "requires": required}
        tasks.append(task)
    return tasks


@st.composite
def entry(draw: st.DrawFn, kind: str, label: str, more: list[str], depth: int) -> dict[str, Any]:
    """A task. `more` are placeholders that tasks around it fill in."""
    name = {"name": f"{kind} {label}"}
    match kind:
        case "copy":
            return {**name, "source": "https://" + draw(texts(more)), "destination": f"{label}/" + draw(texts(more))}
        case "find_latest":
            key = draw(
                st.sampled_from([{}, {"scratchpad_key": f"key {label[-1]}"}, {"scratchpad_key": f"key.{label[-1]}"}, {"scratchpad_key": None}])
            )
            return {"source": "gs://" + draw(texts(more)), **name, **key}
        case "explode":
            each = draw(st.sampled_from(["each", "it", "that one", "e"]))
            said = {} if each == "each" else {"each_placeholder": each}
            if draw(st.integers(0, 5)) == 0:
                said = {"each_placeholder": each}
            items = draw(st.one_of(st.lists(st.sampled_from(["x", "y", "z w", "1", "yes"]), min_size=1, max_size=3, unique=True), st.just([1, 2])))
            return {**name, "foreach": items, **said, "do": draw(inner([f"${{{each}}}"], label, more, depth))}
        case "explode_glob":
            return {
                **name,
                "glob": "input/*" + draw(texts(more)).replace("*", ""),
                "do": draw(inner(["${uri}", "${match_stem}"], label, more, depth)),
            }
        case _:
            return {**name, **draw(fields(more))}


@st.composite
def inner(draw: st.DrawFn, provided: list[str], label: str, more: list[str], depth: int) -> list[dict[str, Any]]:
    """The tasks within a task, their labels with what it fills in."""
    kinds = ["copy", "alpha"] if depth else ["copy", "alpha", "explode"]
    made: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 2))):
        task = draw(entry(draw(st.sampled_from(kinds)), f"{provided[0]} {label} {number}", [*more, *provided], depth + 1))
        if made and draw(st.booleans()):
            task["requires"] = [made[0]["name"]]
        made.append(task)
    return made


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    """A whole configuration."""
    settings = draw(st.fixed_dictionaries({}, optional={"work_path": st.just("../w"), "pool_size": st.just(4), "log_level": st.just("DEBUG")}))
    pad = draw(st.fixed_dictionaries(SCRATCHPAD))
    names = draw(st.lists(st.sampled_from(["one", "step-two", "a step", "für"]), min_size=1, max_size=2, unique=True))
    return {**settings, "scratchpad": pad, "steps": {name: draw(steps()) for name in names}}


@st.composite
def yaml_texts(draw: st.DrawFn) -> str:
    """A configuration's text, in one of the styles that YAML has."""
    style = draw(st.sampled_from([{}, {"default_flow_style": True}, {"default_style": '"'}, {"width": 20}, {"allow_unicode": True}, {"indent": 4}]))
    return yaml.safe_dump(draw(configurations()), sort_keys=draw(st.booleans()), **style)
