"""Task packages as they are written for Otter: their ways of doing things, each a package of its own, run under the alias."""

import asyncio
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, Mock

import pytest
from otter_alias import Package

EXPLODING = """\
import json
from pathlib import Path
from otter.scratchpad.model import Scratchpad

class ExplodeHerdSpec(Spec):
    do: list[Spec]
    json_path: Path
    prefix: str

    def model_post_init(self, __context: Any) -> None:
        self.scratchpad_ignore_missing = True

class ExplodeHerd(Task):
    def __init__(self, spec: ExplodeHerdSpec, context: TaskContext) -> None:
        super().__init__(spec, context)
        self.spec: ExplodeHerdSpec
        self.scratchpad = Scratchpad({"prefix": spec.prefix})
        self.path = context.config.work_path / spec.json_path

    @report
    def run(self) -> Self:
        for animal in json.loads(self.path.read_text()):
            self.scratchpad.store("each", animal)
            for do_spec in self.spec.do:
                replaced = Spec.model_validate(self.scratchpad.replace_dict(do_spec.model_dump()))
                self.context.specs.append(replaced)
        return self
"""
ONE_SPEC = """\
from otter.scratchpad.model import Scratchpad
from otter.tasks.copy import CopySpec
from pydantic import BaseModel, field_validator

class Columns(BaseModel):
    url: str
    number: str

class CrawlSpec(Spec):
    columns: Columns
    expand: CopySpec

    def model_post_init(self, __context: Any) -> None:
        self.scratchpad_ignore_missing = True

    @field_validator("expand", mode="after")
    @classmethod
    def _has_url(cls, expand: CopySpec) -> CopySpec:
        if "${url}" not in expand.source:
            raise ValueError("`source` must hold the url")
        return expand

class Crawl(Task):
    @report
    def run(self) -> Self:
        scratchpad = Scratchpad({"url": "", "number": ""})
        for number in (1, 2):
            scratchpad.store("url", f"{self.spec.columns.url}/{number}")
            scratchpad.store("number", str(number))
            spec = self.spec.expand.model_validate(scratchpad.replace_dict(self.spec.expand.model_dump()))
            self.context.add_specs(spec)
        return self
"""
TRANSFORM = """\
from pathlib import Path
from otter.storage.util import make_absolute
from otter.util.fs import check_destination

class TransformSpec(Spec):
    source: str | dict[str, str]
    destination: str | dict[str, str]
    settings: dict[str, Any] | None = None

class Transform(Task):
    @report
    def run(self) -> Self:
        sources = make_absolute(self.spec.source, self.context.config)
        destinations = make_absolute(self.spec.destination, self.context.config)
        for path in destinations.values():
            check_destination(path, delete=True)
        for name, source in sources.items():
            Path(destinations[name]).write_text(Path(source).read_text().upper() + str(self.spec.settings["times"]))
        self.artifacts = [Artifact(source=list(sources.values()), destination=list(destinations.values()))]
        return self
"""
STAGING = """\
import gzip
from pathlib import Path
from otter.storage.asynchronous.filesystem import AsyncFilesystemStorage
from otter.storage.synchronous.filesystem import FilesystemStorage
from otter.storage.synchronous.handle import StorageHandle
from otter.util.errors import OtterError, TaskAbortedError
from otter.util.fs import check_destination, check_source

class ZipError(OtterError):
    pass

class ZipSpec(Spec):
    source: Path
    destination: str

class Zip(Task):
    def __init__(self, spec: ZipSpec, context: TaskContext) -> None:
        super().__init__(spec, context)
        self.spec: ZipSpec
        self.scratch = Path(self.context.config.work_path) / "scratch"

    @report
    def run(self) -> Self:
        if self.context.abort and self.context.abort.is_set():
            raise TaskAbortedError
        check_destination(self.scratch, delete=True)
        check_source(self.context.config.work_path / self.spec.source)
        source = StorageHandle(self.spec.source, config=self.context.config, force_local=True)
        if not isinstance(source.storage, FilesystemStorage):
            raise ZipError("not here")
        destination = StorageHandle(self.spec.destination, config=self.context.config)
        file = destination.open("wb")
        with gzip.open(file, mode="wb") as zipped:
            zipped.write(source.open("rb").read())
        self.artifacts = [Artifact(source=str(source.absolute), destination=destination.absolute)]
        return self

    @report
    def validate(self) -> Self:
        from otter.validators import file

        file.exists(self.spec.destination, config=self.context.config)
        return self
"""
ASKING = """\
class AskSpec(Spec):
    name: str = "ask by default"

class Ask(Task):
    def __init__(self, spec: AskSpec, context: TaskContext) -> None:
        super().__init__(spec, context)
        release = context.scratchpad.sentinel_dict.get("release")
        if not release:
            raise ValueError("scratchpad is missing required key 'release'")
        self.answer = release

    @report
    async def run(self) -> Self:
        self.context.scratchpad.store("answer", self.answer)
        return self
"""

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs specs with a package's task types."""

    def run(package: str, *specs: dict[str, Any], scratchpad: dict[str, Any] | None = None) -> Any:
        task, pad = importlib.import_module("otter.task.model"), importlib.import_module("otter.scratchpad.model").Scratchpad(scratchpad or {})
        config = importlib.import_module("otter.config.model").Config(step="main", steps=["main"], work_path=tmp_path / "work")
        registry = importlib.import_module("otter.task.task_registry").TaskRegistry(config, pad)
        for each in ("otter.tasks", package):
            registry.register(each)
        step = importlib.import_module("otter.step.model").Step(name="main", specs=[task.Spec(**spec) for spec in specs])
        asyncio.run(importlib.import_module("otter.step.coordinator").Coordinator(step, registry, config).run())
        return step

    (tmp_path / "work").mkdir()
    return run


def results(step: Any) -> dict[str, str]:
    """How each task came out, or why it failed."""
    return {task.name: task.failure_reason or str(task.result) for task in step.manifest.tasks}


def test_a_task_that_explodes_with_a_scratchpad_of_its_own(run: Run, package: Package, tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "herd.json").write_text(json.dumps(["ox", "yak"]))
    for name in ("ox", "yak"):
        (work / name).write_text(name)
    do = [
        {"name": "copy the ${each}", "source": "${root}/${prefix}${each}", "destination": "${place}/${each}"},
        {"name": "hello_world to ${each}", "requires": ["copy the ${each}"]},
    ]
    name = package(explode_herd=EXPLODING)
    step = run(
        name,
        {"name": "explode_herd of animals", "json_path": "${herd}.json", "prefix": "./", "do": do},
        scratchpad={"root": str(work), "place": "copies", "herd": "herd"},
    )
    assert results(step) == dict.fromkeys(
        ["explode_herd of animals", "copy the ox", "hello_world to ox", "copy the yak", "hello_world to yak"], "success"
    )
    assert {path.name: path.read_text() for path in (work / "copies").iterdir()} == {"ox": "ox", "yak": "yak"}


def test_a_task_with_one_spec_to_fill_in(run: Run, package: Package, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    for number in ("1", "2"):
        (sources / number).write_text(number)
    expand = {"name": "copy number ${number}", "source": "${url}", "destination": "${place}/${number}"}
    spec = {"name": "crawl all", "columns": {"url": "${sources}", "number": "n"}, "expand": expand}
    step = run(package(crawl=ONE_SPEC), spec, scratchpad={"sources": str(sources), "place": "got"})
    assert results(step) == {"crawl all": "success", "copy number 1": "success", "copy number 2": "success"}
    assert sorted(path.read_text() for path in (tmp_path / "work" / "got").iterdir()) == ["1", "2"]


def test_what_its_validators_refuse(run: Run, package: Package) -> None:
    expand = {"name": "copy number ${number}", "source": "nowhere", "destination": "${number}"}
    step = run(package(crawl=ONE_SPEC), {"name": "crawl all", "columns": {"url": "u", "number": "n"}, "expand": expand})
    assert results(step) == {"crawl all": "expand: Value error, `source` must hold the url"}


def test_a_task_that_hands_whole_locations_on(run: Run, package: Package, tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "in").mkdir()
    (work / "in" / "a").write_text("a")
    spec = {"source": {"one": "in/a"}, "destination": {"one": "out/${file}"}, "settings": {"times": 2}}
    step = run(package(transform=TRANSFORM), {"name": "transform it", **spec}, scratchpad={"file": "A"})
    assert results(step) == {"transform it": "success"}
    assert (work / "out" / "A").read_text() == "A2"
    assert step.manifest.artifacts[0].destination == [f"{work}/out/A"]


def test_a_task_that_stages_files_and_never_closes_one(run: Run, package: Package, tmp_path: Path) -> None:
    import gzip

    work = tmp_path / "work"
    (work / "scratch").mkdir()  # from an earlier run
    (work / "a").write_bytes(b"many bytes")
    step = run(package(zip=STAGING), {"name": "zip a", "source": "a", "destination": "out/a.gz"})
    assert results(step) == {"zip a": "success"}
    assert gzip.decompress((work / "out" / "a.gz").read_bytes()) == b"many bytes"


def test_a_task_that_asks_the_scratchpad(run: Run, package: Package) -> None:
    name = package(ask=ASKING)
    step = run(
        name, {"name": "ask for it"}, {"name": "hello_world then", "who": "${answer}", "requires": ["ask for it"]}, scratchpad={"release": "25"}
    )
    assert results(step) == {"ask for it": "success", "hello_world then": "success"}
    assert step.tasks["hello_world then"].spec.who == "25"
    assert results(run(name, {"name": "ask for it"}))["ask for it"] == "ValueError: scratchpad is missing required key 'release'"


@pytest.mark.parametrize("mock", [Mock, MagicMock])
def test_a_task_in_a_context_that_is_a_mock(mock: type[Mock], package: Package) -> None:
    model = importlib.import_module("otter.task.model")
    module = importlib.import_module(f"{package(ask=ASKING)}.ask")
    context = mock(spec=model.TaskContext)
    context.state = model.State.PENDING_RUN
    context.abort = Mock()
    context.scratchpad.sentinel_dict = {"release": "25"}
    task = module.Ask(module.AskSpec(), context)
    assert asyncio.run(task.run()) is task
    assert task.manifest.failure_reason is None
    context.scratchpad.store.assert_called_once_with("answer", "25")


def test_a_context_made_by_hand(package: Package, tmp_path: Path) -> None:
    model = importlib.import_module("otter.task.model")
    module = importlib.import_module(f"{package(ask=ASKING)}.ask")
    config = importlib.import_module("otter.config.model").Config(step="demo", steps=["demo"], work_path=tmp_path, pool_size=2, log_level="DEBUG")
    scratchpad = importlib.import_module("otter.scratchpad.model").Scratchpad({"release": "25"})
    task = module.Ask(module.AskSpec(name="ask me"), model.TaskContext(config=config, scratchpad=scratchpad))
    asyncio.run(task.run())
    assert task.manifest.result == importlib.import_module("otter.manifest.model").Result.SUCCESS
    assert scratchpad.sentinel_dict["answer"] == "25"


@pytest.mark.parametrize("as_class", [False, True])
def test_what_a_class_says_of_placeholders_counts_before_they_are_filled(as_class: bool, package: Package) -> None:
    text = """\
    class KeepSpec(Spec):
        number: int = 1
        text: str = ""

        def model_post_init(self, __context: Any) -> None:
            self.scratchpad_ignore_missing = True

    class Keep(Task):
        @report
        def run(self) -> Self:
            return self
    """
    name = package(keep=text)
    model = importlib.import_module("otter.task.model")
    config = importlib.import_module("otter.config.model").Config(step="demo", steps=["demo"])
    registry = importlib.import_module("otter.task.task_registry").TaskRegistry(
        config, importlib.import_module("otter.scratchpad.model").Scratchpad({"three": 3})
    )
    registry.register(name)
    spec_class = importlib.import_module(f"{name}.keep").KeepSpec if as_class else model.Spec
    for values in ({"text": "${mine}"}, {"text": "${mine}", "number": "${three}"}):
        spec = spec_class(name="keep it", **values)
        assert spec.scratchpad_ignore_missing is as_class
        built = registry.build(spec).spec
        assert (built.text, built.scratchpad_ignore_missing) == ("${mine}", True)
        assert built.number == (3 if "number" in values else 1)


def test_a_spec_changes_its_type() -> None:
    spec = importlib.import_module("otter.task.model").Spec(name="copy all of it")
    spec.task_type = "fetch"
    assert (spec.name, spec.task_type) == ("fetch all of it", "fetch")


def test_a_store_does_what_its_handles_do(tmp_path: Path) -> None:
    handle = importlib.import_module("otter.storage.synchronous.handle").StorageHandle
    config = importlib.import_module("otter.config.model").Config(work_path=tmp_path)
    store = handle("a/x", config).storage
    assert store.name == "Filesystem Storage"
    assert store.write_text(f"{tmp_path}/a/x", "text") == store.stat("a/x").revision
    store.copy_within("a/x", "a/y")
    assert [store.read("a/y")[0], store.read_text("a/y")[0], store.open("a/y").read()] == [b"text", "text", "text"]
    assert store.glob(f"{tmp_path}/a") == [f"{tmp_path}/a/x", f"{tmp_path}/a/y"]
    store.write("a/x", b"bytes")
    assert (tmp_path / "a" / "x").read_bytes() == b"bytes"
    assert handle("https://nowhere.test/x").storage.name == "HTTP Storage"


def test_a_store_of_the_event_loop_does_what_its_handles_do(tmp_path: Path) -> None:
    handle = importlib.import_module("otter.storage.asynchronous.handle").AsyncStorageHandle
    config = importlib.import_module("otter.config.model").Config(work_path=tmp_path)

    async def use() -> list[Any]:
        store = handle("a/x", config).storage
        await store.write_text("a/x", "text")
        await store.copy_within("a/x", "a/y")
        await store.write("a/x", b"bytes")
        read = [await store.read("a/x"), await store.read_text("a/y")]
        return [store.name, *(content for content, _ in read), await store.glob("a"), (await store.stat("a/x")).size]

    assert asyncio.run(use()) == ["Async Filesystem Storage", b"bytes", "text", [f"{tmp_path}/a/x", f"{tmp_path}/a/y"], 5]
    assert handle("https://nowhere.test/x").storage.name == "Async HTTP Storage"
