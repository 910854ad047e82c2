"""What could have stood somewhere, in words. In: terminals. Out: `a name`, `` `,` or `]` ``."""

from collections.abc import Iterable

from otterdsl.compiler.syntax.mistakes import Token

_OPERATORS = frozenset({"==", "!=", "<", "<=", ">", ">=", "AND", "OR", "NOT", "IN", ".", "("})
# Groups of terminals that say one thing together, the largest first; what a group hides is not said again.
_GROUPS = (
    ({"STEP", "PARAM", "PIPELINE"}, "a declaration", {"USE", "IMPORT", "SCRATCHPAD", "TASK", "EXTERN"}),
    ({"STRING", "NUMBER", "TRUE"}, "a value", {"FALSE", "NULL", "[", "{", "(", "NOT", "NAME"}),
    ({"FOR", "IF", "NAME"}, "a statement", {"REQUIRES"}),
    ({"NAME", "RUN", "VALIDATE"}, "a field", {"STRING"}),
    ({"NAME", "STRING", "REQUIRES"}, "an attribute", set[str]()),
)
_WORDS = {"NAME": "a name", "STRING": "a string", "NUMBER": "a number", "$END": "the end of the file"}
MOST = 4
FILE_ENDS = "the file ends here"


def one(kind: str) -> str:
    """A terminal in words."""
    return _WORDS.get(kind) or f"`{kind.lower()}`"


def alternatives(kinds: Iterable[str]) -> str:
    """Terminals in words, four at most, joined by commas and `or`; empty where there are none."""
    left = set(kinds)
    words = []
    for needed, text, hidden in _GROUPS:
        if needed <= left:
            left -= needed | hidden
            words.append(text)
    # Any expression may go on with an operator, any name with a call: not worth saying where something else is likelier.
    rest = left - _OPERATORS if words or left - _OPERATORS else left
    names = [kind for kind in ("NAME", "STRING", "NUMBER") if kind in rest]
    words += [one(kind) for kind in names]
    words += [one(kind) for kind in sorted(rest - {*names, "$END"})]
    if not words and "$END" in left:
        words = [one("$END")]
    words = words[:MOST]
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def found(token: Token) -> str:
    """A token in words, as what was met."""
    if token.kind == "$END":
        return "the end of the file"
    if token.kind == "STRING":
        return "a string"
    text = token.text
    return f"`{text}`" if len(text) <= 40 else f"`{text[:39]}…`"
