import asyncio
import os

import pytest

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.manifest.model import Artifact, Result
from otterdsl.runtime.tasks.copy_many import CopyMany, CopyManySpec


def spec(**fields) -> CopyManySpec:
    return CopyManySpec(name="copy_many x", destination="into", **fields)


def test_copies_a_list_in_its_order(server, root, tmp_path, make, settled):
    server.files |= {"/b.txt": b"b", "/a.txt": b"a"}
    (tmp_path / "ä 1.txt").write_bytes(b"local")
    (root / "c.txt").write_bytes(b"c")
    sources = [server.url("/b.txt?x=1"), f"{tmp_path}/ä 1.txt", server.url("/a.txt"), "c.txt"]
    task = make(CopyMany, spec(sources=sources))
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert {name: (root / "into" / name).read_bytes() for name in os.listdir(root / "into")} == {
        "a.txt": b"a",
        "b.txt": b"b",
        "c.txt": b"c",
        "ä 1.txt": b"local",
    }
    assert [each.source for each in task.artifacts] == [*sources[:3], f"{root}/c.txt"]
    assert [each.destination for each in task.artifacts] == [f"{root}/into/{name}" for name in ("b.txt", "ä 1.txt", "a.txt", "c.txt")]


def test_copies_what_a_glob_matches(root, make, settled):
    (root / "in" / "deep").mkdir(parents=True)
    for name in ("part-1.json", "part-2.json", "other.json", "deep/part-3.json"):
        (root / "in" / name).write_text(name)
    task = make(CopyMany, spec(sources="in/**/part-*.json"))
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert sorted(os.listdir(root / "into")) == ["part-1.json", "part-2.json", "part-3.json"]


def test_copies_one_location_that_is_no_glob(server, root, make, settled):
    server.files["/a"] = b"a"
    task = make(CopyMany, spec(sources=server.url("/a?list[]=1&x=?")))
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert task.artifacts == [Artifact(source=server.url("/a?list[]=1&x=?"), destination=f"{root}/into/a")]


def test_copies_what_a_file_lists(server, root, make, settled):
    server.files |= {"/a": b"a", "/b": b"b"}
    (root / "list.txt").write_text(f"{server.url('/a')}\r\n\n  {server.url('/b')}  \n")
    task = make(CopyMany, spec(source_list_file="list.txt"))
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert sorted(os.listdir(root / "into")) == ["a", "b"]


@pytest.mark.parametrize(("most", "seen"), [(1, 1), (3, 3), (10, 10)])
def test_at_most_so_many_at_the_same_time(server, make, settled, most, seen):
    task = make(CopyMany, spec(sources=[server.url(f"/slow/{number}") for number in range(20)], max_concurrency=most))
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert len(task.artifacts) == 20
    assert 1 <= server.most <= seen
    assert most == 1 or server.most > 1


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        (["x/a.txt", "y/a.txt"], "`x/a.txt` and `y/a.txt` would both be copied to `a.txt`"),
        (["x/a.txt", "x/a.txt"], "would both be copied to `a.txt`"),
        (["http://127.0.0.1/a?1", "http://127.0.0.1/a?2"], "would both be copied to `a`"),
        (["http://127.0.0.1"], "`http://127.0.0.1` has no file name"),
        (["http://127.0.0.1/x/"], "`http://127.0.0.1/x/` has no file name"),
        (["x/"], "x` is a folder, not a file"),
        (["x/.."], "`into/..` leaves the release root"),
        (["http://127.0.0.1/x/.."], "`into/..` leaves the release root"),
        ("nope/*.csv", "no file matches `nope/*.csv`"),
        ("http://127.0.0.1/*.csv", "http and https list no files"),
        (["gs://bucket/x"], "not supported yet"),
    ],
)
def test_sources_that_are_refused(root, make, settled, sources, reason):
    (root / "x").mkdir()
    (root / "x" / "a.txt").write_text("x")
    task = make(CopyMany, spec(sources=sources))
    assert asyncio.run(settled(task)) is Result.FAILURE
    assert reason in task.manifest.failure_reason
    assert os.listdir(root) == ["x"]


def test_when_one_fails_the_others_stop(server, root, make, settled):
    task = make(
        CopyMany, spec(sources=[server.url("/stall"), server.url("/missing"), *(server.url(f"/slow/{n}") for n in range(20))], max_concurrency=2)
    )
    assert asyncio.run(settled(task)) is Result.FAILURE
    assert task.manifest.failure_reason == f"`{server.url('/missing')}` does not exist: the server answered 404 Not Found (404 Client Error)"
    assert [name for _, _, names in os.walk(root) for name in names if name.startswith(".")] == []
    assert task.artifacts == []


def test_another_task_failing_ends_it(server, make):
    task = make(CopyMany, spec(sources=[server.url("/stall"), server.url("/silent")]))
    task.context.abort.set()
    asyncio.run(task.run())
    assert task.manifest.result is Result.ABORTED


def test_a_copy_that_is_changed_before_it_is_validated(server, root, make):
    server.files |= {"/a": b"a", "/b": b"b"}
    task = make(CopyMany, spec(sources=[server.url("/a"), server.url("/b")]))
    asyncio.run(task.run())
    (root / "into" / "b").write_bytes(b"longer")
    asyncio.run(task.validate())
    assert task.manifest.failure_reason == f"`{root}/into/b` holds 6 bytes, but 1 were copied"


def test_mirrors_are_told_for_each(server, root, make, settled):
    server.files["/m/a"] = b"a"
    config = Config(work_path=root, mirrors={"gs://bucket/": server.url("/m/")})
    task = make(CopyMany, spec(sources=["gs://bucket/a"]), config)
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert task.artifacts[0].source == "gs://bucket/a"
    assert task.artifacts[0].mirror == server.url("/m/a")


@pytest.mark.parametrize("fields", [{}, {"sources": ["a"], "source_list_file": "b"}])
def test_one_of_the_two_must_be_given(fields):
    with pytest.raises(ValueError, match="one of `sources` and `source_list_file` must be given, and only one"):
        spec(**fields)


def test_no_copies_at_a_time_is_refused():
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        spec(sources=[], max_concurrency=0)


def test_an_empty_list_copies_nothing(root, make, settled):
    task = make(CopyMany, spec(sources=[]))
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert task.artifacts == []
    assert os.listdir(root) == []
