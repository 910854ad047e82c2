"""YAML as `emit` writes it: exactly the values, and as people would write them."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from otterdsl.convert.emit import document

ODD = ["yes", "null", "~", "1", "1.0", "1e5", "0x1f", "1_0", "12:30", "2025-01-16", "=", "<<", "a: b", "a #b", "#", "- x", "-", "?", "? a", ":", "a:"]
ODD += ["*a", "&a", "!t", "%a", "@x", "`", "'a'", '"', "it's", "---", "...", "a\n---\nb\n", "x\ny\n", "x\n", "\nx", "x\n\n y\n", "x\n\ty\n", "a\n\n"]
ODD += [" x\n y", "x \ny", "l1\n# l2", "\ufeffx\ny", "x\u2028y", "x\x85y\n", "\x1b[31m", "🦦", "\ud7ff", "a" * 2000, "C:\\d", "{", "[", "x, y"]
TEXTS = st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(ODD))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
VALUES = st.recursive(SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)), max_leaves=12)
STEPS = st.dictionaries(TEXTS, st.lists(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4), max_size=3), max_size=3)


@given(st.dictionaries(TEXTS.map("_{}".format), VALUES, max_size=3), st.dictionaries(TEXTS, VALUES, max_size=3), STEPS)
def test_a_loader_gets_exactly_the_values(settings: dict[str, Any], pad: dict[str, Any], steps: dict[str, Any]) -> None:
    text = document("A heading", settings, {"scratchpad": pad, "steps": steps})
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        assert repr(yaml.load(text, Loader=loader)) == repr({**settings, "scratchpad": pad, "steps": steps})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("https://x.org/${efo_version}/a b.json", "https://x.org/${efo_version}/a b.json"),
        ("${uri}", "${uri}"),
        ("1", "'1'"),
        (1, "1"),
        ("no", "'no'"),
        ("2025-01-16", "'2025-01-16'"),
        (1e-07, "1.0e-07"),
        (2.0, "2.0"),
        (None, "null"),
        (True, "true"),
        ("", "''"),
        ("it's", "it's"),
        ("it's: so", '"it\'s: so"'),
        ("a\tb", '"a\\tb"'),
        ("C:\\d: x", "'C:\\d: x'"),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_scalars_are_quoted_only_where_they_need_to_be(value: Any, written: str) -> None:
    assert document("", {"k": value}, {}) == f"k: {written}\n"


def test_numbers_longer_than_python_writes_are_hexadecimal() -> None:
    assert document("", {"k": -(16**5000)}, {}) == f"k: -0x1{'0' * 5000}\n"


def test_it_looks_like_what_people_write() -> None:
    steps = {
        "first": [
            {"name": "copy a", "requires": ["copy b"], "text": "one\n  two\n\nthree\n", "end": "a\nb"},
            {"name": "explode c", "do": [{"name": "copy ${each}", "map": {"a": [[1, 2], []]}}]},
        ],
        "second": [],
    }
    assert (
        document("Made", {"pool_size": 3}, {"scratchpad": {"a": "x"}, "steps": steps})
        == """\
# Made
pool_size: 3

scratchpad:
  a: x

steps:
  first:
    - name: copy a
      requires:
        - copy b
      text: |
        one
          two

        three
      end: |-
        a
        b

    - name: explode c
      do:
        - name: copy ${each}
          map:
            a:
              - - 1
                - 2
              - []

  second: []
"""
    )
