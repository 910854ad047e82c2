"""The one suggestion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otterdsl.compiler.source.nearest import nearest


@pytest.mark.parametrize(
    ("word", "candidates", "found"),
    [
        ("destnation", ["source", "destination"], "destination"),
        ("stpe", ["step", "use"], "step"),
        ("fro", ["for", "from"], "for"),
        ("ab", ["ba", "abc"], None),
        ("abc", ["acb", "bac"], "acb"),
        ("abc", ["bac", "acb"], "acb"),
        ("Step", ["step"], "step"),
        ("X", ["x"], "x"),
        ("source", ["source"], None),
        ("source", [], None),
        ("", ["a"], None),
        ("abcdef", ["abcd", "abcdefgh", "abc"], "abcd"),
        ("abcdef", ["abc"], None),
        ("kitten", ["sitting", "sittin"], "sittin"),
    ],
)
def test_the_nearest_within_a_third_is_suggested(word, candidates, found):
    assert nearest(word, candidates) == found


def distance(a, b):
    """The optimal string alignment, as it is defined."""
    table = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(a), len(b)]


words = st.text(alphabet="abc", max_size=9)


@given(words, st.lists(words, max_size=6))
def test_it_is_the_nearest_by_definition(word, candidates):
    within = [(distance(word, c), c) for c in candidates if c != word and distance(word, c) <= len(word) // 3]
    assert nearest(word, candidates) == (min(within)[1] if within else None)
