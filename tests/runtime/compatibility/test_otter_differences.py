"""What docs/otter-compatibility.md says is different from Otter: each is so. Each test is named there, and each test named there exists."""

import asyncio
import errno
import importlib
import json
import os
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from otter_alias import Package

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "otter-compatibility.md"


def module(name: str) -> Any:
    return importlib.import_module(f"otter.{name}")


def pad(**values: Any) -> Any:
    return module("scratchpad.model").Scratchpad(values)


def filled(value: Any, **values: Any) -> Any:
    return pad(**values).replace_dict({"x": value})["x"]


def spec(name: str, **fields: Any) -> Any:
    return module("task.model").Spec(name=name, **fields)


@pytest.fixture
def config(tmp_path: Path) -> Any:
    return module("config.model").Config(step="main", steps=["main"], work_path=tmp_path / "work", grace="1s")


@pytest.fixture
def registry(config: Any) -> Any:
    made = module("task.task_registry").TaskRegistry(config, pad(three=3, food="fish"))
    made.register("otter.tasks")
    return made


@pytest.fixture
def handle(config: Any) -> Callable[..., Any]:
    config.work_path.mkdir()
    return lambda location: module("storage.synchronous.handle").StorageHandle(location, config)


def run_specs(registry: Any, *specs: Any) -> Any:
    step = module("step.model").Step(name="main", specs=list(specs))
    asyncio.run(module("step.coordinator").Coordinator(step, registry, registry.config).run())
    return step.manifest


def add_type(registry: Any, name: str, **methods: Any) -> None:
    """Register a task type whose class has these methods, each given the task."""
    base = module("task.model").Task
    registry.add(name, type(name.title(), (base,), methods), module("task.model").Spec)


def ends_with(code: int, act: Callable[[], object]) -> bool:
    with pytest.raises(SystemExit) as ended:
        act()
    return ended.value.code == code


# ---------------------------------------------------------------- the document


def test_each_test_that_the_document_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT.read_text()))
    there = {name for path in (ROOT / "tests" / "runtime").rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)}
    assert named - there == set()
    assert {name for name in globals() if name.startswith("test_")} - named == {"test_each_test_that_the_document_names_exists"}


# ---------------------------------------------------------------- placeholders


def test_only_braces_make_a_placeholder() -> None:
    assert filled("$food, $$food, $$, 5$ and ${food}", food="fish") == "$food, $$food, $$, 5$ and fish"
    assert filled("$${food} is ${food}", food="fish") == "${food} is fish"
    assert filled("${a} ${f-o}", **{"a": 1, "f-o": 2}) == "1 2"


def test_a_lone_placeholder_gives_the_value_itself() -> None:
    values = {"n": 3, "l": ["x"], "m": {"k": "v"}, "t": True, "no": None}
    for name, value in values.items():
        assert filled(f"${{{name}}}", **values) == value
        assert type(filled(f"${{{name}}}", **values)) is type(value)


def test_values_within_text_read_as_in_the_language() -> None:
    assert filled("${l} ${m} ${t} ${no} ${n}", l=["x"], m={"k": 1}, t=True, no=None, n=1.5) == '["x"] {"k": 1} true null 1.5'


def test_keys_of_maps_and_tuples_are_filled() -> None:
    assert filled({"${food}": ("${food}",)}, food="fish") == {"fish": ("fish",)}


def test_two_values_of_one_key_are_refused(registry: Any) -> None:
    def store(value: str) -> Any:
        def run(self: Any) -> Any:
            self.context.scratchpad.store("key", value)
            return self

        return run

    add_type(registry, "one", run=store("1"))
    add_type(registry, "other", run=store("2"))
    record = run_specs(registry, spec("one a"), spec("other b", requires=["one a"]))
    assert record.failure_reason == "task `other b` failed: `key` has two values: task `one a` stored '1', and task `other b` stored '2'"


# ---------------------------------------------------------------- specs and their types


def test_a_name_may_be_a_type_alone() -> None:
    assert spec("hello_world").task_type == "hello_world"


def test_a_field_with_a_placeholder_is_checked_when_it_is_filled(registry: Any) -> None:
    copy_many = module("tasks.copy_many").CopyManySpec
    held = copy_many(name="copy_many it", sources=["/a"], destination="d", max_concurrency="${three}")
    assert held.max_concurrency == "${three}"
    assert registry.build(held).spec.max_concurrency == 3
    assert ends_with(errno.EINVAL, lambda: registry.build(spec("copy_many it", sources=["/a"], destination="d", max_concurrency="${food}")))


def test_a_field_that_a_type_lacks_is_refused(registry: Any) -> None:
    assert ends_with(errno.EINVAL, lambda: registry.build(spec("hello_world it", whom="Ada")))


def test_a_placeholder_without_a_value_ends_the_program(registry: Any) -> None:
    assert ends_with(errno.EINVAL, lambda: registry.build(spec("hello_world it", who="${nobody}")))


def test_a_package_that_is_no_use_ends_the_program(registry: Any, package: Package) -> None:
    assert ends_with(errno.EINVAL, lambda: registry.register(package(broken="def (")))
    assert ends_with(errno.ENOENT, lambda: registry.register(package(lacking="import nothing_of_that_name")))
    assert ends_with(errno.ENOENT, lambda: registry.register(package(no_task="class NoTask: ...")))
    assert ends_with(errno.EINVAL, lambda: registry.register(package(idle="class Idle(Task): ...")))


def test_a_module_whose_name_begins_with_a_line_is_none_of_the_types(registry: Any, package: Package) -> None:
    before = set(registry._tasks)
    registry.register(package(_shared="x = 1", feed="class Feed(Task):\n    async def run(self): return self"))
    assert set(registry._tasks) - before == {"feed"}


def test_a_configuration_of_another_shape_ends_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes: tuple[Any, ...] = (
        [],
        "text",
        {"main": {"name": "a b"}},
        {"main": ["a b"]},
        {"main": [{"name": "a b", "requires": 1}]},
        {"main": [{1: 2}]},
    )
    for steps in shapes:
        monkeypatch.setattr("otter.task.parse_yaml", lambda path, steps=steps: {"steps": steps or 1})
        assert ends_with(errno.EINVAL, lambda: module("task").load_specs(Path("c.yaml"), "main"))
    monkeypatch.setattr("otter.task.parse_yaml", lambda path: {"steps": {"main": None}})
    assert module("task").load_specs(Path("c.yaml"), "main") == []


# ---------------------------------------------------------------- tasks


def test_a_task_without_validate_is_not_validated(registry: Any) -> None:
    add_type(registry, "idle", run=lambda self: self)
    task = registry.build(spec("idle a"))
    task.context.state = module("task.model").State.RUNNING
    assert task.has_validation() is False
    assert task.get_next_state() is module("task.model").State.DONE
    (record,) = run_specs(registry, spec("idle a")).tasks
    assert (record.started_validation_at, record.validation_elapsed, record.elapsed) == (None, None, record.run_elapsed)


def test_run_must_give_back_the_task(registry: Any) -> None:
    add_type(registry, "lost", run=lambda self: None)
    (record,) = run_specs(registry, spec("lost a")).tasks
    assert record.failure_reason == "`run` gave back nothing: it must return the task itself (`return self`)"


def test_a_reason_names_the_kind_of_error(registry: Any) -> None:
    def run(self: Any) -> Any:
        raise KeyError("food")

    add_type(registry, "bad", run=run)
    (record,) = run_specs(registry, spec("bad a")).tasks
    assert record.failure_reason == "KeyError: 'food'"
    assert record.finished_run_at is not None


def test_tasks_share_one_process(registry: Any) -> None:
    seen: list[tuple[int, str]] = []

    def run(self: Any) -> Any:
        seen.append((os.getpid(), threading.current_thread().name))
        return self

    async def arun(self: Any) -> Any:
        return run(self)

    add_type(registry, "plain", run=run)
    add_type(registry, "waiting", run=arun)
    run_specs(registry, spec("plain a"), spec("waiting b", requires=["plain a"]))
    assert [process for process, _ in seen] == [os.getpid()] * 2
    assert seen[0][1] != seen[1][1]


def test_only_specs_can_be_added(registry: Any) -> None:
    with pytest.raises(TypeError, match="no Spec"):
        registry.build(spec("hello_world a")).context.add_specs([{"name": "hello_world b"}])


# ---------------------------------------------------------------- steps and the manifest


def test_a_failure_leaves_a_record_of_each_task(registry: Any) -> None:
    def run(self: Any) -> Any:
        self.context.abort.wait(30)
        return self

    add_type(registry, "long", run=run)
    specs = [spec("copy a", source="/nowhere/at/all", destination="a"), spec("hello_world b", requires=["copy a"]), spec("long c")]
    record = run_specs(registry, *specs)
    assert record.failure_reason.startswith("task `copy a` failed: ")
    assert {task.name: task.result.value for task in record.tasks} == {"copy a": "failure", "hello_world b": "aborted", "long c": "success"}
    assert [task.name for task in record.tasks] == ["copy a", "hello_world b", "long c"]


def test_tasks_in_a_circle_are_reported(registry: Any) -> None:
    record = run_specs(registry, spec("hello_world a", requires=["hello_world b"]), spec("hello_world b", requires=["hello_world a"]))
    assert "in a circle" in record.failure_reason


def test_a_release_elsewhere_is_refused(tmp_path: Path) -> None:
    config = module("config.model").Config(work_path=tmp_path, release_uri="gs://bucket/release")
    with pytest.raises(module("util.errors").OtterError, match=r"only `file://` is supported yet"):
        module("manifest.model").Manifest(config).check()


def test_times_are_in_utc(registry: Any, config: Any) -> None:
    record = run_specs(registry, spec("hello_world a"))
    asyncio.run(module("manifest.model").Manifest(config).update(record))
    root = json.loads((config.work_path / "manifest.json").read_text())
    assert all(root[name].endswith("Z") for name in ("started_at", "modified_at"))
    assert {path.name for path in config.work_path.iterdir()} == {"manifest.json", ".manifest.lock"}


# ---------------------------------------------------------------- storage


def test_nothing_is_written_out_of_the_release_root(handle: Callable[..., Any], tmp_path: Path) -> None:
    for location in ("../x", str(tmp_path / "x"), "manifest.json"):
        with pytest.raises(module("util.errors").StorageError, match=r"leaves the release root|the run's own"):
            handle(location).write(b"")
    module("storage.synchronous.handle").StorageHandle(tmp_path / "x").write(b"free")
    assert (tmp_path / "x").read_bytes() == b"free"


def test_a_copy_is_a_file_of_its_own(handle: Callable[..., Any], config: Any) -> None:
    handle("a").write(b"a")
    handle("a").copy_to(handle("b"))
    assert os.stat(config.work_path / "a").st_ino != os.stat(config.work_path / "b").st_ino
    with pytest.raises(module("util.errors").StorageError, match="is its own destination"):
        handle("a").copy_to(handle("a"))


def test_an_expected_revision_is_compared(handle: Callable[..., Any]) -> None:
    first = handle("a").write(b"a")
    handle("a").write(b"b", expected_revision=first)
    with pytest.raises(module("util.errors").PreconditionFailedError):
        handle("a").write_text("c", expected_revision=first)


def test_a_glob_finds_files_in_order(handle: Callable[..., Any], config: Any) -> None:
    for name in ("b", "a", "folder/c", ".hidden"):
        handle(name).write(b"")
    assert handle("").glob("*") == [f"{config.work_path}/{name}" for name in ("a", "b")]
    assert handle("").glob("*/") == [f"{config.work_path}/folder"]


def test_storage_raises_errors_of_its_own(handle: Callable[..., Any]) -> None:
    errors = module("util.errors")
    handle("folder/a").write(b"")
    raised: dict[type[Exception], list[Callable[[], object]]] = {
        errors.NotFoundError: [lambda: handle("nothing").open(), lambda: handle("nothing").stat()],
        errors.StorageError: [
            lambda: handle("folder").read(),
            lambda: handle("folder").copy_to(handle("b")),
            lambda: handle("folder/a").open("a"),
            lambda: handle("https://nowhere.test/x").write(b""),
            lambda: handle("https://nowhere.test/").glob("*"),
            lambda: handle("gs://bucket/x"),
            lambda: handle("ftp://nowhere.test/x"),
        ],
        ValueError: [lambda: module("storage.synchronous.handle").StorageHandle("a")],
    }
    for error, acts in raised.items():
        for act in acts:
            with pytest.raises(error):
                act()


def test_a_location_stays_as_it_was_given(handle: Callable[..., Any], config: Any) -> None:
    within = handle(str(config.work_path / "a"))
    assert (within.is_absolute, within.location, within.relative) == (True, f"{config.work_path}/a", "a")
    assert handle("a//b/./c").absolute == f"{config.work_path}/a/b/c"
    (config.work_path / "folder").mkdir()
    assert handle("folder").stat().size is None


def test_sizes_are_compared_whatever_they_are(handle: Callable[..., Any], config: Any) -> None:
    file, wrong = module("validators.file"), module("util.errors").TaskValidationError
    handle("a").write(b"a")
    handle("empty").write(b"")
    for second in ("empty", "nothing"):
        with pytest.raises(wrong, match=second):
            file.size("a", second, config)
    file.size("nothing", "a", config)


# ---------------------------------------------------------------- built-in types


def test_copy_takes_a_source_of_the_release(registry: Any, handle: Callable[..., Any], config: Any) -> None:
    handle("a").write(b"a")
    assert run_specs(registry, spec("copy a", source="a", destination="b")).failure_reason is None
    assert (config.work_path / "b").read_bytes() == b"a"


def test_copy_takes_the_settings_of_stores_that_are_not_here(registry: Any, handle: Callable[..., Any]) -> None:
    handle("a").write(b"x")
    assert run_specs(registry, spec("copy a", source="a", destination="b", settings={"billing_project": "p"})).failure_reason is None
    assert handle("b").read()[0] == b"x"


def test_two_files_of_one_name_are_refused(registry: Any, handle: Callable[..., Any]) -> None:
    for name in ("a/x", "b/x"):
        handle(name).write(b"")
    assert "would both be copied" in run_specs(registry, spec("copy_many a", sources=["a/x", "b/x"], destination="c")).failure_reason


def test_a_glob_that_finds_nothing_fails(registry: Any, handle: Callable[..., Any]) -> None:
    do = [{"name": "hello_world ${uuid}"}]
    assert "no file matches" in run_specs(registry, spec("explode_glob a", glob="*.x", do=do)).failure_reason
    assert run_specs(registry, spec("explode_glob a", glob="*.x", do=do, allow_empty=True)).failure_reason is None
    assert "no file matches" in run_specs(registry, spec("copy_many a", sources="*.x", destination="c")).failure_reason


def test_a_glob_begins_at_a_folder(registry: Any, handle: Callable[..., Any], config: Any) -> None:
    handle("in/z").write(b"z")
    do = [{"name": "copy the ${match_stem}", "source": "${uri}", "destination": "out/${match_stem}.${match_ext}"}]
    assert run_specs(registry, spec("explode_glob a", glob="in/z*", do=do)).failure_reason is None
    assert [path.name for path in (config.work_path / "out").iterdir()] == ["z"]


def test_each_file_of_a_glob_has_the_same_uuid_in_each_run(registry: Any, handle: Callable[..., Any]) -> None:
    handle("a.x").write(b"")
    first, second = (run_specs(registry, spec("explode_glob a", glob="*.x", do=[{"name": "hello_world ${uuid}"}])).tasks[1].name for _ in range(2))
    assert first == second


def test_items_of_explode_have_types_and_parts(registry: Any) -> None:
    do = [{"name": "hello_world ${each.name}", "who": "${each.name} ${each.age}"}]
    run = run_specs(registry, spec("explode it", foreach=[{"name": "ada", "age": 36}], do=do))
    assert [task.name for task in run.tasks] == ["explode it", "hello_world ada"]
    assert run.tasks[1].artifacts[0].destination == "ada 36"


def test_names_that_an_exploding_task_does_not_fill(registry: Any, handle: Callable[..., Any]) -> None:
    handle("herd/ox").write(b"")
    latest = spec("find_latest it", source="herd", scratchpad_key="latest")
    do = [{"name": "hello_world ${each}", "who": "${latest}", "requires": ["find_latest it"]}]
    record = run_specs(registry, spec("explode it", foreach=["ox"], do=do), latest)
    assert record.failure_reason is None
    assert record.tasks[1].artifacts[0].destination.endswith("/herd/ox")
    assert "nothing gives `${typo}` a value" in run_specs(registry, spec("explode it", foreach=["${typo}"], do=do)).failure_reason


def test_download_keeps_what_is_local_already(registry: Any, handle: Callable[..., Any], config: Any) -> None:
    handle("a").write(b"a")
    assert run_specs(registry, spec("download a", source="a")).failure_reason is None
    assert (config.work_path / "a").read_bytes() == b"a"


# ---------------------------------------------------------------- settings and the program


def test_a_config_needs_no_step() -> None:
    config = module("config.model").Config
    assert (config().step, config(step="a").steps, config(pool_size=1).pool_size) == ("", [], 1)
    assert config(release_uri="file:///data/release").release_uri == "file:///data/release"


def test_an_empty_variable_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.yaml").write_text("steps: {main: []}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["zoo", "-s", "main"])
    monkeypatch.setenv("ZOO_POOL_SIZE", "")
    assert module("config").load_config("zoo").pool_size == 5


def test_a_run_logs_to_standard_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import subprocess

    (tmp_path / "config.yaml").write_text("steps: {main: [{name: hello_world a}]}")
    program = "import asyncio\nfrom otterdsl.runtime import Runner\nrunner = Runner('zoo')\nrunner.start()\nasyncio.run(runner.run())"
    ran = subprocess.run([sys.executable, "-c", program, "-s", "main"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout == ""
    assert "hello world" in ran.stderr


def test_what_no_task_package_needs_is_not_there() -> None:
    for name in ("util.logger", "util.util", "storage.registry", "storage.storage_context", "storage.synchronous.google", "config.cli"):
        with pytest.raises(ModuleNotFoundError):
            module(name)
    assert not hasattr(module("step.worker"), "Worker")
    assert not hasattr(SimpleNamespace(**vars(module("step.coordinator"))), "COORDINATOR_POLLING_INTERVAL")
