"""Fold expressions to values in placeholder form.

In: an expression and where it stands. Out: its value, or POISON where it has none (reported). A param and a loop's variable become
placeholders, constants their value. What is absent: tasks and fields, for which the place itself answers (`Env.elsewhere`, `Env.field_of`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from otterdsl.compiler.analysis.limits import LONG, affordable, small, small_text, text_of
from otterdsl.compiler.analysis.report import did_you_mean, listed, rename, shown
from otterdsl.compiler.analysis.scope import ABSENT, POISON, Env, Folded, member
from otterdsl.compiler.analysis.turns import turn_text
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.source.nearest import Near
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.condition import Constant
from otterdsl.compiler.values.value import Value, escape, joined, placeholder, placeholders, to_text

_WORDS: Final = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false", **dict.fromkeys(("None", "Null", "NULL", "nil"), "null")}
_SPACES: Final = frozenset({"var", "vars", "local", "locals", "param", "params", "scratchpad", "config"})  # before a name, in other languages
RUN_TIME: Final = ("glob", "lines", "json")  # what only a loop can run over


def fold(expr: ast.Expr, env: Env) -> Folded:
    """The value of an expression. Reports: whatever keeps it from having one."""
    match expr:
        case ast.StringExpr():
            return _fold_string(expr, env)
        case ast.RefExpr():
            return fold_ref(expr, env, interpolated=False)
        case ast.NumberExpr() | ast.ConstantExpr():
            return expr.value
        case ast.ListExpr():
            return _fold_list(expr, env)
        case ast.MapExpr():
            return _fold_map(expr, env)
        case ast.CallExpr():
            return _fold_call(expr, env)
        case ast.CompareExpr() | ast.NotExpr() | ast.LogicExpr():
            return _fold_condition(expr, env)


def _fold_string(expr: ast.StringExpr, env: Env) -> Folded:
    """Text with what is interpolated in it; a string that is exactly one `${…}` has the value with its type."""
    parts = expr.parts
    if len(parts) == 1:
        only = parts[0]
        return escape(only) if isinstance(only, str) else _fold_inner(only.expr, env)
    text, poisoned = "", False
    for part in parts:
        if isinstance(part, str):
            text = joined((text, escape(part)))
            continue
        value = _fold_inner(part.expr, env)
        if value is POISON:
            poisoned = True
            continue
        piece = text_of(value, expr.span, env)
        if piece is None:
            poisoned = True
            continue
        if piece.startswith("${") and (text.endswith("$") or _dollar_in_turn(text, piece, env)):
            message = "a `$` right before a value that a run fills in cannot be written"
            env.report.add("OT503", part.span, message, label="this is filled in by a run", mend="put something between them, or make it a constant")
            poisoned = True
        text = joined((text, piece))
        if not small_text(len(text), expr.span, env):
            return POISON
    if poisoned or (len(text) > LONG and not affordable(len(text), expr.span, env)):
        return POISON
    return text


def _dollar_in_turn(text: str, piece: str, env: Env) -> bool:
    """Whether a loop's variable, last in a text, ends with a `$` in some turn, and what follows is no variable, which would be put in with it."""
    if not env.nest.variables or not text.endswith("}"):
        return False
    last = text[text.rfind("${") + 2 : -1].split(".")
    following = next(placeholders(piece), "").partition(".")[0]
    if last[0] not in env.nest.variables or following in env.nest.variables:
        return False
    index = env.nest.variables.index(last[0])
    values = (member(row[index], last[1:]) for row in env.nest.rows)
    return any(isinstance(value, str) and value.endswith("$") for value in values)


def _fold_inner(expr: ast.Expr, env: Env) -> Folded:
    """What `${…}` holds: within a string a name may be unknown, and a plain text is the name of a key."""
    if isinstance(expr, ast.RefExpr):
        return fold_ref(expr, env, interpolated=True)
    if isinstance(expr, ast.StringExpr) and expr.plain is not None:
        return _fold_key(expr, expr.plain, env)
    return fold(expr, env)


def _fold_list(expr: ast.ListExpr, env: Env) -> Folded:
    items: list[Value] = []
    poisoned = False
    for each in expr.items:
        value = fold(each, env)
        if value is POISON:
            poisoned = True
        else:
            items.append(value)
    made = tuple(items)
    return POISON if poisoned or not small(made, expr.span, env) else made


def _fold_map(expr: ast.MapExpr, env: Env) -> Folded:
    found: dict[str, Value] = {}
    first: dict[str, Span] = {}
    poisoned = False
    for entry in expr.entries:
        key = entry.key.text if isinstance(entry.key, ast.Name) else fold(entry.key, env)
        value = fold(entry.value, env)
        if key is POISON or value is POISON:
            poisoned = True
            continue
        name = to_text(key)
        if name in found:
            related = (Label(first[name], "first given here"),)
            env.report.add("OT207", entry.key.span, f"key `{shown(name)}` is given twice", label="given again here", related=related)
            continue
        found[name], first[name] = value, entry.key.span
    return POISON if poisoned or not small(found, expr.span, env) else found


def _fold_condition(expr: ast.CompareExpr | ast.NotExpr | ast.LogicExpr, env: Env) -> Folded:
    from otterdsl.compiler.analysis.conditions import lower_condition  # here, since conditions fold their operands

    condition = lower_condition(expr, env)
    if condition is POISON:
        return POISON
    if isinstance(condition, Constant):
        return condition.value
    message = "this depends on a param or a loop's variable, and a value here is only text with placeholders"
    env.report.add("OT307", expr.span, message, label="known only when a run starts", mend="write the task twice, under `if … { }` and `else { }`")
    return POISON


def _fold_call(expr: ast.CallExpr, env: Env) -> Folded:
    from otterdsl.compiler.analysis.functions import fold_call  # here, since functions fold their arguments

    return fold_call(expr, env)


def _refuse_secret(value: Value, expr: ast.RefExpr, env: Env) -> bool:
    from otterdsl.compiler.analysis.secrets import refuse_secret  # here, since calls are folded here too

    return refuse_secret(value, env.late, expr.span, env)


# ---------------------------------------------------------------- references


def ref_path(expr: ast.RefExpr) -> list[str] | None:
    """The parts of a reference as text; None where something is interpolated in one."""
    path = [expr.head.text]
    for part in expr.tail:
        text = part.text if isinstance(part, ast.Name) else part.plain
        if text is None:
            return None
        path.append(text)
    return path


def key_ref(expr: ast.Expr) -> ast.RefExpr | None:
    """The reference that `${'a key.within'}` stands for, its parts split at the dots; None where no plain text is interpolated."""
    text = expr.plain if isinstance(expr, ast.StringExpr) else None
    if text is None:
        return None
    head, *tail = (ast.Name(expr.span, part) for part in text.split("."))
    return ast.RefExpr(expr.span, head, tuple(tail))


def _fold_key(expr: ast.StringExpr, name: str, env: Env) -> Folded:
    """What the key of a name that may be no NAME stands for: what a task around fills in, a constant, what the step's tasks store."""
    ref = key_ref(expr)
    if ref is not None and ref.head.text in env.provided:
        return _provided(ref, env)
    value = ABSENT if ref is None else _constant(ref, env)
    if value is not ABSENT:
        return value
    # A task is not named so: only the whole text is looked up, as a key. What a loop or a run would fill in is not this key either.
    whole = ast.RefExpr(expr.span, ast.Name(expr.span, name))
    taken = not name or set(name) & set("{}\n") or name.partition(".")[0] in env.nest.variables or name in env.names.params
    if env.elsewhere is not None and not taken:
        return env.elsewhere(whole, env, True)
    return unknown(whole, replace(env, lenient="") if taken else env, True)


def fold_ref(expr: ast.RefExpr, env: Env, *, interpolated: bool) -> Folded:
    """What a reference stands for, looked up as the language says: variables, fields, params, constants, then what the step's tasks store.

    `interpolated`: it stands within a string, where an unknown name is a placeholder that nothing can fill.
    """
    head = expr.head.text
    if head in env.nest.variables:
        return _variable(expr, env)
    if head in env.provided:
        return _provided(expr, env)
    if env.field_of is not None and not expr.tail:
        value = env.field_of(head, expr.span)
        if value is not ABSENT:
            return value
    if head in env.names.params and not (expr.tail and head in env.names.types):
        return _param(expr, env)
    if not expr.tail:
        value = env.names.constants.get(head, ABSENT)
        if value is not ABSENT:
            env.names.used.add(head)
            return _carried(value, head, expr, env)
    else:
        value = _constant(expr, env)
        if value is not ABSENT:
            return value
    if env.elsewhere is not None:
        return env.elsewhere(expr, env, interpolated)
    return unknown(expr, env, interpolated)


def _variable(expr: ast.RefExpr, env: Env) -> Folded:
    path = ref_path(expr)
    if path is None:
        env.report.add("OT307", expr.span, "what is named within a loop's variable is plain text")
        return POISON
    if not expr.tail:
        return placeholder(path[0])
    key = tuple(path)
    if key in env.nest.seen:
        return placeholder(".".join(path)) if env.nest.seen[key] is None else POISON
    env.nest.seen[key] = None
    index = env.nest.variables.index(path[0])
    for row in env.nest.rows:
        if member(row[index], path[1:]) is POISON:
            _no_member(expr, path, row[index], env)
            env.nest.seen[key] = expr.span
            return POISON
    bad = next((part for part in path[1:] if not part or set(part) & set("{}.\n")), None)
    if bad is not None:
        message = f"`{shown(bad)}` cannot be named within a loop's variable"
        env.report.add("OT503", expr.span, message, label="a placeholder cannot carry this name", mend="give the key a plain name")
        return POISON
    return placeholder(".".join(path))


def _no_member(expr: ast.RefExpr, path: list[str], value: Value, env: Env) -> None:
    """Say that in some turn a variable has no such member."""
    if path[0] in env.nest.open and isinstance(value, Mapping):
        near = env.report.suggestion(path[1], value)
        message = f"a file that `glob` finds has no `{shown(path[1])}`"
        mend = did_you_mean(near) or f"its parts are {listed(value)}"
        env.report.add("OT202", expr.tail[0].span, message, label="not a part of it", mend=mend, fixes=rename(expr.tail[0].span, near))
        return
    turn = turn_text((path[0],), (value,))
    for depth, part in enumerate(path[1:], start=1):
        inner = member(value, path[1:depth])
        if isinstance(inner, Mapping) and part in inner:
            continue
        near = env.report.suggestion(part, inner) if isinstance(inner, Mapping) else None
        message = f"`{'.'.join(path[:depth])}` has no `{shown(part)}` in every turn: {turn}"
        fixes = rename(expr.tail[depth - 1].span, Near(near, certain=False) if near else None)
        env.report.add("OT202", expr.tail[depth - 1].span, message, label="not in this turn's item", mend=did_you_mean(near), fixes=fixes)
        return


def _provided(expr: ast.RefExpr, env: Env) -> Folded:
    path = ref_path(expr)
    if path is None or (expr.tail and not env.provided[path[0]]) or any(not part or set(part) & set("{}\n") for part in path):
        message = f"`{expr.head.text}` is filled in as a whole: nothing within it can be named"
        env.report.add("OT501", expr.span, message, label="nothing can fill this in")
        return POISON
    return placeholder(".".join(path))


def _param(expr: ast.RefExpr, env: Env) -> Folded:
    name = expr.head.text
    env.names.used.add(name)
    if expr.tail:
        message = f"what is within param `{name}` is known only when a run starts"
        env.report.add("OT307", expr.span, message, label=f"only `{name}` as a whole can be named")
        return POISON
    return placeholder(name)


def _constant(expr: ast.RefExpr, env: Env) -> Folded:
    """The constant that a dotted reference names, the longest key first, and what is within its value; ABSENT where no key fits."""
    path = ref_path(expr)
    if path is None:
        return ABSENT
    for length in range(len(path), 0, -1):
        key = ".".join(path[:length])
        if key not in env.names.constants:
            continue
        value = env.names.constants[key]
        env.names.used.add(key)
        if value is POISON:
            return POISON
        found = member(value, path[length:])
        if found is not POISON:
            return _carried(found, key, expr, env)
        if path[0] in env.names.types:
            return ABSENT
        inner = value if length == len(path) - 1 and isinstance(value, Mapping) else {}
        near = env.report.suggestion(path[length], inner)
        related, fixes = (Label(env.names.constant_entries[key].value.span, f"this is `{key}`"),), rename(expr.tail[length - 1].span, near)
        message = f"scratchpad key `{key}` has no `{shown('.'.join(path[length:]))}`"
        env.report.add("OT202", expr.tail[length - 1].span, message, label="not in its value", mend=did_you_mean(near), related=related, fixes=fixes)
        return POISON
    return ABSENT


def _carried(value: Folded, key: str, expr: ast.RefExpr, env: Env) -> Folded:
    """A constant's value, unless a loop's variable here would capture a placeholder that it holds; the key's placeholder where that is to stay."""
    if key in env.names.kept and not env.late:
        return placeholder(key)
    if value is POISON or not isinstance(value, str | tuple | Mapping):
        return value
    if env.late and _refuse_secret(value, expr, env):
        return POISON
    if not env.nest.variables:
        return value
    taken = [name for name in placeholders(value) if name.partition(".")[0] in env.nest.variables]
    if not taken:
        return value
    message = f"the value of `{expr.head.text}` depends on `{taken[0]}`, which is a loop's variable here"
    env.report.add("OT503", expr.span, message, label="these are not the same", mend="give the loop's variable another name")
    return POISON


def unknown(expr: ast.RefExpr, env: Env, interpolated: bool) -> Folded:
    """What an unknown name stands for: POISON, or where the place is lenient the placeholder itself. Reports: OT501 in a string, OT202 elsewhere."""
    path = ref_path(expr)
    name = ".".join(path) if path else expr.head.text
    if env.lenient and interpolated and path and not set(name) & set("{}\n"):
        if env.lenient == "warn":
            message = f"`{shown(name)}` is nothing that is known, and stays a placeholder"
            mend = "say so in the type: `list[Spec] provides [" + shown(name) + "]`"
            env.report.add("OT502", expr.span, message, label="filled in by the task, if at all", mend=mend)
        return placeholder(name)
    if env.names.unread and expr.tail:
        return POISON  # its head may be a task type of the package that could not be read
    inner = name.partition(".")[2] if expr.head.text in _SPACES else ""
    near = Near(inner, certain=False) if inner and inner in set(visible(env)) else env.report.suggestion(name, visible(env))
    span = expr.span
    if near is None and expr.tail:
        near = env.report.suggestion(expr.head.text, env.names.types)
        name, span = (expr.head.text, expr.head.span) if near else (name, span)
        near = Near(near, certain=False) if near else None  # what is named of it may not be there
    if interpolated:
        message, label = f"nothing can fill in `${{{shown(name)}}}`", "no param, constant, variable or stored key is called so"
        env.report.add("OT501", span, message, label=label, mend=did_you_mean(near) or "write `$${` for a literal `${`", fixes=rename(span, near))
    else:
        meant = _WORDS.get(name) or near
        mend = did_you_mean(meant) or f'text is written in quotes: `"{shown(name)}"`'
        env.report.add("OT202", span, f"unknown name `{shown(name)}`", label="nothing is called so", mend=mend, fixes=rename(span, meant))
    return POISON


def visible(env: Env) -> Iterator[str]:
    """The names that can be written at a place."""
    yield from env.nest.variables
    yield from env.provided
    yield from env.field_names
    yield from env.names.params
    yield from env.names.constants
    yield from sorted(env.names.stored)
