"""A file in canonical form. In: a path, or bytes. Out: its text as `format` writes it, or why it cannot be: a text that does not parse is left alone.

What is absent: what a file imports, what it means, and writing it back.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from otterdsl.compiler import files
from otterdsl.compiler.files import Refused
from otterdsl.compiler.format.module import format_module
from otterdsl.compiler.frontend import no_collection
from otterdsl.compiler.source.diagnostic import Diagnostic, has_errors
from otterdsl.compiler.source.text import SourceText, decode
from otterdsl.compiler.sources import refused
from otterdsl.compiler.syntax.parse import parse


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file before and after; `after` is None where it cannot be formatted, which the diagnostics say."""

    before: bytes
    after: str | None
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, SourceText]

    @property
    def changed(self) -> bool:
        """Whether the canonical form is another than what is there: a byte-order mark and CRLF are."""
        return self.after is not None and self.after.encode() != self.before


def format_file(typed: str | os.PathLike[str]) -> Formatted:
    """The file in canonical form."""
    display = os.fspath(typed)
    found = files.read(files.project(display).entry)
    if isinstance(found, Refused):
        return Formatted(b"", None, (refused(display, found),), {})
    return format_bytes(found.data, display)


@no_collection()
def format_bytes(data: bytes, display: str) -> Formatted:
    """Bytes in canonical form, called `display` in what is said of them."""
    decoded = decode(display, display, data)
    source = decoded.value
    if source is None or has_errors(decoded.diagnostics):
        return Formatted(data, None, decoded.diagnostics, {display: source} if source else {})
    parsed = parse(source)
    if parsed.has_errors:
        return Formatted(data, None, parsed.diagnostics, {display: source})
    return Formatted(data, format_module(parsed.value, source), (), {display: source})
