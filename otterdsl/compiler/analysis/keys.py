"""The scratchpad keys that tasks store, found before any reference is looked up.

In: the tasks of a family. Out: for each key the tasks that store it, turn by turn. What is absent: findings. A key that cannot be found out here is
reported when its field is resolved.
"""

from collections.abc import Iterator

from otterdsl.compiler.analysis.declarations import Declarations
from otterdsl.compiler.analysis.fields import Fields
from otterdsl.compiler.analysis.folding import fold
from otterdsl.compiler.analysis.index import Family, Turn
from otterdsl.compiler.analysis.report import Report
from otterdsl.compiler.analysis.scope import ABSENT, POISON, Env, Folded
from otterdsl.compiler.analysis.structure import Site, refuse_late
from otterdsl.compiler.analysis.task_types import key_text
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast

_DEPTH = 16  # how far a key may be handed on from field to field of task types


def stored_keys(family: Family, fields: Fields) -> dict[str, tuple[Turn, ...]]:
    """The keys that tasks of a family store, with the tasks. A key that is null is its task's full name, which `${'find_latest a b'}` can name."""
    found: dict[str, list[Turn]] = {}
    quiet = Report()
    for site in family.sites:
        for name in site.type.keys if site.type else ():
            value = _quietly(site, name, fields, quiet, 0)
            if value is None:
                value = site.name
            if not isinstance(value, str):
                continue
            nest = site.nest
            for row in range(len(nest.rows)):
                key = filled(value, row_lookup(nest.variables, nest.rows[row])) if nest.variables else value
                if isinstance(key, str):
                    found.setdefault(key, []).append(Turn(site, row))
    return {key: _distinct(turns) for key, turns in found.items()}


def _distinct(turns: list[Turn]) -> tuple[Turn, ...]:
    """One turn for each task whose name is the same in all of them."""
    return tuple({(turn.site, turn.row if turn.site.nest.variables else 0): turn for turn in turns}.values())


def _quietly(site: Site, name: str, fields: Fields, quiet: Report, depth: int) -> Folded:
    """A field's value, made of constants, params and variables alone; POISON where it is not."""
    if site.type is None or depth > _DEPTH:
        return POISON
    attribute = fields.attributes(site).get(name)
    env = site.around.env
    if attribute is not None:
        return fold(attribute.value, Env(env.names, quiet, env.nest, env.provided, "a key", None, refuse_late))

    def field_of(other: str, span: Span) -> Folded:
        return _quietly(site, other, fields, quiet, depth + 1) if site.type and other in site.type.fields else ABSENT

    expr = next((each.value for each in site.type.assignments if key_text(each.key) == name), None)
    declared = site.type.fields.get(name)
    if expr is None and declared is not None:
        if declared.default is None:
            return declared.schema.default if declared.schema else None
        expr = declared.default
    return POISON if expr is None else fold(expr, Env(env.names, quiet, field_of=field_of, late="a key", elsewhere=refuse_late))


def plain_keys(declarations: Declarations, key_fields: dict[str, tuple[str, ...]]) -> frozenset[str]:
    """The keys that any step stores, as far as plain text in it says. `key_fields` are by task type."""
    return frozenset(
        item.value.plain or ""
        for step in declarations.steps.values()
        for use in task_uses(step.block)
        if key_fields.get(use.type.text)
        for item in use.body
        if isinstance(item, ast.Attribute) and key_text(item.key) in key_fields[use.type.text] and isinstance(item.value, ast.StringExpr)
    ) - {""}


def task_uses(block: ast.Block, *, within_tasks: bool = True) -> Iterator[ast.TaskUse]:
    """The task statements of a block, at any depth."""
    blocks = [block]
    while blocks:
        for item in blocks.pop().items:
            match item:
                case ast.TaskUse():
                    yield item
                    blocks += (each.block for each in item.body if within_tasks and isinstance(each, ast.TaskList))
                case ast.For():
                    blocks.append(item.block)
                case ast.If():
                    node: ast.If | ast.Block | None = item
                    while isinstance(node, ast.If):
                        blocks.append(node.then)
                        node = node.orelse
                    if node is not None:
                        blocks.append(node)
                case ast.Requires():
                    pass
