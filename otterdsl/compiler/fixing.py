"""Apply the safe fixes of an entry file's diagnostics, to it and to what it imports.

In: a path. Out: what was done, file by file; the files are rewritten whole or not at all. Fixes whose edits overlap wait for the next round, in which
all is checked anew: the first of them may have mended what the other is for. A file that is not as it was checked is left alone. What is absent:
unsafe fixes, and files that are no `.otter` files.
"""

import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from otterdsl.compiler.frontend import Frontend, check
from otterdsl.compiler.source.diagnostic import Diagnostic, Edit, Fix, Label
from otterdsl.compiler.source.text import SourceText, decode
from otterdsl.compiler.writing import rewrite

_ROUNDS: Final = 10  # a fix may show another mistake; none is followed without end


@dataclass(frozen=True, slots=True)
class Fixed:
    """One fix that was applied: the file as people see it, the line, the code, what was done."""

    display: str
    line: int
    code: str
    title: str


def fix_file(path: str | os.PathLike[str], *, use_imports: bool = True) -> tuple[Fixed, ...]:
    """Apply safe fixes until there are none, in so many rounds at most. Raises: OSError, for a file that cannot be written."""
    done: list[Fixed] = []
    for _ in range(_ROUNDS):
        checked = check(path, use_imports=use_imports)
        applied = _apply(checked)
        if not applied:
            break
        done += applied
    return tuple(done)


def chosen(diagnostics: Iterable[Diagnostic]) -> list[tuple[Diagnostic, Fix]]:
    """The safe fixes that can be applied together, the first of those that overlap."""
    found: list[tuple[Diagnostic, Fix]] = []
    taken: dict[str, list[Edit]] = {}
    said = set[tuple[str, str, Label]]()
    for diagnostic in diagnostics:
        fix = next((each for each in diagnostic.fixes if each.applicability == "safe" and each.edits), None)
        if fix is None or any(_overlap(edit, other) for edit in fix.edits for other in taken.get(edit.span.file, ())):
            continue
        # Of two fields of one task, only one can have been meant for a third: once the first has its name, the other is looked at again.
        if diagnostic.related:
            same = (diagnostic.code, fix.title, diagnostic.related[0])
            if same in said:
                continue
            said.add(same)
        for edit in fix.edits:
            taken.setdefault(edit.span.file, []).append(edit)
        found.append((diagnostic, fix))
    return found


def edited_bytes(data: bytes, edits: Iterable[Edit]) -> bytes:
    """A file's bytes with edits of its text that do not overlap: all else stays as it was, line ends and a byte-order mark among it."""
    text = data.decode("utf-8", errors="surrogateescape")
    mark = len(text) - len(text.removeprefix("\ufeff"))
    # What is one line end in the text that was checked may be two characters in the file.
    breaks = [found.start() - mark - before for before, found in enumerate(re.finditer("\r\n", text))]
    line_end = "\r\n" if breaks else "\n"
    for edit in sorted(edits, key=lambda each: each.span.start, reverse=True):
        start, end = (mark + at + bisect_left(breaks, at) for at in (edit.span.start, edit.span.end))
        text = text[:start] + edit.text.replace("\n", line_end) + text[end:]
    return text.encode("utf-8", errors="surrogateescape")


def _overlap(one: Edit, other: Edit) -> bool:
    return one.span.start <= other.span.end and other.span.start <= one.span.end


def _apply(checked: Frontend) -> list[Fixed]:
    """Rewrite the files that have fixes. A fix is applied in all of its files, or in none."""
    fixes = chosen(checked.diagnostics)
    files = {edit.span.file for _, fix in fixes for edit in fix.edits}
    current = {file: data for file in files if (data := _unchanged(file, checked)) is not None}
    fixes = [(diagnostic, fix) for diagnostic, fix in fixes if all(edit.span.file in current for edit in fix.edits)]
    for file, data in current.items():
        edits = [edit for _, fix in fixes for edit in fix.edits if edit.span.file == file]
        if edits:
            rewrite(checked.entry_folder / file, edited_bytes(data, edits))
    return [_fixed(diagnostic, fix, checked.texts) for diagnostic, fix in fixes]


def _unchanged(file: str, checked: Frontend) -> bytes | None:
    """The bytes of a file; None for one that is no `.otter` file, or is not what was checked any more."""
    source = checked.texts.get(file)
    if source is None or not file.endswith(".otter"):
        return None
    try:
        data = (checked.entry_folder / file).read_bytes()
    except OSError:
        return None
    decoded = decode(file, file, data).value
    return data if decoded is not None and decoded.text == source.text else None


def _fixed(diagnostic: Diagnostic, fix: Fix, texts: Mapping[str, SourceText]) -> Fixed:
    at = fix.edits[0].span
    source = texts[at.file]
    return Fixed(source.display, source.position(at.start).line, diagnostic.code, fix.title)
