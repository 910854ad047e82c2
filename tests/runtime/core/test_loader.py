"""Loading compiled pipelines, from folders and from memory."""

import importlib.util
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from pipelines import load, package, run, write

from otterdsl.runtime.loader import Place, load_package, load_sources
from otterdsl.runtime.task.model import Task
from otterdsl.runtime.util.errors import ClasslessError, PipelineLoadError, StepInvalidError

ONE = "class A(Noop):\n    spec = Spec(name='noop a')\nclass B(Noop):\n    spec = Spec(name='noop b', requires=['noop a'])\n"


def test_a_folder_gives_a_pipeline_with_its_classes_in_order(tmp_path: Path) -> None:
    loaded = load_package(write(tmp_path / "out" / "p", package({"one": ONE})))
    assert loaded.name == "p"
    assert [each.__name__ for each in loaded.step("one").classes] == ["A", "B"]
    assert all(issubclass(each, Task) for each in loaded.step("one").classes)
    assert loaded.source_root == (tmp_path / "out").resolve()


def test_memory_gives_the_same(tmp_path: Path) -> None:
    loaded = load_sources(package({"one": ONE}), "p", tmp_path)
    assert [each.__name__ for each in loaded.step("one").classes] == ["A", "B"]
    assert loaded.source_root == tmp_path
    assert loaded.step("one").places == {"Boom": Place("p.otter", 7)}


def test_declared_types_come_with_their_specs(tmp_path: Path) -> None:
    tasks = (
        "from otterdsl.runtime import *\nclass CountSpec(Spec):\n    n: int = 1\nclass Count(Task):\n    async def run(self):\n        return self\n"
    )
    step = "from .tasks import Count, CountSpec\nclass A(Count):\n    spec = CountSpec(name='count a')\n"
    for loaded in (
        load({"one": step}, more="types={'count': 'Count'}", tasks=tasks),
        load_package(write(tmp_path / "p", package({"one": step}, more="types={'count': 'Count'}", tasks=tasks))),
    ):
        task_class, spec_class = loaded.types["count"]
        assert (task_class.__name__, spec_class.__name__) == ("Count", "CountSpec")
        assert issubclass(loaded.step("one").classes[0], task_class)


def test_a_pipeline_may_be_called_as_any_package(tmp_path: Path) -> None:
    import json

    load_package(write(tmp_path / "json", package({"one": ONE})))
    assert sys.modules["json"] is json


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"__init__.py": "x = 1"}, "it has no `PIPELINE`"),
        ({"__init__.py": "x ="}, "cannot be loaded: SyntaxError"),
        ({"__init__.py": "from otterdsl.runtime import require_runtime\nrequire_runtime(99)"}, "needs level 99 of the runtime"),
        ({"one.py": "raise ValueError('no')"}, "cannot be loaded: ValueError: no"),
        ({"one.py": "import sys\nsys.exit(1)"}, "cannot be loaded: SystemExit: 1"),
        ({"one.py": "import not_there_at_all"}, "needs the package `not_there_at_all`, which is not there"),
        ({"one.py": "import os\nraise ValueError('no')"}, r"cannot be loaded: ValueError: no, at \S*one\.py:2$"),
        ({"one.py": "import os\nx = = 1"}, r"cannot be loaded: SyntaxError: invalid syntax, at \S*one\.py:2$"),
        ({"one.py": "from otterdsl.runtime import Spec\nSpec(3)"}, r"cannot be loaded: TypeError: .*, at \S*one\.py:2$"),
        ({"one.py": "from otterdsl.runtime import nothing"}, "cannot be loaded: ImportError"),
        ({"one.py": "from .two import x"}, r"p` has no `two\.py`: compile it again$"),
        ({"otterdsl.lock.json": "{"}, "is no lock file"),
        ({"otterdsl.lock.json": "[]"}, "is no lock file"),
    ],
)
def test_what_cannot_be_loaded_says_why(tmp_path: Path, change: dict[str, str], message: str) -> None:
    files = {**package({"one": ONE}), **change}
    with pytest.raises(PipelineLoadError, match=message):
        load_package(write(tmp_path / "p", files))
    with pytest.raises(PipelineLoadError, match=message):
        load_sources(files, "p", None)


def test_a_package_with_a_file_missing_is_no_whole_one(tmp_path: Path) -> None:
    files = package({"one": ONE})
    del files["one.py"]
    said = r"p` is no whole package: it has no `one\.py`: compile it again$"
    with pytest.raises(PipelineLoadError, match=said):
        load_sources(files, "p", None)
    with pytest.raises(PipelineLoadError, match=said):
        load_package(write(tmp_path / "p", files))


def test_what_is_no_package_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for name, message in (("absent", "is not there"), ("file", "is no folder"), ("empty", "is no compiled pipeline")):
        with pytest.raises(PipelineLoadError, match=message):
            load_package(tmp_path / name)


def test_an_unknown_step_has_a_nearest() -> None:
    with pytest.raises(StepInvalidError, match=r"no step `ones`; did you mean `one`\?"):
        load({"one": ONE}).step("ones")


def test_a_traceback_of_a_module_in_memory_shows_its_text(tmp_path: Path) -> None:
    loaded = load({"one": "class Boom(Task):\n    spec = Spec(name='boom a')\n    def run(self):\n        raise ValueError('here it is')\n"})
    with pytest.raises(ValueError, match="here it is") as caught:
        loaded.step("one").classes[0].run(None)
    assert "raise ValueError('here it is')" in "".join(traceback.format_exception(caught.value))


def test_a_module_changed_within_a_second_in_nothing_but_a_digit_is_loaded_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder = tmp_path / "p"
    for n in (1, 2, 3):
        write(folder, package({"one": f"class A(Noop):\n    spec = Spec(name='noop {n}')\n"}))
        assert load_package(folder).step("one").classes[0].__dict__["spec"].name == f"noop {n}"
    assert Path(importlib.util.cache_from_source(str(folder / "one.py"))).exists()


def test_a_failure_names_the_line_of_its_statement(tmp_path: Path) -> None:
    loaded = load({"one": "class Boom(Task):\n    spec = Spec(name='boom a')\n    def run(self):\n        raise ValueError('no')\n"})
    ran = run(loaded, tmp_path)
    assert ran.result.failure_reason == "step `one` failed: p.otter:7: task `boom a` failed: ValueError: no"


@pytest.mark.parametrize(
    "step",
    [
        "class Boom(Curation):\n    spec = Spec(name='curation a')\n",
        "class Boom(Explode):\n    spec = ExplodeSpec(name='explode a', foreach=['x'], do=[Spec(name='curation ${each}')])\n",
    ],
)
def test_a_type_without_a_class_is_refused_before_anything_starts(tmp_path: Path, step: str) -> None:
    text = "from .tasks import Curation\nclass A(Noop):\n    spec = Spec(name='noop a')\n" + step
    loaded = load(
        {"one": text}, more="types={'curation': 'Curation'}", tasks="from otterdsl.runtime import *\nclass Curation(ExternTask):\n    pass\n"
    )
    with pytest.raises(ClasslessError, match="no Python class is known for task type `curation`") as refused:
        run(loaded, tmp_path)
    assert refused.value.place == ("p.otter", 7)
    assert not (tmp_path / "work").exists()


def test_the_runtime_loads_nothing_of_the_compiler_and_no_event_loop() -> None:
    program = (
        "import sys, otterdsl.runtime\n"
        "bad = [n for n in sys.modules if n.split('.')[0] in {'lark', 'jinja2', 'black', 'rich', 'click', 'aiohttp', 'yaml', 'asyncio', 'pygls'}"
        " or n.startswith(('otterdsl.compiler', 'otterdsl.cli', 'otterdsl.editor'))]\n"
        "print(bad)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60).stdout.strip() == "[]"
