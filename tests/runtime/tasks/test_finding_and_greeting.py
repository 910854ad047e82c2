import asyncio
import os

import pytest

from otterdsl.runtime.manifest.model import Artifact, Result
from otterdsl.runtime.task.roles import Key
from otterdsl.runtime.tasks.find_latest import FindLatest, FindLatestSpec
from otterdsl.runtime.tasks.hello_world import HelloWorld, HelloWorldSpec


@pytest.fixture
def tree(root):
    for name, time in (("old.csv", 100), ("new.csv", 300), ("newer.txt", 400), ("deep/newest.csv", 500), (".hidden", 900)):
        (root / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "in" / name).write_text(name)
        os.utime(root / "in" / name, (time, time))
    return root


@pytest.mark.parametrize(
    ("source", "latest"),
    [
        ("in", "in/newer.txt"),
        ("in/", "in/newer.txt"),
        ("in/*.csv", "in/new.csv"),
        ("in/**", "in/deep/newest.csv"),
        ("in/**/*.csv", "in/deep/newest.csv"),
        ("in/old*", "in/old.csv"),
    ],
)
@pytest.mark.parametrize("absolute", [False, True])
def test_stores_the_file_that_was_modified_last(tree, make, settled, source, latest, absolute):
    task = make(FindLatest, FindLatestSpec(name="find_latest file", source=f"{tree}/{source}" if absolute else source))
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert task.context.scratchpad.sentinel_dict == {"find_latest file": f"{tree}/{latest}"}


def test_stores_it_under_a_key(tree, make, settled):
    task = make(FindLatest, FindLatestSpec(name="find_latest file", source="in", scratchpad_key="the.key"))
    asyncio.run(settled(task))
    assert task.context.scratchpad.sentinel_dict == {"the.key": f"{tree}/in/newer.txt"}


def test_of_equals_the_last_by_name_counts(tree, make, settled):
    for name in ("old.csv", "new.csv", "newer.txt"):
        os.utime(tree / "in" / name, (100, 100))
    task = make(FindLatest, FindLatestSpec(name="find_latest x", source="in"))
    asyncio.run(settled(task))
    assert task.context.scratchpad.sentinel_dict["find_latest x"] == f"{tree}/in/old.csv"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("in/*.json", "no file matches `in/*.json`"),
        ("nope", "no file matches `nope`"),
        ("https://host/x", "http and https list no files"),
        ("gs://bucket", "storage for `gs://` is not supported yet"),
    ],
)
def test_where_nothing_is_found(tree, make, settled, source, reason):
    task = make(FindLatest, FindLatestSpec(name="find_latest x", source=source))
    assert asyncio.run(settled(task)) is Result.FAILURE
    assert reason in task.manifest.failure_reason
    assert task.context.scratchpad.sentinel_dict == {}


def test_its_key_is_one_to_the_compiler():
    annotation = FindLatestSpec.__annotations__["scratchpad_key"]
    assert Key in annotation.__args__[0].__metadata__


def test_says_hello(make, settled, caplog):
    caplog.set_level("INFO")
    task = make(HelloWorld, HelloWorldSpec(name="hello_world x"))
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert "hello world" in caplog.messages
    assert task.artifacts == [Artifact(source="me", destination="world")]


def test_says_hello_to_someone(make, settled, caplog):
    caplog.set_level("INFO")
    assert asyncio.run(settled(make(HelloWorld, HelloWorldSpec(name="hello_world x", who="Ada")))) is Result.SUCCESS
    assert "hello Ada" in caplog.messages
