"""Which lines of Python begin within a string: whatever stands at their beginning is part of it, and no indentation. In: text. Out: line numbers."""

import tokenize
from collections.abc import Iterator


def lines_within_strings(source: str) -> Iterator[int]:
    """The lines, counted from 1, that begin within a string. Raises: tokenize.TokenError and SyntaxError, where the text is no Python."""
    opened: list[int] = []
    lines = (f"{line}\n" for line in source.split("\n"))
    for token in tokenize.generate_tokens(lines.__next__):
        name = tokenize.tok_name[token.type]
        if name == "STRING":
            yield from range(token.start[0] + 1, token.end[0] + 1)
        elif name == "FSTRING_START":  # Python 3.12 takes f-strings apart
            opened.append(token.start[0])
        elif name == "FSTRING_END" and opened:
            yield from range(opened.pop() + 1, token.end[0] + 1)
