"""Where the passes leave what they find: diagnostics, each mistake once.

An expression of a task type is evaluated at each of its uses, so the same finding may come many times; only the first counts. What is absent: the
order of diagnostics (whoever shows them sorts them) and their text form.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final, Literal

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from otterdsl.compiler.source.nearest import Near, nearest
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast

# Looking for the nearest of many names takes time; after so many mistakes nobody misses one more suggestion.
_SUGGESTIONS: Final = 400
_SHOWN: Final = 60
_PATH: Final = 200


class Report:
    """Diagnostics gathered so far. Invariant: no two have the same code, span and message."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Span | None, str], Diagnostic] = {}
        self._suggestions = 0

    def add(
        self,
        code: str,
        span: Span | None,
        message: str,
        *,
        label: str = "",
        mend: str = "",
        related: Sequence[Label] = (),
        fixes: Sequence[Fix] = (),
        file: str = "",
    ) -> None:
        """Mutates: adds a diagnostic of `code`, unless it is there. `mend` is its help line."""
        self._found.setdefault(
            (code, span, message),
            Diagnostic(code, CODES[code].severity, message, span, label, mend, tuple(related), tuple(fixes), file),
        )

    def suggestion(self, word: str, candidates: Iterable[str]) -> Near | None:
        """The candidate that `word` probably meant. Mutates: counts, so that a file full of mistakes is not slow."""
        self._suggestions += 1
        if self._suggestions > _SUGGESTIONS or len(word) > _SHOWN:
            return None
        return nearest(word, candidates)

    def first(self, candidates: Iterable[str]) -> Near | None:
        """The first candidate, where no more is asked of a suggestion; certain if it is the only one. Mutates: counts, as `suggestion` does."""
        self._suggestions += 1
        two = list(islice(candidates, 2)) if self._suggestions <= _SUGGESTIONS else []
        return Near(two[0], len(two) == 1) if two else None

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All diagnostics, in the order found."""
        return tuple(self._found.values())

    @property
    def has_errors(self) -> bool:
        """Whether any diagnostic is an error."""
        return any(found.severity is Severity.ERROR for found in self._found.values())


def did_you_mean(word: str | None) -> str:
    """The help line for a suggestion; empty without one."""
    return f"did you mean `{word}`?" if word else ""


def rename(span: Span, word: str | None) -> tuple[Fix, ...]:
    """The fix that puts `word` in the place of a misspelled name; none without a word, or for one that is no NAME, nor several with dots between.

    It is a safe one unless the word is the nearest of several that are as near.
    """
    if not word or not all(part.isascii() and part.isidentifier() for part in word.split(".")):
        return ()
    return (Fix(f"rename to `{word}`", (Edit(span, word),), sureness(word)),)


def requires_instead(item: ast.Attribute) -> tuple[Fix, ...]:
    """The fix that makes a `requires` of an attribute that lists names; none of one whose value is something else."""
    names = item.value.items if isinstance(item.value, ast.ListExpr) else ()
    if not names or not all(isinstance(each, ast.RefExpr | ast.StringExpr) for each in names):
        return ()
    return (Fix("write `requires [...]`", (Edit(item.key.span._replace(end=item.value.span.start), "requires "),)),)


def sureness(word: str) -> Literal["safe", "unsafe"]:
    """How a word may be put in the place of another."""
    return "unsafe" if isinstance(word, Near) and not word.certain else "safe"


def shown(text: str) -> str:
    """A name or value from a file as messages show it: on one line, cut where it is long."""
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return cut.replace("\n", "\\n")


def shown_path(path: str) -> str:
    """A path as messages show it: whole, unless it is far longer than paths are, since its end is what tells it from others."""
    cut = path if len(path) <= _PATH else f"{path[: _PATH // 2]}…{path[-_PATH // 2 :]}"
    return cut.replace("\n", "\\n")


def listed(names: Iterable[str]) -> str:
    """Names in backquotes, joined by commas and `and`."""
    quoted = [f"`{shown(name)}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
