"""The one suggestion of a diagnostic: what a misspelled word probably meant. In: the word and the candidates. Out: the nearest, or None."""

from collections.abc import Iterable
from typing import Self


class Near(str):
    """What a word probably meant; `certain` where it can be put in its place unasked."""

    __slots__ = ("certain",)
    certain: bool

    def __new__(cls, text: str, certain: bool) -> Self:
        """The text with what is known of it."""
        self = super().__new__(cls, text)
        self.certain = certain
        return self


def nearest(word: str, candidates: Iterable[str]) -> Near | None:
    """The candidate at the least edit distance, which is at most a third of the word's length; the first in the alphabet among equals.

    The distance counts letters added, left out, changed, and neighbours swapped (Damerau and Levenshtein, the optimal string alignment). Letters of
    the wrong case alone always make a suggestion. It is certain where no other is as near, and where more than digits differ: `run2` is not `run1`.
    """
    limit = len(word) // 3
    best: tuple[int, str] | None = None
    alone = True
    for candidate in candidates:
        if candidate == word:
            continue
        most = limit if best is None else min(limit, best[0])
        found = 0 if candidate.lower() == word.lower() else _distance(word, candidate, most)
        if found is None:
            continue
        if best is None or found < best[0]:
            alone = True
        elif found == best[0] and candidate != best[1]:
            alone = False
        if best is None or (found, candidate) < best:
            best = found, candidate
    return Near(best[1], alone and _letters(word) != _letters(best[1])) if best else None


def _letters(word: str) -> str:
    return "".join(char for char in word if not char.isdigit())


def _distance(a: str, b: str, most: int) -> int | None:
    """The distance of two words, None where it is more than `most`. Only the diagonals within `most` of the middle are walked."""
    if abs(len(a) - len(b)) > most:
        return None
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    a, b = a[start:], b[start:]
    far = most + 1
    before: list[int] = []
    previous = [min(j, far) for j in range(len(b) + 1)]
    for i in range(1, len(a) + 1):
        current = [far] * (len(b) + 1)
        if i <= most:
            current[0] = i
        for j in range(max(1, i - most), min(len(b), i + most) + 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                cost = min(cost, before[j - 2] + 1)
            current[j] = min(cost, far)
        if min(current) > most:
            return None
        before, previous = previous, current
    return previous[-1] if previous[-1] <= most else None
