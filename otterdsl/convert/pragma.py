"""The comment by which a file says that `convert` wrote it. In: a tree, or a text. Out: whether it begins with that. What is absent: the rest."""

from typing import Final

from otterdsl.compiler.syntax import ast

PRAGMA: Final = "otterdsl: converted from "


def is_converted(module: ast.Module) -> bool:
    """Whether a file begins with the comment that `convert` writes."""
    first = module.comments[0] if module.comments else None
    begins = module.declarations[0].span.start if module.declarations else module.span.end
    return first is not None and first.span.start < begins and first.text.startswith(PRAGMA)


def is_conversion(text: str) -> bool:
    """Whether a text, which may be no file of the language, begins with that comment."""
    first = text.removeprefix("\ufeff").lstrip()
    return first.startswith("#") and first.removeprefix("#").lstrip().startswith(PRAGMA)
