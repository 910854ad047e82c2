"""Registering task types and building tasks."""

import errno
from itertools import count
from pathlib import Path
from typing import Annotated, Any, Self

import pytest
from pydantic import AliasChoices, Field, field_validator
from steps import registry

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.task.bind import Spread, with_values
from otterdsl.runtime.task.conditions import Param
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Input, Output, Provides
from otterdsl.runtime.task.task_registry import BUILTIN_TASKS_MODULE, TaskRegistry

_numbers = count()


class Noop(Task):
    def run(self) -> Self:
        return self


class WordsSpec(Spec):
    n: int = 1
    source: Annotated[str, Input] = "./default.txt"
    more: list[Annotated[str, Input]] | Annotated[str, Input] = "x"
    destination: Annotated[str, Output] = "${place}/out"
    table: dict[str, Any] = {}  # noqa: RUF012 (a pydantic field: each spec has its own)
    do: Annotated[list[Spec], Provides("each")] = []  # noqa: RUF012 (a pydantic field: each spec has its own)


class Words(Noop):
    Spec = WordsSpec


PAD = {"place": "here", "n": 7, "each": "wrong", "k": "key", "odd": "${n}"}


def build(spec: Spec, config: Config | None = None) -> Any:
    return registry({"words": Words, "noop": Noop}, config, PAD).build(spec).spec


# ---------------------------------------------------------------- registering


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of task modules with a name of its own."""
    name = f"pkg_{next(_numbers)}_of_tests"
    folder = tmp_path / name
    (folder / "sub").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "sub" / "__init__.py").write_text("raise ValueError('no task module')")
    (folder / "_helper.py").write_text("raise ValueError('not to be imported')")
    text = "from otterdsl.runtime import Spec, Task\nclass {0}(Task):\n    def run(self):\n        return self\n"
    (folder / "count_all.py").write_text(text.format("CountAll") + "class CountAllSpec(Spec):\n    n: int\n")
    (folder / "plain.py").write_text(text.format("Plain"))
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def test_a_module_holds_the_class_of_its_name_and_perhaps_its_spec(packages: str) -> None:
    made = TaskRegistry(Config(step="s"), Scratchpad())
    made.register(packages)
    assert sorted(made._tasks) == ["count_all", "plain"]
    assert type(made.build(Spec(name="count_all x", n="3"))).__name__ == "CountAll"
    assert made.build(Spec(name="count_all x", n="3")).spec.n == 3
    assert made.build(Spec(name="plain x", anything=1)).spec.model_extra == {"anything": 1}


def test_a_package_that_is_not_there_ends_the_program(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit) as caught:
        TaskRegistry(Config(step="s"), Scratchpad()).register("no_such_package_here")
    assert caught.value.code == errno.ENOENT
    assert "package `no_such_package_here` is not there" in caplog.text


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("x = 1", errno.ENOENT, "has no Task `BadOne`"),
        ("class BadOne:\n    pass", errno.ENOENT, "has no Task `BadOne`"),
        ("import not_there_at_all", errno.ENOENT, "needs `not_there_at_all`, which is not there"),
        ("raise ValueError('why')", errno.EINVAL, "cannot be imported: ValueError: why"),
        ("from otterdsl.runtime import Task\nclass BadOne(Task): pass", errno.EINVAL, "has no `run`: a task must write its own"),
        (
            "from otterdsl.runtime import Task\nclass BadOne(Task):\n    def run(self): return self\nclass BadOneSpec: pass",
            errno.EINVAL,
            "`BadOneSpec` of module",
        ),
    ],
)
def test_a_module_without_its_class_ends_the_program(
    packages: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, code: int, message: str
) -> None:
    (tmp_path / packages / "bad_one.py").write_text(text)
    with pytest.raises(SystemExit) as caught:
        TaskRegistry(Config(step="s"), Scratchpad()).register(packages)
    assert caught.value.code == code
    assert message in caplog.text


def test_no_task_is_built_of_a_class_without_run(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit) as caught:
        registry({"bare": type("Bare", (Task,), {})}).build(Spec(name="bare x"))
    assert caught.value.code == errno.EINVAL
    assert "cannot build task `bare x`: task type `bare` has no `run`: `Bare` must write one" in caplog.text


def test_the_built_in_types() -> None:
    made = TaskRegistry(Config(step="s"), Scratchpad())
    made.register(BUILTIN_TASKS_MODULE)
    assert sorted(made._tasks) == ["copy", "copy_many", "download", "explode", "explode_glob", "find_latest", "hello_world"]


def test_packages_noted_for_later_are_registered_when_asked_for() -> None:
    made = registry({"noop": Noop})
    made.register_later([BUILTIN_TASKS_MODULE])
    made.build(Spec(name="noop a"))
    assert sorted(made._tasks) == ["noop"]
    assert type(made.build(Spec(name="hello_world a"))).__name__ == "HelloWorld"
    assert made._tasks["noop"] is Noop


# ---------------------------------------------------------------- building


def test_the_class_under_the_full_name_comes_before_that_of_the_type() -> None:
    made = registry({"noop": Noop, "noop special": Words}, scratchpad=PAD)
    assert type(made.build(Spec(name="noop special"))) is Words
    assert type(made.build(Spec(name="noop other"))) is Noop


def test_an_unknown_type_ends_the_program(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit) as caught:
        build(Spec(name="word x"))
    assert caught.value.code == errno.EINVAL
    assert "unknown task type `word`; did you mean `words`?" in caplog.text


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"n": "x"}, "n: Input should be a valid integer"),
        ({"n": "${place}"}, "n: Input should be a valid integer"),
        ({"sorce": "x"}, "task type `words` has no field `sorce`; did you mean `source`?"),
        ({"source": "${plaze}"}, "nothing gives `${plaze}` a value; did you mean `place`?"),
        ({"table": {"${nothing_at_all}": 1}}, "nothing gives `${nothing_at_all}` a value"),
    ],
)
def test_a_wrong_spec_ends_the_program_and_names_the_task(caplog: pytest.LogCaptureFixture, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SystemExit) as caught:
        build(Spec(name="words x", **fields))
    assert caught.value.code == errno.EINVAL
    assert "cannot build task `words x`" in caplog.text
    assert message in caplog.text


def test_placeholders_take_values_with_their_types_in_all_fields() -> None:
    built = build(WordsSpec(name="words ${place}", n="${n}", requires=["a"], table={"${k}": ["${n}", {"x": "${place}-${n}"}], "s": "$${n}"}))
    assert isinstance(built, WordsSpec)
    assert built.name == "words here"
    assert built.n == 7
    assert built.table == {"key": [7, {"x": "here-7"}], "s": "${n}"}
    assert built.requires == ["a"]


def test_what_a_turn_of_a_loop_put_in_is_text_where_only_text_fits() -> None:
    turn = with_values(WordsSpec(name="words x", n=1), {"destination": 7, "more": [1, True, "a"]})
    assert (build(turn).destination, build(turn).more, build(turn).n) == ("7", ["1", "true", "a"], 1)


def test_what_no_text_mends_is_said_of_the_value(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit):
        build(with_values(WordsSpec(name="words x"), {"n": 1.5}))
    assert "n: Input should be a valid integer, got a number with a fractional part" in caplog.text


def test_a_number_that_a_configuration_writes_is_no_text(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit):
        build(Spec(name="words x", destination=7))
    assert "destination: Input should be a valid string" in caplog.text


def test_defaults_are_filled_too() -> None:
    assert build(WordsSpec(name="words x")).destination == "here/out"


def test_a_value_that_looks_like_a_placeholder_is_data() -> None:
    assert build(Spec(name="words x", table={"a": "${odd}"})).table == {"a": "${n}"}


def test_missing_values_may_stay_as_they_are() -> None:
    built = build(Spec(name="words x", scratchpad_ignore_missing=True, source="${place}/${later}"))
    assert built.source == "here/${later}"


def test_the_context_sees_the_scratchpad_and_keeps_what_the_task_stores() -> None:
    made = registry({"noop": Noop}, scratchpad={"a": 1})
    task = made.build(Spec(name="noop x"))
    task.context.scratchpad.store("b", 2)
    assert task.context.scratchpad.require("a") == 1
    assert made.scratchpad.sentinel_dict == {"a": 1}
    assert task.context.config is made.config


def test_a_spec_is_not_changed_by_building_it() -> None:
    spec = WordsSpec(name="words ${place}", n="${n}", table={"a": ["${n}"]}, do=[Spec(name="noop ${place}")])
    before = spec.model_copy(deep=True)
    built = build(spec)
    built.table["b"] = 1
    assert spec == before


class OddSpec(Spec):
    """Validators that give something else when they are asked twice, or see a placeholder; and names of other sorts."""

    prefixed: str = ""
    words: list[str] = []  # noqa: RUF012 (a pydantic field: each spec has its own)
    table: str = ""
    origin: str = Field("", alias="from")
    other: str = Field("", validation_alias=AliasChoices("one", "two"))

    @field_validator("prefixed")
    @classmethod
    def _prefix(cls, text: str) -> str:
        return f"<{text.upper()}"

    @field_validator("words", mode="before")
    @classmethod
    def _split(cls, text: str) -> list[str]:
        return text.split(",")

    @field_validator("table")
    @classmethod
    def _look_up(cls, text: str) -> str:
        return {"key": "found"}[text]


class Odd(Noop):
    Spec = OddSpec


@pytest.mark.parametrize("of", [Spec, OddSpec])
@pytest.mark.parametrize("filled", [True, False])
def test_validators_are_asked_once_and_see_no_placeholders(of: type[Spec], filled: bool) -> None:
    k = "key" if filled else "${k}"
    given = {"prefixed": f"a{k}", "words": f"x,{k}", "table": k, "from": k, "two": k}
    spec = registry({"odd": Odd}, None, PAD).build(of(name="odd x", **given)).spec
    assert type(spec) is OddSpec
    assert spec.model_dump(exclude=set(Spec.model_fields)) == {
        "prefixed": "<AKEY",
        "words": ["x", "key"],
        "table": "found",
        "origin": "key",
        "other": "key",
    }


def test_what_no_placeholder_excuses_is_raised_as_it_is() -> None:
    with pytest.raises(KeyError):
        OddSpec(name="odd x", table="wrong")


def test_a_field_that_was_changed_is_checked_as_the_task_is_built(caplog: pytest.LogCaptureFixture) -> None:
    spec = WordsSpec(name="words x", n=3)
    spec.n = "${n}"
    assert build(spec).n == 7
    spec.n = "many"
    with pytest.raises(SystemExit):
        build(spec)
    assert "n: Input should be a valid integer" in caplog.text


def test_a_task_may_change_the_lists_of_its_spec() -> None:
    spec = WordsSpec(name="words x", source="s", more=["a"], destination="d")
    assert spec.is_checked
    build(spec).more.append("b")
    assert spec.more == ["a"]
    spec.more.append("c")
    assert build(spec).more == ["a", "c"]


def test_specs_within_are_spread_and_folded_but_for_what_the_task_provides() -> None:
    do = [
        Spec(name="noop ${each} ${place}", x="$${n} ${unknown} ${odd}"),
        Spread(for_each={"i": (1, 2)}, when=Param("n"), spec=WordsSpec(name="words ${each} ${i}", n="${i}")),
    ]
    built = build(WordsSpec(name="words x", do=do))
    assert [spec.name for spec in built.do] == ["noop ${each} here", "words ${each} 1", "words ${each} 2"]
    assert built.do[0].model_extra == {"x": "$${n} ${unknown} $${n}"}
    assert [spec.n for spec in built.do[1:]] == [1, 2]


def test_specs_within_may_be_maps() -> None:
    built = build(Spec(name="words x", do=[{"name": "noop ${each}", "source": "${place}"}]))
    assert built.do == [Spec(name="noop ${each}", source="here")]


# ---------------------------------------------------------------- inputs beside the source


def test_inputs_are_relative_to_the_source_where_they_say_so(tmp_path: Path) -> None:
    config = Config(step="s", source_root=tmp_path)
    built = build(Spec(name="words x", source="./a/../b.txt", more=["../up.txt", "plain.txt", "/abs"], destination="./out"), config)
    assert built.source == f"{tmp_path}/b.txt"
    assert built.more == [f"{tmp_path.parent}/up.txt", "plain.txt", "/abs"]
    assert built.destination == "./out"
    assert build(WordsSpec(name="words x"), config).source == f"{tmp_path}/default.txt"


def test_without_a_source_they_stay() -> None:
    assert build(Spec(name="words x", source="./b.txt")).source == "./b.txt"
