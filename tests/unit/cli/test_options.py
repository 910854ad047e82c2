"""How the words of a command line become values, without a process each."""

import io
from pathlib import Path

import click
import pytest

from otterdsl.cli import crash, init
from otterdsl.cli.app import COMMANDS, otterdsl
from otterdsl.cli.findings import refuse_other, stops
from otterdsl.cli.options import Pair
from otterdsl.cli.terminal import colored, live
from otterdsl.compiler.source.diagnostic import Diagnostic, Severity


def test_pairs_are_split_at_the_first_equals_sign() -> None:
    assert Pair("K=V").convert(" a=b=c", None, None) == ("a", "b=c")
    for wrong in ("a", "=a", " =a"):
        with pytest.raises(click.BadParameter, match="K=V"):
            Pair("K=V").convert(wrong, None, None)


@pytest.mark.parametrize("name", ["config.yaml", "a/b.YML"])
def test_yaml_is_refused_with_the_command_that_converts_it(name: str) -> None:
    with pytest.raises(click.UsageError, match="otterdsl convert"):
        refuse_other(Path(name))


def test_python_is_refused_with_what_is_expected() -> None:
    with pytest.raises(click.UsageError, match=r"^a/b\.py is Python; a \.otter file is expected$"):
        refuse_other(Path("a/b.py"))


def test_strict_stops_at_warnings_but_not_at_hints() -> None:
    error, warning, hint = (Diagnostic("OT101", severity, "x", None) for severity in Severity)
    assert [stops([each], strict=False) for each in (error, warning, hint)] == [True, False, False]
    assert [stops([each], strict=True) for each in (error, warning, hint)] == [True, True, False]


def test_every_command_says_what_the_list_says_of_it() -> None:
    context = click.Context(otterdsl)
    for name, words in COMMANDS.items():
        command = otterdsl.get_command(context, name)
        assert command is not None
        assert (command.help or "").splitlines()[0] == words
        assert "Example" in (command.epilog or "")


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("inputs", "inputs"),
        ("My Inputs", "my_inputs"),
        ("my-inputs.v2", "my_inputs_v2"),
        ("class", "class_"),
        ("2nd", None),
        ("---", None),
        ("été", "t"),
    ],
)
def test_a_pipeline_is_named_after_its_folder(folder: str, name: str | None) -> None:
    assert init.pipeline_name(folder) == name


def test_the_skeleton_holds_no_mark() -> None:
    assert [place for place, text in init.skeleton("mine").items() if "@" in text.replace("@report", "")] == []


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_colour_without_being_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert (colored(Screen()), colored(io.StringIO())) == (True, False)
    monkeypatch.setattr("sys.stderr", Screen())
    assert live()
    monkeypatch.setenv("CI", "true")
    assert not live()
    monkeypatch.setenv("TERM", "dumb")
    assert not colored(Screen())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colored(Screen())


def test_a_crash_report_holds_the_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    try:
        raise ValueError("first\x1b[31m\nsecond")
    except ValueError as error:
        crash.report(error, ["run", "x.otter"])
    (file,) = tmp_path.iterdir()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"error: internal error: ValueError: first\\u{{1b}}[31m; please report this, with the file {file}\n"
    assert "['run', 'x.otter']" in file.read_text()
    assert "Traceback" in file.read_text()


def test_a_crash_is_said_even_where_no_report_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    crash.report(ValueError("x" * 1_000), [])
    (line,) = capsys.readouterr().err.splitlines()
    assert "no report could be written" in line
    assert len(line) < 400
