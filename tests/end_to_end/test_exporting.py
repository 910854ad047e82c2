"""`export` from outside: what it prints where, its exit codes, and what it leaves on disk."""

from pathlib import Path

import pytest
import yaml
from command_line import contents, otterdsl, write

BY_HAND = """\
param who: str = "world"
step first {
  for each in ["a", "b"] as greetings { hello_world "${each}" { who = "${who} ${each}" } }
  hello_world last { requires [greetings] }
}
"""

CONVERTED = """\
# otterdsl: converted from config.yaml
step s {
  find_latest raw { source = "https://x.org/" scratchpad_key = "key" }
  hello_world a { who = "${key}" }
}
"""


def test_to_standard_output(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": BY_HAND})
    done = otterdsl("export", "p.otter", "--format", "otter-yaml", "--set", "who=you", folder=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# Exported by otterdsl from p.otter\n")
    assert yaml.safe_load(done.out)["steps"]["first"] == [
        {"name": "explode greetings", "foreach": ["a", "b"], "do": [{"name": "hello_world ${each}", "who": "you ${each}"}]},
        {"name": "hello_world last", "requires": ["explode greetings"]},
    ]
    assert list(contents(tmp_path)) == ["p.otter"]


def test_to_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": BY_HAND, "mine.yaml": "steps: {}\n"})
    arguments = ("export", "p.otter", "--format", "otter-yaml", "-o")
    done = otterdsl(*arguments, "config.yaml", folder=tmp_path)
    assert (done.code, done.out, done.err) == (0, "config.yaml\n", "")
    assert "explode greetings" in (tmp_path / "config.yaml").read_text()
    assert otterdsl(*arguments, "config.yaml", "--set", "who=you", folder=tmp_path).code == 0
    assert "you ${each}" in (tmp_path / "config.yaml").read_text()
    refused = otterdsl(*arguments, "mine.yaml", folder=tmp_path)
    assert refused.code == 1
    assert "OT601" in refused.said
    assert (tmp_path / "mine.yaml").read_text() == "steps: {}\n"
    assert otterdsl(*arguments, "mine.yaml", "--force", folder=tmp_path).code == 0
    assert "explode greetings" in (tmp_path / "mine.yaml").read_text()


def test_order_that_otter_will_not_keep_is_listed(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": CONVERTED})
    done = otterdsl("export", "p.otter", "--format", "otter-yaml", folder=tmp_path)
    assert done.code == 0
    assert done.err == "p.otter:4: `hello_world a` uses what `find_latest raw` stores and does not require it: Otter will not wait\n"
    assert "requires" not in done.out


@pytest.mark.parametrize(
    ("text", "arguments", "code", "said"),
    [
        ("step s { hello_world a { whom = 1 } }", (), 1, "OT204"),
        ("step s { hello_world '' {} }", (), 1, "OT604"),
        ("step a { hello_world x {} } step b { requires [a] }", (), 0, "OT605"),
        ("step a { hello_world x {} } step b { requires [a] }", ("--strict",), 1, "1 warning"),
        ("step s {}", ("--set", "a=1"), 1, "OT701"),
        ("step s {}", ("-o", "no/such/folder.yaml"), 1, "OT602"),
    ],
)
def test_what_stands_in_the_way(tmp_path: Path, text: str, arguments: tuple[str, ...], code: int, said: str) -> None:
    write(tmp_path, {"p.otter": text})
    done = otterdsl("export", "p.otter", "--format", "otter-yaml", *arguments, folder=tmp_path)
    assert (done.code, said in done.err) == (code, True), done.said
    assert (done.out == "") == (code != 0)


def test_the_format_is_named_and_known(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": BY_HAND})
    assert otterdsl("export", "p.otter", folder=tmp_path).code == 2
    assert otterdsl("export", "p.otter", "--format", "airflow", folder=tmp_path).code == 2


def test_errors_in_what_was_converted_are_shown_and_do_not_stop_it(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": "# otterdsl: converted from config.yaml\nstep s { hello_world a { whoo = 'alice' } }\n"})
    done = otterdsl("export", "p.otter", "--format", "otter-yaml", folder=tmp_path)
    assert done.code == 0
    assert yaml.safe_load(done.out) == {"steps": {"s": [{"name": "hello_world a", "whoo": "alice"}]}}
    assert done.err.startswith("error[OT204]: unknown field `whoo`")
    assert done.err.endswith("\nexported as it stands, with the errors above\n")
    strict = otterdsl("export", "p.otter", "--format", "otter-yaml", "--strict", folder=tmp_path)
    assert (strict.code, strict.out) == (1, "")
