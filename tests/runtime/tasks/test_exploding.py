import asyncio
import re
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.manifest.model import Result
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.task.bind import Spread
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.task_registry import BUILTIN_TASKS_MODULE, TaskRegistry
from otterdsl.runtime.tasks.copy import CopySpec
from otterdsl.runtime.tasks.explode import Explode, ExplodeSpec
from otterdsl.runtime.tasks.explode_glob import ExplodeGlob, ExplodeGlobSpec


def copy(name: str, source: str = "s", destination: str = "d", **fields) -> CopySpec:
    return CopySpec(name=name, source=source, destination=destination, **fields)


def built(spec: Spec, **values: object) -> list[Task]:
    """The tasks that a spec comes to, each built and, where it explodes, run, as a step does it."""
    registry = TaskRegistry(Config(), Scratchpad(values))
    registry.register(BUILTIN_TASKS_MODULE)
    waiting, tasks = [spec], []
    while waiting:
        task = registry.make(waiting.pop(0))
        tasks.append(task)
        if task.spec.task_type.startswith("explode"):
            asyncio.run(task.run())
            assert task.manifest.failure_reason is None
            waiting.extend(task.context.specs)
    return tasks[1:]


def test_makes_each_task_for_each_item():
    tasks = built(
        ExplodeSpec(
            name="explode species",
            foreach=["human", "mouse"],
            do=[copy("copy ${each} genes", "https://x/${each}.json", "in/${each}/genes"), copy("copy ${each} rest", requires=["copy ${each} genes"])],
        )
    )
    assert [task.name for task in tasks] == ["copy human genes", "copy human rest", "copy mouse genes", "copy mouse rest"]
    assert tasks[0].spec == copy("copy human genes", "https://x/human.json", "in/human/genes")
    assert tasks[3].spec.requires == ["copy mouse genes"]


def test_the_placeholder_may_have_another_name():
    tasks = built(ExplodeSpec(name="explode x", foreach=["a"], each_placeholder="the one", do=[copy("copy ${the one} ${other}")]), other="b")
    assert [task.name for task in tasks] == ["copy a b"]


def test_items_keep_their_types_and_maps_their_keys():
    number = Spec(name="copy ${each}", source="x", destination="d", requires=["${each}"])
    tasks = built(ExplodeSpec(name="explode x", foreach=[1], do=[number]))
    assert (tasks[0].name, tasks[0].spec.requires) == ("copy 1", ["1"])
    (task,) = built(
        ExplodeSpec(
            name="explode x",
            foreach=[{"name": "two", "deep": {"list": ["a", "b"]}}],
            do=[Spec(name="copy_many ${each.name}", sources="${each.deep.list}", destination="d")],
        )
    )
    assert task.name == "copy_many two"
    assert task.spec.sources == ["a", "b"]


def test_explodes_within_explodes():
    inner = ExplodeSpec(name="explode in ${outer}", foreach=["1", "2"], each_placeholder="inner", do=[copy("copy ${outer} ${inner}")])
    tasks = built(ExplodeSpec(name="explode x", foreach=["a", "b"], each_placeholder="outer", do=[inner]))
    assert [task.name for task in tasks] == ["explode in a", "explode in b", "copy a 1", "copy a 2", "copy b 1", "copy b 2"]


def test_an_inner_placeholder_hides_an_outer_one_of_its_name():
    inner = ExplodeSpec(name="explode in ${each}", foreach=["${each}1"], do=[copy("copy ${each}", destination="${each.x}", source="$${each}")])
    task = Explode(ExplodeSpec(name="explode x", foreach=[{"x": "a"}], do=[inner]), _context())
    asyncio.run(task.run())
    (spec,) = task.context.specs
    assert spec.foreach == ['{"x": "a"}1']
    assert spec.do == [copy("copy ${each}", destination="${each.x}", source="$${each}")]


def test_a_loop_within_hides_an_outer_one_of_its_name():
    loop = Spread(for_each={"each": ("1",), "other": ("${each}",)}, spec=copy("copy ${each} ${other}"))
    inner = ExplodeSpec(name="explode in ${each}", foreach=["x"], each_placeholder="in", do=[loop])
    task = Explode(ExplodeSpec(name="explode x", foreach=["a"], do=[inner]), _context())
    asyncio.run(task.run())
    (spread,) = task.context.specs[0].do
    assert spread.spec.name == "copy ${each} ${other}"
    assert spread.for_each == {"each": ("1",), "other": ("a",)}


def test_a_value_of_the_step_never_takes_the_place_of_an_item():
    tasks = built(ExplodeSpec(name="explode x", foreach=["a"], do=[copy("copy ${each} ${v}")]), each="never", v="1")
    assert [task.name for task in tasks] == ["copy a 1"]
    inner = ExplodeSpec(name="explode in ${it}", foreach=["b"], do=[copy("copy ${it} ${each}")])
    loop = Spread(for_each={"turn": ("c",)}, spec=copy("copy ${turn} ${it} loop"))
    tasks = built(ExplodeSpec(name="explode x", foreach=["a"], each_placeholder="it", do=[inner, loop]), each="never", it="never", turn="never")
    assert [task.name for task in tasks] == ["explode in a", "copy c a loop", "copy a b"]


def test_text_that_looks_like_a_placeholder_is_data():
    inner = ExplodeSpec(name="explode ${each} in", foreach=["${each}"], each_placeholder="one", do=[copy("copy ${one} $${each}", "${each}")])
    tasks = built(ExplodeSpec(name="explode x", foreach=["$${HOME}"], do=[inner]), HOME="never")
    assert [task.name for task in tasks] == ["explode ${HOME} in", "copy ${HOME} ${each}"]
    assert tasks[1].spec.source == "${HOME}"


def test_values_of_the_step_are_filled_too():
    tasks = built(ExplodeSpec(name="explode x", foreach="${items}", do=[copy("copy ${each} ${what}")]), items=["a", "b"], what="thing")
    assert [task.name for task in tasks] == ["copy a thing", "copy b thing"]


def test_no_items_make_no_tasks(make, settled):
    task = make(Explode, ExplodeSpec(name="explode x", foreach=[], do=[copy("copy ${each}")]))
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert not task.has_subtasks()


def _context():
    from otterdsl.runtime.task.model import TaskContext

    return TaskContext(Config(), Scratchpad())


DO = [
    Spec(
        name="copy ${uri}",
        prefix="${match_prefix}",
        path="${match_path}",
        stem="${match_stem}",
        ext="${match_ext}",
        uuid="${uuid}",
        whole="${match_prefix}/${match_path}/${match_stem}.${match_ext}",
        nested={"${match_stem}": ["o/${match_path}/x.${match_ext}", "$${match_path}/"]},
    )
]


@pytest.fixture
def explode(make, settled, root):
    def explode(glob: str, *files: str, do=DO, **fields) -> Task:
        for file in files:
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(file)
        task = make(ExplodeGlob, ExplodeGlobSpec(name="explode_glob x", glob=glob, do=do, **fields))
        asyncio.run(settled(task))
        return task

    return explode


def test_makes_each_task_for_each_file(explode):
    task = explode("input/items/**/*.json", "input/items/furniture/chair.json", "input/items/furniture/table.json", "input/items/x.csv")
    specs = task.context.specs
    assert [spec.name for spec in specs] == ["copy input/items/furniture/chair.json", "copy input/items/furniture/table.json"]
    first = specs[0].model_dump()
    assert [first[name] for name in ("prefix", "path", "stem", "ext")] == ["input/items", "furniture", "chair", "json"]
    assert first["whole"] == "input/items/furniture/chair.json"
    assert first["uuid"] == str(uuid5(NAMESPACE_URL, "input/items/furniture/chair.json"))
    assert UUID(first["uuid"]).version == 5
    assert first["nested"] == {"chair": ["o/furniture/x.json", "$${match_path}/"]}


@pytest.mark.parametrize(
    ("glob", "file", "parts", "nested"),
    [
        ("in/*", "in/a.tar.gz", ("in", "", "a.tar", "gz"), "o/x.gz"),
        ("in/part-*.json", "in/part-1.json", ("in", "", "part-1", "json"), "o/x.json"),
        ("in/*", "in/README", ("in", "", "README", ""), "o/x"),
        ("in/.*", "in/.profile", ("in", "", ".profile", ""), "o/x"),
        ("in/*", "in/x.", ("in", "", "x", ""), "o/x"),
        ("*.csv", "a.csv", ("", "", "a", "csv"), "o/x.csv"),
        ("**/*.csv", "d/e/a.csv", ("", "d/e", "a", "csv"), "o/d/e/x.csv"),
        ("in/*/*/größe ?", "in/a b/c/größe 1", ("in", "a b/c", "größe 1", ""), "o/a b/c/x"),
    ],
)
def test_what_a_match_comes_to(explode, glob, file, parts, nested):
    (spec,) = explode(glob, file).context.specs
    values = spec.model_dump()
    assert tuple(values[name] for name in ("prefix", "path", "stem", "ext")) == parts
    assert values["nested"][parts[2]][0] == nested
    assert values["whole"] == file.rstrip(".")


def test_files_elsewhere_have_whole_locations(explode, tmp_path):
    (tmp_path / "elsewhere" / "d").mkdir(parents=True)
    (tmp_path / "elsewhere" / "d" / "a.csv").write_text("x")
    (spec,) = explode(f"{tmp_path}/elsewhere/**").context.specs
    assert spec.name == f"copy {tmp_path}/elsewhere/d/a.csv"
    assert spec.whole == f"{tmp_path}/elsewhere/d/a.csv"
    assert spec.prefix == f"{tmp_path}/elsewhere"


def test_a_whole_location_in_the_release_is_made_relative(explode, root):
    (spec,) = explode(f"{root}/in/*", "in/a.csv").context.specs
    assert (spec.name, spec.prefix) == ("copy in/a.csv", "in")


def test_a_file_called_like_a_placeholder_is_data(explode):
    (spec,) = explode("in/*", "in/${uri}.csv").context.specs
    assert spec.name == "copy in/$${uri}.csv"
    (task,) = built(ExplodeSpec(name="explode x", foreach=["once"], do=[copy(spec.name)]), uri="never")
    assert task.name == "copy in/${uri}.csv"


def test_two_runs_make_the_same(explode):
    first = explode("in/**", *(f"in/{name}" for name in ("b", "a", "d/c", "d/a", "ä"))).context.specs
    assert explode("in/**").context.specs == first
    assert [re.sub("^copy ", "", spec.name) for spec in first] == ["in/a", "in/b", "in/d/a", "in/d/c", "in/ä"]


def test_a_glob_that_matches_nothing(explode):
    task = explode("in/*.csv")
    assert task.manifest.failure_reason == "no file matches `in/*.csv`"
    allowed = explode("in/*.csv", allow_empty=True)
    assert allowed.manifest.result is Result.SUCCESS
    assert allowed.context.specs == []


@pytest.mark.parametrize(
    ("glob", "reason"),
    [
        ("in/a.csv", "`in/a.csv` is no glob"),
        ("https://host/*.csv", "http and https list no files"),
        ("gs://bucket/*.csv", "storage for `gs://` is not supported yet"),
        ("in/*/../x", "is no pattern"),
    ],
)
def test_what_cannot_be_searched(explode, glob, reason):
    assert reason in explode(glob).manifest.failure_reason
