"""The names in a Python body that nothing gives a value: no argument, nothing the body binds, and no builtin.

In: the statements of a function, the names of its arguments. Out: the places of such names, in the order of the text. Where in a scope a name is
bound does not count, only that it is. What is absent: attributes, and what only running it would tell.
"""

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

_BUILTINS: Final = frozenset(dir(builtins)) | {"__file__", "__class__", "__module__", "__qualname__", "__builtins__", "__annotations__"}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name without a value where it is read, and the names that could be meant."""

    name: str
    node: ast.Name
    visible: tuple[str, ...]


@dataclass(slots=True)
class _Scope:
    """A function, class, lambda or comprehension: what is bound in it, what it declares as the module's, what is read in it."""

    outer: "_Scope | None"
    kind: str
    bound: set[str] = field(default_factory=set)
    module: set[str] = field(default_factory=set)
    read: list[ast.Name] = field(default_factory=list)
    inner: list["_Scope"] = field(default_factory=list)

    def within(self, kind: str) -> "_Scope":
        """A scope in this one. Mutates."""
        made = _Scope(self, kind)
        self.inner.append(made)
        return made

    def function(self) -> "_Scope":
        """The scope that `:=` binds in: a comprehension lends it its own."""
        at = self
        while at.kind == "comprehension" and at.outer is not None:
            at = at.outer
        return at


def unknown_names(body: Sequence[ast.stmt], arguments: Sequence[str]) -> list[Unknown]:
    """The names of a function's body that nothing gives a value. Raises: RecursionError, where the body is too deep."""
    scope = _Scope(None, "function", set(arguments))
    for statement in body:
        _visit(statement, scope)
    made_global = {name for each in _all(scope) for name in each.module}
    found = [_unknown(node, each) for each in _all(scope) for node in each.read if not _known(node.id, each, made_global)]
    return sorted(found, key=lambda each: (each.node.lineno, each.node.col_offset))


def _all(scope: _Scope) -> Iterator[_Scope]:
    yield scope
    for each in scope.inner:
        yield from _all(each)


def _known(name: str, scope: _Scope, made_global: set[str]) -> bool:
    if name in _BUILTINS or name in made_global:
        return True
    return name in _visible(scope)


def _visible(scope: _Scope) -> set[str]:
    """What a scope sees: its own names, and those of the functions around it; of classes around it nothing."""
    found = set(scope.bound)
    at = scope.outer
    while at is not None:
        if at.kind != "class":
            found |= at.bound
        at = at.outer
    return found


def _unknown(node: ast.Name, scope: _Scope) -> Unknown:
    return Unknown(node.id, node, (*sorted(_visible(scope)), *sorted(name for name in _BUILTINS if not name.startswith("_"))))


# ---------------------------------------------------------------- one node


def _visit(node: ast.AST, scope: _Scope) -> None:
    """Mutates: `scope` gets what is bound and read within a node."""
    match node:
        case ast.Name():
            if isinstance(node.ctx, ast.Load):
                scope.read.append(node)
            else:
                scope.bound.add(node.id)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            _bind(node.name, scope)
            _function(node, scope)
        case ast.Lambda():
            _signature(node.args, scope)
            inner = scope.within("function")
            _bind_arguments(node.args, inner)
            _visit(node.body, inner)
        case ast.ClassDef():
            _bind(node.name, scope)
            _class(node, scope)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            _comprehension(node, scope)
        case ast.NamedExpr():
            scope.function().bound.add(node.target.id)
            _visit(node.value, scope)
        case ast.Import() | ast.ImportFrom():
            for alias in node.names:
                _bind(alias.asname or alias.name.partition(".")[0], scope)
        case ast.Global():
            scope.module |= set(node.names)
        case ast.Nonlocal():
            pass
        case ast.ExceptHandler(name=name) | ast.MatchAs(name=name) | ast.MatchStar(name=name):
            _bind(name, scope)
            _children(node, scope)
        case ast.MatchMapping(rest=rest):
            _bind(rest, scope)
            _children(node, scope)
        case _:
            _type_parameters(node, scope)
            _children(node, scope)


def _bind(name: str | None, scope: _Scope) -> None:
    if name is not None:
        scope.bound.add(name)


def _children(node: ast.AST, scope: _Scope) -> None:
    for child in ast.iter_child_nodes(node):
        _visit(child, scope)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope) -> None:
    for decorator in node.decorator_list:
        _visit(decorator, scope)
    _signature(node.args, scope)
    if node.returns is not None:
        _visit(node.returns, scope)
    inner = scope.within("function")
    _type_parameters(node, scope)
    _bind_arguments(node.args, inner)
    for statement in node.body:
        _visit(statement, inner)


def _class(node: ast.ClassDef, scope: _Scope) -> None:
    for each in (*node.decorator_list, *node.bases, *node.keywords):
        _visit(each, scope)
    _type_parameters(node, scope)
    inner = scope.within("class")
    for statement in node.body:
        _visit(statement, inner)


def _comprehension(node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: _Scope) -> None:
    """The first iterable is read outside; all the rest is a scope of its own."""
    inner = scope.within("comprehension")
    for number, each in enumerate(node.generators):
        _visit(each.iter, inner if number else scope)
        _visit(each.target, inner)
        for condition in each.ifs:
            _visit(condition, inner)
    for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
        _visit(part, inner)


def _signature(arguments: ast.arguments, scope: _Scope) -> None:
    """Defaults and annotations are read where a function is defined."""
    for default in (*arguments.defaults, *arguments.kw_defaults):
        if default is not None:
            _visit(default, scope)
    for each in _each_argument(arguments):
        if each.annotation is not None:
            _visit(each.annotation, scope)


def _each_argument(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (each for each in (arguments.vararg, arguments.kwarg) if each is not None)


def _bind_arguments(arguments: ast.arguments, scope: _Scope) -> None:
    scope.bound |= {each.arg for each in _each_argument(arguments)}


def _type_parameters(node: ast.AST, scope: _Scope) -> None:
    """`def f[T]` of Python 3.12: its names are taken as the scope's own."""
    for each in getattr(node, "type_params", ()):
        _bind(each.name, scope)
