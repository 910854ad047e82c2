"""What is right in Otter's YAML: `requires [copy a b]`, `copy two words {`, `who: everyone`, `who = two words`, `requires:` and a list below.

In: the automaton, the tokens and the stacks before them, and where it went wrong. Out: a `YamlHabit`, or None: all of it is one mistake, whatever was
wrong with its characters. What is absent: `${…}` and `-` where no token can begin (`mistakes`), and the report itself (`complaints`).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from otterdsl.compiler.syntax.foreign_words import is_name
from otterdsl.compiler.syntax.mistakes import Token
from otterdsl.compiler.syntax.stack import BROKEN, Automaton, Stack

_WORDS: Final = frozenset({"WORD", "STRING", "NUMBER"})
_PARTS: Final = _WORDS | {".", ":"}
_CONSTANTS: Final = frozenset({"true", "false", "null"})
_STATEMENT: Final = frozenset({"if", "for", "in", "as"})  # words that a label without quotes does not hold
_OPERATORS: Final = frozenset({"and", "or", "not", "in"})
_LONGEST = 60  # what is longer is not said again in a help


class YamlHabit(NamedTuple):
    """What to say of which text, what to write there (empty: that is not sure), the stack after it, and the index of the token to resume at.

    `holds` is all the text of the mistake, and `lossy` says whether it was dropped.
    """

    message: str
    at: Token
    label: str
    mend: str
    word: str
    holds: tuple[int, int]
    after: Stack
    resume: int
    lossy: bool = False


def yaml_habit(automaton: Automaton, tokens: Sequence[Token], stacks: Sequence[Stack], index: int, text: str) -> YamlHabit | None:
    """The habit that the token at `index`, which cannot stand on `stacks[index]`, comes from."""
    if not index:
        return None
    if tokens[index].kind == ":":
        return _required_below(tokens, stacks, index, text) or _unquoted(automaton, tokens, stacks, index, text)
    in_words = _text(automaton, tokens, stacks, index, text)
    if in_words is not None or tokens[index].kind not in _WORDS or tokens[index].first:
        return in_words
    return _target(automaton, tokens, stacks, index, text) or _label(automaton, tokens, stacks, index, text)


def _end(tokens: Sequence[Token], index: int) -> int:
    """The index after the words that go on from a token on its line."""
    end = index
    while tokens[end].kind in _PARTS and not (end > index and tokens[end].first):
        end += 1
    return end


def _joined(tokens: Sequence[Token], begin: int, end: int, text: str) -> Token:
    """Some tokens as one name."""
    start, stop = tokens[begin].start, tokens[end - 1].end
    return Token("NAME", start, stop, text[start:stop], tokens[begin].first)


def _bare(text: str) -> str:
    """A text without the quotes and the blanks that are too many in it."""
    return " ".join(text.replace('"', "").replace("'", "").split())


# ---------------------------------------------------------------- names in several words


def _target(automaton: Automaton, tokens: Sequence[Token], stacks: Sequence[Stack], index: int, text: str) -> YamlHabit | None:
    """A task in a `requires` that is named in several words."""
    opened = stacks[index].opened
    begin = index
    while not tokens[begin].first and tokens[begin - 1].kind in _PARTS:
        begin -= 1
    end = _end(tokens, index)
    if opened is None or opened.virtual or tokens[begin].kind != "WORD" or not (tokens[end].first or tokens[end].kind in (",", "]")):
        return None
    before = begin - 1
    while tokens[before].start > opened.token.start:
        before -= 1
    before -= tokens[before - 1].kind in ("=", ":")  # that was said
    if opened.token.kind != "[" or before < 1 or tokens[before - 1].text != "requires":
        return None
    at = _joined(tokens, begin, end, text)
    after = automaton.feed(stacks[begin], at, making=True)
    if after is None:
        return None
    first, words = tokens[begin].text, _bare(text[tokens[begin + 1].start : at.end])
    if tokens[begin + 1].kind == "." or not is_name(first) or not words or len(words) > _LONGEST:
        mend, word = "a task is named `TYPE.LABEL`, its label in quotes where it is no name", ""
    else:
        word = f"{first}.{_quoted(words)}"
        mend = f'a task is named `{word}` or `"{first} {words}"`'
    if is_name(words) and automaton.shifts(stacks[before - 1], "FOR"):
        mend, word = f"{mend}; steps are parted by `,`", ""
    return YamlHabit("a task named in several words", at, "not one name", mend, word, (tokens[begin - 1].end, at.end), after, end)


def _quoted(words: str) -> str:
    """A label as it is written in a reference."""
    if is_name(words):
        return words
    return f'"{words}"' if "$" in words else f"'{words}'"


def _text(automaton: Automaton, tokens: Sequence[Token], stacks: Sequence[Stack], index: int, text: str) -> YamlHabit | None:
    """A value in several words that are not quoted: what is wrong is met at the third of them, or after the second."""
    if stacks[index].value is BROKEN:
        return None  # that was said
    begin = index if tokens[index].kind in _WORDS and not tokens[index].first else index - 1
    while begin > 1 and tokens[begin - 1].kind in _WORDS and not tokens[begin].first:
        begin -= 1
    end = _end(tokens, begin)
    value = tokens[begin:end]
    if tokens[begin - 1].kind != "=" or tokens[begin].first or len(value) < 2 or any(each.kind == "STRING" and not each.broken for each in value):
        return None
    if tokens[begin].kind != "WORD" or any(each.kind in (".", ":") or each.text in _OPERATORS for each in value):
        return None
    if not (tokens[end].first or tokens[end].kind in ("}", ",")):
        return None
    at = _joined(tokens, begin, end, text)._replace(kind="STRING", broken=True)
    after = automaton.feed(stacks[begin], at, making=True)
    if after is None:
        return None
    word = f'"{at.text}"' if len(at.text) <= _LONGEST else ""
    mend = f"quote what is text: `{word}`" if word else "quote what is text"
    return YamlHabit("a text in several words", at, "not quoted", mend, word, (at.start, at.end), after, end, True)


def _label(automaton: Automaton, tokens: Sequence[Token], stacks: Sequence[Stack], index: int, text: str) -> YamlHabit | None:
    """A label in several words that are not quoted."""
    begin, end = index - 1, _end(tokens, index)
    stack, before = stacks[begin], tokens[begin - 1]
    labelled = automaton.shifts(stack, "STRING") and automaton.shifts(stack, "NAME") and not automaton.could(stack, "TRUE")
    if not begin or not labelled or before.kind != "WORD" or tokens[begin].first or tokens[begin].kind not in _WORDS or tokens[end].kind != "{":
        return None
    if any(token.text in _STATEMENT for token in tokens[index:end]):
        return None
    at = _joined(tokens, begin, end, text)
    words = _bare(at.text)
    # What a placeholder makes of a label is not known here.
    dropped = "$" in words
    after = automaton.feed(stack, at._replace(kind="STRING", broken=True) if dropped else at, making=True)
    if after is None or automaton.feed(after, tokens[end], making=False) is None:
        return None
    short = len(words) <= _LONGEST
    mend = f'quote the label: `{before.text} "{words}" {{`' if short else "quote the label"
    return YamlHabit("a label in several words", at, "not quoted", mend, f'"{words}"' if short else "", (at.start, at.end), after, end, dropped)


# ---------------------------------------------------------------- keys with a colon


def _required_below(tokens: Sequence[Token], stacks: Sequence[Stack], index: int, text: str) -> YamlHabit | None:
    """`requires:` with a list of YAML's below it, all of which is passed over."""
    end, names = index + 1, list[str]()
    if tokens[index - 1].text != "requires":
        return None
    while tokens[end].kind in _WORDS and tokens[end].first and text[tokens[end - 1].end : tokens[end].start].rstrip().endswith("-"):
        after = _end(tokens, end)
        words = text[tokens[end].start : tokens[after - 1].end]
        first, _, rest = _bare(words).partition(" ")
        names.append(f"{first}.{_quoted(rest)}" if rest else first)
        end = after
    if not names:
        return None
    shown = ", ".join(names)
    mend = f"write `requires [{shown}]`" if len(shown) <= _LONGEST else "write `requires [ … ]`, with commas in between"
    at, holds = tokens[index], (tokens[index].start, tokens[end - 1].end)
    return YamlHabit("`requires` takes no `:`", at, "not expected here", mend, "", holds, stacks[index - 1], end, True)


def _unquoted(automaton: Automaton, tokens: Sequence[Token], stacks: Sequence[Stack], index: int, text: str) -> YamlHabit | None:
    """A field with `:` for `=`, and a text without quotes."""
    key, begin = tokens[index - 1], index + 1
    equals = automaton.feed(stacks[index], tokens[index]._replace(kind="="), making=True)
    if equals is None or tokens[begin].first or (index > 1 and tokens[index - 2].kind == ":"):
        return None
    end = begin
    while tokens[end].kind in _PARTS and not tokens[end].first and not (end > begin and tokens[end + 1].kind in ("=", ":")):
        end += 1
    if end == begin or not (tokens[end].first or tokens[end].kind in ("}", ",", "WORD", "$END")):
        return None
    value = tokens[begin:end]
    words = text[value[0].start : value[-1].end]
    if '"' in words or "'" in words or (end == begin + 1 and not value[0].broken and _stands(tokens, value[0])):
        return None
    if all(token.kind == "." or (token.kind == "WORD" and not token.broken) for token in value) and any(token.kind == "." for token in value):
        return None  # a reference
    after = automaton.feed(equals, Token("STRING", value[0].start, value[-1].end, words, broken=True), making=True)
    if after is None:
        return None
    mend = f'write `{key.text} = "{words}"`' if len(words) <= _LONGEST else "write `=`, and quote what is text"
    holds = (tokens[index].start, value[-1].end)
    return YamlHabit("expected `=`, found `:`", tokens[index], "not expected here", mend, "", holds, after, end, True)


def _stands(tokens: Sequence[Token], value: Token) -> bool:
    """Whether a token is a value as it stands: a number, a constant, or a name that something in the file gets."""
    if value.kind != "WORD" or value.text in _CONSTANTS:
        return True
    return any(
        (after.text == value.text and before.text in ("param", "for")) or (before.text == value.text and after.kind == "=")
        for before, after in pairwise(tokens)
    )
