"""Source text to AST. In: a `SourceText`. Out: a `Module` of what could be read, and all that is wrong with the rest.

A file without a mistake goes through `drive` alone. What is absent: the mending of mistakes (`recovery`).
"""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager

from otterdsl.compiler.source.diagnostic import Checked
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.syntax.drive import Stopped, drive
from otterdsl.compiler.syntax.interpolation import interpolated
from otterdsl.compiler.syntax.lower import Lower
from otterdsl.compiler.syntax.scan import Comments, scanner
from otterdsl.compiler.syntax.tables import load


def parse(source: SourceText) -> Checked[ast.Module]:
    """The module of a text. Reports 0xx and 1xx; never raises, whatever the text is."""
    with _collection_paused():
        return _parse(source)


def _parse(source: SourceText) -> Checked[ast.Module]:
    comments = Comments(source.file, source.text)
    lower = Lower(source.file, source.text, comments.docs, interpolated)
    declarations = drive(load(), lower, _tokens(source.text), "module", comments)
    if isinstance(declarations, Stopped):
        # Only a text with a mistake in it needs the other half of this room: a right one starts sooner without it.
        from otterdsl.compiler.syntax import recovery

        return recovery.parse(source)
    module = ast.Module(Span(source.file, 0, len(source.text)), declarations, tuple(comments.found))
    return Checked(module, tuple(sorted(lower.diagnostics, key=lambda d: d.order)))


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return scanner().finditer(text)


@contextmanager
def _collection_paused() -> Iterator[None]:
    """No garbage collection meanwhile: nodes hold no cycles, and walking them again and again costs more than making them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
