"""`# otterdsl: allow OT903`: warnings and hints that a comment silences.

In: diagnostics, the modules that they are of and their texts. Out: the diagnostics that are left, with those of comments that silence nothing. A
comment speaks for what begins next: a declaration, statement, field or entry. Of a step, a loop or an `if` that is what stands before its `{`; of all
else the whole of it. What follows the codes after `--` is for people. What is absent: errors; nothing silences one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Final

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic, Severity
from otterdsl.compiler.source.nearest import nearest
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast

_ALLOW: Final = re.compile(r"otterdsl:\s*allow\b(?P<codes>.*?)(?:\s--\s.*)?$")
_CODE: Final = re.compile(r"[^\s,]+")
_NEXT: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*\n)*")


@dataclass(slots=True)
class _Allow:
    """One code of a comment: where it stands, what it speaks for. Mutated: `silenced`."""

    code: str
    span: Span
    start: int
    end: int
    silenced: bool = field(default=False)


def without_allowed(diagnostics: Sequence[Diagnostic], modules: Iterable[ast.Module], texts: Mapping[str, SourceText]) -> list[Diagnostic]:
    """The diagnostics without those that comments silence. Reports: OT908."""
    allows = [allow for module in modules for allow in _allows(module, texts.get(module.span.file))]
    if not allows:
        return list(diagnostics)
    by_place: dict[tuple[str, str], list[_Allow]] = {}
    for allow in allows:
        by_place.setdefault((allow.span.file, allow.code), []).append(allow)
    asked: dict[tuple[str, str], list[int]] = {}
    for each in diagnostics:
        if each.span is not None and each.severity is not Severity.ERROR:
            asked.setdefault((each.span.file, each.code), []).append(each.span.start)
    held = {place: _held(by_place[place], starts) for place, starts in asked.items() if place in by_place}
    kept = [each for each in diagnostics if not _silenced(each, held)]
    return kept + [_idle(allow) for allow in allows if not allow.silenced]


def _silenced(found: Diagnostic, held: Mapping[tuple[str, str], Set[int]]) -> bool:
    """Whether a comment silences a finding. `held` has the places that comments speak for."""
    if found.span is None or found.severity is Severity.ERROR:
        return False
    return found.span.start in held.get((found.span.file, found.code), ())


def _held(allows: Sequence[_Allow], starts: Sequence[int]) -> Set[int]:
    """Those of some places that comments speak for. Mutates: these comments. What they speak for lies apart or one within the other."""
    ahead = sorted(allows, key=lambda each: each.start, reverse=True)
    around: list[_Allow] = []
    marked = 0  # so many of those around were marked; there may be many for one place
    found: set[int] = set()
    for start in sorted(starts):
        while ahead and ahead[-1].start <= start:
            while around and around[-1].end <= ahead[-1].start:
                around.pop()
            around.append(ahead.pop())
            marked = min(marked, len(around) - 1)
        while around and around[-1].end <= start:
            around.pop()
        for each in around[marked:]:
            each.silenced = True
        marked = len(around)
        if around:
            found.add(start)
    return found


def _allows(module: ast.Module, source: SourceText | None) -> Iterator[_Allow]:
    comments = [(comment, found) for comment in module.comments if (found := _ALLOW.match(comment.text))]
    if not comments or source is None:
        return
    extents = dict(_extents(module))
    for comment, found in comments:
        gap = _NEXT.match(source.text, comment.span.end)
        start = gap.end() if gap else comment.span.end
        begin = source.text.find(comment.text, comment.span.start) + found.start("codes")
        for code in _CODE.finditer(found["codes"]):
            at = begin + code.start()
            span = Span(comment.span.file, at, at + len(code[0]))
            yield _Allow(code[0].upper(), span, start, extents.get(start, start))


def _idle(allow: _Allow) -> Diagnostic:
    """What is said of a comment that silences nothing. Reports: OT908."""
    known = CODES.get(allow.code)
    mend = "take it out"
    if known is None:
        near = nearest(allow.code, list(CODES))
        message, mend = f"no diagnostic has the code `{allow.code}`", f"did you mean `{near}`?" if near else mend
    elif known.severity is Severity.ERROR:
        message, mend = f"`{allow.code}` is an error, which nothing silences", "mend what is wrong, and take this out"
    elif allow.code == "OT908":
        message = "nothing silences `OT908` itself"
    else:
        message = f"this allows `{allow.code}`, which is not found in what follows"
    return Diagnostic("OT908", CODES["OT908"].severity, message, allow.span, "silences nothing", mend)


def _extents(module: ast.Module) -> Iterator[tuple[int, int]]:
    """Where each thing that a comment may speak for begins, and the end of what it speaks for."""
    for declaration in module.declarations:
        match declaration:
            case ast.Step():
                yield declaration.span.start, declaration.block.span.start
                yield from _of_block(declaration.block)
            case ast.Scratchpad():
                yield declaration.span.start, declaration.span.end
                yield from ((entry.span.start, entry.span.end) for entry in declaration.entries)
            case ast.Pipeline():
                yield declaration.span.start, declaration.span.end
                yield from ((each.span.start, each.span.end) for each in declaration.attributes)
            case ast.TaskType():
                yield declaration.span.start, declaration.span.end
                yield from ((each.span.start, each.span.end) for each in declaration.members)
            case _:
                yield declaration.span.start, declaration.span.end


def _of_block(block: ast.Block) -> Iterator[tuple[int, int]]:
    for item in block.items:
        match item:
            case ast.TaskUse():
                yield item.span.start, item.span.end
                for each in item.body:
                    yield each.span.start, each.span.end
                    if isinstance(each, ast.TaskList):
                        yield from _of_block(each.block)
            case ast.For():
                yield item.span.start, item.block.span.start
                yield from _of_block(item.block)
            case ast.If():
                node: ast.If | ast.Block | None = item
                while isinstance(node, ast.If):
                    yield node.span.start, node.then.span.start
                    yield from _of_block(node.then)
                    node = node.orelse
                if node is not None:
                    yield from _of_block(node)
            case ast.Requires():
                yield item.span.start, item.span.end
