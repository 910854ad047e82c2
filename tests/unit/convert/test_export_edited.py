"""Files that were converted and then edited: what was not touched comes back as it was, and what was written by hand as such."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from otterdsl.convert.export import Export, export_file

CONVERTED = """\
# otterdsl: converted from config.yaml

pipeline p { pool_size = 1 grace = 3 }

scratchpad {
  ver = "3"
  own = '${ver}!'
}

step s {
  find_latest raw { source = "./in" scratchpad_key = "key" }

  copy a {
    requires [find_latest.raw]
    source      = "${key}/${own}"
    destination = "1"
  }

  for each in ["x", "y"] as l {
    requires [copy.a]
    copy "${each}" { source = "$${each} $ ${ver}" destination = "${each}" }
  }
  EDIT
}
"""


def exported(folder: Path, edit: str = "") -> Export:
    file = folder / "p.otter"
    file.write_text(CONVERTED.replace("EDIT", edit).replace(" grace = 3", ""), encoding="utf-8")
    return export_file(file)


def entries(made: Export) -> list[dict[str, Any]]:
    assert made.text is not None, made.diagnostics
    found: list[dict[str, Any]] = yaml.safe_load(made.text)["steps"]["s"]
    return found


ORIGINAL = [
    {"name": "find_latest raw", "source": "./in", "scratchpad_key": "key"},
    {"name": "copy a", "requires": ["find_latest raw"], "source": "${key}/${own}", "destination": "1"},
    {
        "name": "explode l",
        "requires": ["copy a"],
        "foreach": ["x", "y"],
        "do": [{"name": "copy ${each}", "source": "$${each} $ ${ver}", "destination": "${each}"}],
    },
]


def test_the_original_comes_back_even_where_otter_would_not_do_the_same(tmp_path: Path) -> None:
    made = exported(tmp_path)
    assert entries(made) == ORIGINAL
    assert made.text is not None
    assert yaml.safe_load(made.text)["scratchpad"] == {"ver": "3", "own": "${ver}!"}
    assert yaml.safe_load(made.text)["pool_size"] == 1
    assert made.unsaid == ()


@pytest.mark.parametrize(
    ("edit", "added"),
    [
        ("hello_world b { requires [l] }", [{"name": "hello_world b", "requires": ["explode l"]}]),
        ('hello_world b { who = "$5 ${ver}" }', [{"name": "hello_world b", "who": "$5 ${ver}"}]),
        ("hello_world b { who = find_latest.raw }", [{"name": "hello_world b", "requires": ["find_latest raw"], "who": "${key}"}]),
        ("hello_world b { who = copy.a.destination requires [l] }", [{"name": "hello_world b", "requires": ["copy a", "explode l"], "who": "1"}]),
        ("if true { hello_world b { who = ver } }", [{"name": "hello_world b", "who": "${ver}"}]),
        ('for i in [1, 2] { hello_world "b${i}" { who = i } }', [{"name": f"hello_world b{i}", "who": str(i)} for i in (1, 2)]),
    ],
)
def test_what_was_added_is_exported_as_by_hand(tmp_path: Path, edit: str, added: list[dict[str, Any]]) -> None:
    assert entries(exported(tmp_path, edit)) == [*ORIGINAL, *added]


def test_order_that_only_the_checker_knows_is_listed_and_not_added(tmp_path: Path) -> None:
    made = exported(tmp_path, 'copy b { source = "${key}" destination = "2" }')
    assert entries(made)[-1] == {"name": "copy b", "source": "${key}", "destination": "2"}
    assert [(each.step, each.task, each.edge.target, each.edge.reason) for each in made.unsaid] == [("s", "copy b", "find_latest raw", "reference")]
