"""What loops run over, asked for: from disk, over http, by way of mirrors."""

from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.step.asking import ask
from otterdsl.runtime.task.sources import Glob, Json, Lines
from otterdsl.runtime.util.errors import NotFoundError, OtterError, StepInvalidError


def test_a_glob_gives_the_parts_of_each_name(config: Config, root: Path) -> None:
    for name in ("in/b.tar.gz", "in/x/y/a.csv", "in/README", "in/.hidden", "in/x/odd ${name}.csv"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    found = {item["uri"]: item for item in ask(Glob("in/**"), config)}
    assert list(found) == ["in/README", "in/b.tar.gz", "in/x/odd ${name}.csv", "in/x/y/a.csv"]
    assert found["in/b.tar.gz"] == {
        "uri": "in/b.tar.gz",
        "prefix": "in",
        "path": "",
        "stem": "b.tar",
        "ext": "gz",
        "uuid": str(uuid5(NAMESPACE_URL, "in/b.tar.gz")),
    }
    assert (found["in/x/y/a.csv"]["path"], found["in/README"]["ext"]) == ("x/y", "")


def test_a_glob_outside_of_the_release_gives_whole_names(config: Config, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("")
    assert ask(Glob(f"{tmp_path}/*.csv"), config)[0]["uri"] == f"{tmp_path}/a.csv"


def test_no_file_is_an_error_but_where_that_is_said(config: Config, root: Path) -> None:
    with pytest.raises(NotFoundError, match=rf"no file matches `{root}/a/\*`"):
        ask(Glob("a/*"), config)
    assert ask(Glob("a/*", allow_empty=True), config) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("\n\r\n\n", []),
        ("a", ["a"]),
        ("a\nb\n", ["a", "b"]),
        ("a\r\n\r\nb\r", ["a", "b"]),
        ("\ufeffa\n b \n\n", ["a", " b "]),
        ("a\x0bb\u2028c\rd\n", ["a\x0bb\u2028c\rd"]),
        ("${x}\n", ["${x}"]),
    ],
)
def test_lines_are_what_line_ends_part(config: Config, root: Path, text: str, lines: list[str]) -> None:
    (root / "l.txt").write_bytes(text.encode())
    assert ask(Lines("l.txt"), config) == lines


def test_lines_of_a_folder_or_of_nothing_are_refused(config: Config, root: Path) -> None:
    (root / "folder").mkdir()
    for name in ("folder", "none", "gs://bucket/x"):
        with pytest.raises(OtterError):
            ask(Lines(name), config)


@pytest.mark.parametrize(
    ("text", "query", "items"),
    [
        ('[1, "a", null]', "@", [1, "a", None]),
        ('{"a": [{"b": 1}, {"b": 2}]}', "a[].b", [1, 2]),
        ('{"a": {"x": 1, "y": 2}}', "keys(a)", ["x", "y"]),
        ('\ufeff{"a": []}', "a", []),
        ('{"a": [1, 2, 3]}', "a[?@ > `1`]", [2, 3]),
    ],
)
def test_json_is_what_the_query_finds(config: Config, root: Path, text: str, query: str, items: list[Any]) -> None:
    (root / "j.json").write_text(text)
    assert ask(Json("j.json", query), config) == items


@pytest.mark.parametrize(
    ("content", "query", "said"),
    [
        (b"{", "a", "is no JSON"),
        (b"", "a", "is no JSON"),
        (b"\xff\xfe\x00", "a", "is no JSON"),
        (b"[" * 100_000, "a", "is no JSON"),
        (b'{"a": 1}', "a", "`a` finds 1 in"),
        (b'{"a": "text"}', "a", "`a` finds 'text' in"),
        (b'{"a": 1}', "b", "`b` finds nothing in"),
        (b'{"a": 1}', "", "cannot be asked of"),
        (b'{"a": 1}', "a[?", "cannot be asked of"),
        (b'{"a": 1}', "no_such(a)", "cannot be asked of"),
        (b'{"a": 1}', "length(a)", "cannot be asked of"),
        (b'{"a": 1}', "(" * 5_000, "cannot be asked of"),
    ],
)
def test_what_is_no_json_or_no_list_is_refused_on_one_line(config: Config, root: Path, content: bytes, query: str, said: str) -> None:
    (root / "j.json").write_bytes(content)
    with pytest.raises(StepInvalidError) as caught:
        ask(Json("j.json", query), config)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_are_read_over_http_and_by_way_of_mirrors(server: Any, root: Path) -> None:
    server.files["/l.txt"] = b"a\nb\n"
    server.files["/j.json"] = b'{"a": [1]}'
    config = Config(work_path=root, mirrors={"https://far.example.org/": server.url("/")})
    assert ask(Lines(server.url("/l.txt")), config) == ["a", "b"]
    assert ask(Lines("https://far.example.org/l.txt"), config) == ["a", "b"]
    assert ask(Json("https://far.example.org/j.json", "a"), config) == [1]
    with pytest.raises(NotFoundError, match="404"):
        ask(Lines(server.url("/none")), config)


def test_a_mirror_on_disk_answers_a_glob(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "a.csv").write_text("")
    config = Config(work_path=root, mirrors={"https://far.example.org/": f"{tmp_path}/mirror/"})
    assert ask(Glob("https://far.example.org/*.csv"), config)[0]["uri"] == "https://far.example.org/a.csv"


def test_more_items_than_a_step_may_have_are_refused(config: Config, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otterdsl.runtime.step.asking.MOST_TASKS", 3)
    (root / "l.txt").write_text("a\nb\nc\nd\n")
    with pytest.raises(StepInvalidError, match="more than 3 items"):
        ask(Lines("l.txt"), config)
