"""What YAML's parser complains of, as diagnostics that say what to look for. In: its error. Out: an OT009 at its place.

The parser's words are kept where nothing better is known of them. What is absent: what the parser accepts and Otter's loader does not (`read`).
"""

import re
from typing import Any, Final

import yaml

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic, Label
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText

# What YAML refuses besides what no text may hold: the two that are no characters, and halves of pairs.
_UNPRINTABLE: Final = re.compile("[\ufffe\uffff\ud800-\udfff]")
_INDENT: Final = "look at the indent of this line and of those above: what belongs together begins in one column"
_QUOTE: Final = "put the text into quotes"

# For words of the parser's complaint: the label of the place, and the mend.
_MENDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("mapping values are not allowed", "a `:` that cannot stand here", f"if it is part of a text, {_QUOTE}; else {_INDENT}"),
    ("found unexpected end of stream", "the text ends here", "close the quote"),
    ("unexpected end of stream", "the text ends here", "close what was opened"),
    ("document indicator", "a new document begins here", "close the quote"),
    ("could not find expected ':'", "a key without its `:`", f"write `key: value`; or {_INDENT}"),
    ("did not find expected ',' or", "a comma or the closing bracket was expected", "close the bracket"),
    ("did not find expected '-'", "an item that begins with `- ` was expected", _INDENT),
    ("did not find expected key", "a key was expected", _INDENT),
    ("expected <block end>", "a key was expected", _INDENT),
    ("did not find expected <document start>", "the document has ended before this", _INDENT),
    ("did not find expected node", "a value was expected", _QUOTE),
    ("block sequence entries are not allowed", "a `- ` that cannot stand here", "begin the list on a line of its own"),
    ("expected alphabetic or numeric character", "what begins with `*` or `&` is an alias or an anchor", _QUOTE),
    ("unknown escape", "no escape of YAML", r"write `\\` for a backslash, or quote with `'`"),
    ("indentation indicator", "an indent that cannot be", "after `|` or `>` stands a digit from 1 to 9, or nothing"),
    ("exceeded max depth", "too deep", "nest less"),
)


def unprintable(source: SourceText) -> Span | None:
    """The first character that YAML refuses, though a text may hold it."""
    found = _UNPRINTABLE.search(source.text)
    return Span(source.file, *found.span()) if found else None


def trouble(error: yaml.YAMLError, source: SourceText) -> Diagnostic:
    """The diagnostic of the parser's error."""
    problem = " ".join(str(getattr(error, "problem", None) or getattr(error, "reason", None) or error).split())
    at = _offset(getattr(error, "problem_mark", None), source)
    label, mend = next(((label, mend) for words, label, mend in _MENDS if words in problem), ("", ""))
    start = _offset(getattr(error, "context_mark", None), source)
    context = str(getattr(error, "context", None) or "")
    if "quoted scalar" in context and ("end of stream" in problem or "document indicator" in problem):
        span = Span(source.file, start, start + 1)
        return Diagnostic("OT009", CODES["OT009"].severity, "this is not YAML: a quote is not closed", span, "opened here", "close the quote")
    if "cannot start any token" in problem:
        label, mend = _no_token(source.text[at : at + 1])
    if "\t" in source.text[source.text.rfind("\n", 0, at) + 1 : at + 1].replace(" ", "")[:1]:
        label, mend = "a tab in the indent", "indent with blanks: YAML takes no tabs there"
    if "did not find expected ','" in problem and at and source.text[at - 1 : at + 1] == "${":
        mend = "put the text that holds `${` into quotes: between brackets, `{` begins a map"
    related: tuple[Label, ...] = ()
    if context and start != at and source.position(start).line != source.position(at).line:
        related = (Label(Span(source.file, start, min(start + 1, len(source.text))), context),)
    span = Span(source.file, at, min(at + 1, len(source.text)))
    return Diagnostic("OT009", CODES["OT009"].severity, f"this is not YAML: {problem}", span, label, mend, related)


def _no_token(character: str) -> tuple[str, str]:
    if character == "\t":
        return "a tab", "indent with blanks: YAML takes no tabs there"
    return "no text without quotes begins so", _QUOTE


def _offset(mark: Any, source: SourceText) -> int:
    """Where a mark stands, within the text."""
    return min(mark.index, len(source.text)) if mark is not None else 0
