"""What to write instead of a token that cannot stand where it does, by what stands around it. In: tokens. Out: a line of help, or nothing.

What is absent: words that begin a declaration elsewhere (`foreign_words`), and what is said besides (`complaints`).
"""

from collections.abc import Sequence
from typing import Final

from otterdsl.compiler.syntax.mistakes import Token

_TASK: Final = "a task is written `TYPE LABEL { … }`"
_LOOP: Final = "a loop is written `for x in LIST { … }`"


def mend_at(tokens: Sequence[Token], index: int, could: str) -> str:
    """The help for the token at `index`, where something of `could` was expected, in words; empty where nothing better is known."""
    token = tokens[index]
    before = tokens[index - 1].text if index else ""
    if could == "a name or a string" and token.kind in ("NUMBER", "(", "[", ":"):
        return f'quote it: `"{token.text}"`' if token.kind == "NUMBER" and len(token.text) < 40 else _TASK
    if before == "for" or (token.kind == "," and index > 1 and tokens[index - 2].text == "for"):
        return f"{_LOOP}, and a part of its variable `x.part`" if token.kind == "," else _LOOP
    if index > 1 and tokens[index - 2].text == "task" and token.kind in ("(", ":"):
        return f"write `task {before} extends BASE {{ … }}`"
    if could.endswith("`{`"):
        return _before_block(tokens, index)
    if token.kind == "," and could == "`)`":
        return "a list is written `[a, b]`"
    if token.text == "for":
        return "a list is not made by a loop; one makes tasks: `for x in LIST { … }`"
    return _of_type(tokens, index)


def _before_block(tokens: Sequence[Token], index: int) -> str:
    """Help for what stands where a block must begin."""
    token = tokens[index]
    if token.text == "then":
        return "leave `then` out"
    if token.kind == ":" and index + 1 < len(tokens) and tokens[index + 1].first:
        return "a block stands in braces: `{ … }`"
    return _TASK if token.kind in (".", "=", "STRING", "(") and tokens[index - 1].kind in ("WORD", "STRING") and index > 1 else ""


def _of_type(tokens: Sequence[Token], index: int) -> str:
    """Help for types as other languages write them."""
    token, before = tokens[index], tokens[index - 1]
    if token.kind == "<" and before.text in ("list", "map"):
        return f"write `{before.text}[…]`"
    if token.kind == "]" and before.kind == "[" and index > 2 and tokens[index - 3].kind == ":":
        return f"write `list[{tokens[index - 2].text}]`"
    return ""
