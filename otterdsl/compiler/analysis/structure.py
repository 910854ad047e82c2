"""Walk a block of statements: each task with all that stands around it.

In: a block of a step or of a `list[Spec]` field. Out: a `Family`, whose `Site`s say for each task its loops, conditions, groups and the `requires` of
the blocks around it. Reports: unknown task types, labels and groups that cannot be. What is absent: fields, and whether names collide (see `index`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from otterdsl.compiler.analysis.conditions import lower_condition, negated
from otterdsl.compiler.analysis.constants import refs_of
from otterdsl.compiler.analysis.deciding import asks_params
from otterdsl.compiler.analysis.folding import fold, ref_path, unknown
from otterdsl.compiler.analysis.loop_sources import STORED
from otterdsl.compiler.analysis.loops import entered, items_of, narrowed
from otterdsl.compiler.analysis.program import Loop
from otterdsl.compiler.analysis.report import did_you_mean, rename, shown
from otterdsl.compiler.analysis.scope import POISON, Env, Folded, Nest
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.condition import Condition, Constant
from otterdsl.compiler.values.sources import Glob, Json, Lines, Stored
from otterdsl.compiler.values.value import Value, escape, placeholder, placeholders, to_text


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a statement within its family.

    `guards` are the ifs that only a run decides, with the branch; `dead` is what a constant condition leaves out; `known` whether the turns are.
    `opened` are the loops that only a run can spread, by their position among `loops`, with the place where each stands. `inner`: within a task.
    """

    env: Env
    loops: tuple[Loop, ...] = ()
    when: tuple[Condition, ...] = ()
    guards: tuple[tuple[int, bool], ...] = ()
    groups: tuple[str, ...] = ()
    requires: tuple[ast.Requires, ...] = ()
    dead: bool = False
    known: bool = True
    opened: tuple[tuple[int, ast.For, Env], ...] = ()
    inner: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A task statement and what stands around it. `name` is the full name in placeholder form, None where it could not be found out."""

    number: int
    use: ast.TaskUse
    type: TaskType | None
    around: Around
    name: str | None

    @property
    def nest(self) -> Nest:
        """The loops around it."""
        return self.around.env.nest

    @property
    def title(self) -> str:
        """How messages call it."""
        return self.name if self.name is not None else self.use.type.text


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A loop with a label: the tasks that it makes, by the numbers of their sites (from first up to end)."""

    label: str
    span: Span
    first: int
    end: int


def walk(block: ast.Block, around: Around, groups: list[Group]) -> list[Site]:
    """The tasks of a block, in the order of the text. Mutates: `groups`."""
    sites: list[Site] = []
    _walk_block(block, around, sites, groups)
    return sites


def _walk_block(block: ast.Block, around: Around, sites: list[Site], groups: list[Group]) -> None:
    own = tuple(item for item in block.items if isinstance(item, ast.Requires))
    inner = replace(around, requires=(*around.requires, *own)) if own else around
    for item in block.items:
        match item:
            case ast.TaskUse():
                sites.append(_site(item, inner, len(sites)))
            case ast.For():
                _walk_for(item, inner, sites, groups)
            case ast.If():
                for branch, where in _branches(item, inner):
                    _walk_block(branch, where, sites, groups)
            case ast.Requires():
                pass


def _site(use: ast.TaskUse, around: Around, number: int) -> Site:
    env = around.env
    found = env.names.types.get(use.type.text)
    if found is None and not env.names.unread:
        near = env.report.suggestion(use.type.text, env.names.types)
        fixes = rename(use.type.span, near)
        mend = did_you_mean(near) or "`use` the package that has it, or describe it with `extern task`"
        env.report.add("OT201", use.type.span, f"unknown task type `{use.type.text}`", label="no task type is called so", mend=mend, fixes=fixes)
    return Site(number, use, found, around, _full_name(use, env))


def _full_name(use: ast.TaskUse, env: Env) -> str | None:
    """The type, a space, the label; the type alone for an empty one."""
    if isinstance(use.label, ast.Name):
        return f"{use.type.text} {use.label.text}"
    plain = use.label.plain
    if plain is not None:
        return f"{use.type.text} {escape(plain)}" if plain else use.type.text
    value = fold(use.label, replace(env, late="a label", elsewhere=refuse_late))
    if value is POISON:
        return None
    text = to_text(value)
    return f"{use.type.text} {text}" if text else use.type.text


def refuse_late(expr: ast.RefExpr, env: Env, interpolated: bool) -> Folded:
    """POISON, where a name is one that only tasks give a value to. Reports: OT307; OT202 and OT501 for what is no name at all."""
    known = expr.head.text in env.names.types if expr.tail else expr.head.text in env.names.stored
    if not known:
        return unknown(expr, env, interpolated)
    message = f"{env.late} is made of constants, loop variables and params"
    env.report.add("OT307", expr.span, message, label="known only once a task has run" if not expr.tail else "what a task stores or says")
    return POISON


def _walk_for(loop: ast.For, around: Around, sites: list[Site], groups: list[Group]) -> None:
    env = replace(around.env, late="what a loop runs over", elsewhere=stored_later)
    items = items_of(loop, env)
    asks = isinstance(items, Glob | Lines | Json | Stored)
    if asks and around.inner:
        message = "a loop over what only a run knows cannot stand within a task"
        mend = "put the task into the loop, instead of the loop into the task"
        env.report.add("OT305", loop.iterable.span, message, label="known only while a run goes on", mend=mend)
        items, asks = POISON, False
    nest, known = entered(loop, items, env)
    label = _group_label(loop, around.env)
    loops = around.loops if items is POISON else (*around.loops, Loop(loop.variable.text, items))
    inner = replace(
        around,
        env=replace(around.env, nest=nest),
        loops=loops,
        groups=around.groups if label is None else (*around.groups, label),
        known=around.known and known,
        opened=(*around.opened, (len(around.loops), loop, env)) if asks else around.opened,
    )
    first = len(sites)
    _walk_block(loop.block, inner, sites, groups)
    if label is not None and loop.group is not None:
        groups.append(Group(label, loop.group.span, first, len(sites)))


def stored_later(expr: ast.RefExpr, env: Env, interpolated: bool) -> Folded:
    """The sign for what a task stores, which is looked up once all tasks are known. Reports: OT202, OT501."""
    stored = expr.head.text in env.names.types if expr.tail else expr.head.text in env.names.stored
    return placeholder(STORED) if stored else unknown(expr, env, interpolated)


def _group_label(loop: ast.For, env: Env) -> str | None:
    if loop.group is None or isinstance(loop.group, ast.Name):
        return None if loop.group is None else loop.group.text
    value = fold(loop.group, replace(env, late="a loop's label", elsewhere=refuse_late))
    if value is POISON:
        return None
    text = to_text(value)
    if any(placeholders(text)):
        message = "a loop's label names all of its turns together: it is made of constants"
        env.report.add("OT307", loop.group.span, message, label="not a constant")
        return None
    if not text:
        env.report.add("OT212", loop.group.span, "a loop's label cannot be empty")
        return None
    return text


def _branches(first: ast.If, around: Around) -> Iterator[tuple[ast.Block, Around]]:
    """The blocks of an `if` with its `else`s, each with what stands around it."""
    node: ast.If | ast.Block | None = first
    while isinstance(node, ast.If):
        env = replace(around.env, late="a condition", elsewhere=refuse_late, given=around.when)
        condition = lower_condition(node.condition, env)
        if condition is POISON:
            yield node.then, replace(around, guards=(*around.guards, (node.span.start, True)))
            around = replace(around, guards=(*around.guards, (node.span.start, False)))
        else:
            if isinstance(condition, Constant) and not around.dead:
                _always(node, bool(condition.value), env)
            yield node.then, _under(condition, True, node, around)
            around = _under(negated(condition), False, node, around)
        node = node.orelse
    if node is not None:
        yield node, around


def _always(node: ast.If, holds: bool, env: Env) -> None:
    """Reports: OT906, where nothing but constants decides. Of Otter's configurations there is no `if`."""
    what = "the block below it is always taken" if holds else "the block below it is never taken"
    said = [f"`{shown(name)}` is `{shown(to_text(value))}`" for name, value in _constants_in(node.condition, env)]
    mend = "leave the `if` out, or ask a param"
    message = f"this condition is always {'true' if holds else 'false'}" + (f": {', '.join(said)}" if said else "")
    env.report.add("OT906", node.condition.span, message, label=what, mend=mend)


def _constants_in(expr: ast.Expr, env: Env) -> list[tuple[str, Value]]:
    """The scratchpad keys that a condition names, with their values."""
    found: dict[str, Value] = {}
    for ref in refs_of(expr):
        name = ".".join(ref_path(ref) or [])
        value = env.names.constants.get(name, POISON)
        if value is not POISON:
            found[name] = value
    return list(found.items())


def _under(condition: Condition, branch: bool, node: ast.If, around: Around) -> Around:
    if isinstance(condition, Constant):
        return around if condition.value else replace(around, dead=True)
    guards = (*around.guards, (node.span.start, branch)) if asks_params(condition) else around.guards
    nest = narrowed(around.env.nest, condition)
    return replace(around, env=replace(around.env, nest=nest), when=(*around.when, condition), guards=guards)
