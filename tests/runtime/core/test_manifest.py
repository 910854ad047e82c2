"""The manifest's file: its shape, what it keeps, and how it is replaced."""

import asyncio
import json
import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.manifest.file import release_root
from otterdsl.runtime.manifest.model import Artifact, Manifest, Result, RootManifest, StepManifest, TaskManifest
from otterdsl.runtime.manifest.record import step_record
from otterdsl.runtime.util.errors import FSError, ManifestError, UnsupportedError


class Table(Artifact):
    rows: int


def record(name: str = "a", result: Result = Result.SUCCESS) -> StepManifest:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    task = TaskManifest(
        name="copy x", result=result, started_run_at=moment, finished_run_at=moment, artifacts=[Table(source="a", destination="b", rows=3)]
    )
    return StepManifest(name=name, result=result, tasks=[task], started_run_at=moment, finished_run_at=moment)


def config(tmp_path: Path, *steps: str, **settings: Any) -> Config:
    return Config(runner_name="pis", work_path=tmp_path, steps=list(steps), **settings)


def read(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tmp_path / "manifest.json").read_text())
    return found


def test_the_results() -> None:
    assert [result.value for result in Result] == ["pending", "success", "failure", "aborted"]


def test_the_shape_is_otters(tmp_path: Path) -> None:
    Manifest(config(tmp_path, "a", "b")).write(record())
    root = read(tmp_path)
    assert list(root) == ["result", "started_at", "modified_at", "log", "steps"]
    assert list(root["steps"]) == ["pis_a", "pis_b"]
    step = root["steps"]["pis_a"]
    assert list(step) == ["name", "result", "started_run_at", "finished_run_at", "log", "tasks", "artifacts", "failure_reason", "elapsed"]
    task = step["tasks"][0]
    assert task["started_run_at"] == "2026-03-01T12:00:00Z"
    assert task["artifacts"] == [{"source": "a", "destination": "b", "rows": 3}]
    assert task["run_elapsed"] == task["elapsed"] == 0.0
    assert root["steps"]["pis_b"]["result"] == "pending"
    assert RootManifest.model_validate_json((tmp_path / "manifest.json").read_text()).steps["pis_a"].tasks[0].name == "copy x"


def test_a_record_is_what_pydantic_makes_of_it() -> None:
    made = record()
    assert step_record(made) == made.model_dump(mode="json")


@pytest.mark.parametrize(
    ("results", "whole"),
    [
        ([Result.SUCCESS, Result.SUCCESS], "success"),
        ([Result.SUCCESS], "pending"),
        ([Result.SUCCESS, Result.FAILURE], "failure"),
        ([Result.ABORTED, Result.SUCCESS], "failure"),
    ],
)
def test_the_whole_result_follows_from_the_steps(tmp_path: Path, results: list[Result], whole: str) -> None:
    manifest = Manifest(config(tmp_path, "a", "b"))
    for name, result in zip("ab", results, strict=False):
        manifest.write(record(name, result))
    assert read(tmp_path)["result"] == whole


def test_other_steps_and_unknown_fields_stay(tmp_path: Path) -> None:
    before = {
        "result": "success",
        "started_at": "2020-01-01T00:00:00Z",
        "ours": 1,
        "steps": {"other_x": {"name": "x", "result": "success", "odd": [1]}, "pis_a": {"name": "a", "result": "failure", "note": "mine"}},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(before))
    Manifest(config(tmp_path, "a")).write(record())
    root = read(tmp_path)
    assert root["ours"] == 1
    assert root["started_at"] == "2020-01-01T00:00:00Z"
    assert root["steps"]["other_x"] == before["steps"]["other_x"]
    assert root["steps"]["pis_a"]["note"] == "mine"
    assert root["steps"]["pis_a"]["result"] == "success"


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"name": "an app"}', '{"steps": 3}', '{"steps": {"a": 1}}', b"\xff\xfe", "[" * 100_000])
def test_a_file_that_is_no_manifest_is_refused_and_left_alone(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "manifest.json"
    content = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(content)
    with pytest.raises(ManifestError, match=r"manifest\.json"):
        Manifest(config(tmp_path, "a")).check()
    with pytest.raises(ManifestError):
        Manifest(config(tmp_path, "a")).write(record())
    assert path.read_bytes() == content


def test_what_a_manifest_lacks_is_added(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"steps": {}}')
    Manifest(config(tmp_path, "a")).write(record())
    assert RootManifest.model_validate(read(tmp_path)).result is Result.SUCCESS
    assert read(tmp_path).keys() >= {"result", "started_at", "modified_at", "log", "steps"}


def test_a_missing_manifest_is_fine(tmp_path: Path) -> None:
    manifest = Manifest(config(tmp_path / "not" / "there", "a"))
    manifest.check()
    assert manifest.read() is None
    asyncio.run(manifest.update(record()))
    assert manifest.read() is not None


def test_nothing_is_left_beside_the_manifest(tmp_path: Path) -> None:
    Manifest(config(tmp_path, "a")).write(record())
    assert sorted(path.name for path in tmp_path.iterdir()) == [".manifest.lock", "manifest.json"]


@pytest.mark.parametrize("uri", ["s3://bucket/release", "gs://bucket/x", "https://example.org/x"])
def test_a_release_elsewhere_is_refused_for_now(tmp_path: Path, uri: str) -> None:
    with pytest.raises(UnsupportedError, match="only `file://` is supported yet"):
        Manifest(config(tmp_path, release_uri=uri)).check()


def test_a_release_may_be_a_local_folder(tmp_path: Path) -> None:
    assert release_root(config(tmp_path, release_uri=f"file://{tmp_path}/a%20b")) == tmp_path / "a b"
    assert release_root(config(tmp_path)) == tmp_path


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ManifestError, match="cannot be"):
        Manifest(config(tmp_path / "file" / "below", "a")).write(record())


def test_sixteen_threads_lose_nothing(tmp_path: Path) -> None:
    names = [f"s{n}" for n in range(16)]
    threads = [threading.Thread(target=Manifest(config(tmp_path, *names)).write, args=(record(name),)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    root = read(tmp_path)
    assert root["result"] == "success"
    assert {step["name"] for step in root["steps"].values()} == set(names)


def test_writers_in_other_processes_lose_nothing(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from otterdsl.runtime.config.model import Config\nfrom otterdsl.runtime.manifest.model import *\n"
        "manifest = Manifest(Config(work_path=Path(sys.argv[1])))\n"
        "for n in range(10): manifest.write(StepManifest(name=f'{sys.argv[2]}{n}', result=Result.SUCCESS))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), letter]) for letter in "abc"]
    assert [each.wait(60) for each in running] == [0, 0, 0]
    assert len(read(tmp_path)["steps"]) == 30


def test_a_name_that_is_no_utf_8_is_written_as_json_escapes_it(tmp_path: Path) -> None:
    odd = b"a\xff.txt".decode(errors="surrogateescape")
    Manifest(config(tmp_path, "a")).write(StepManifest(name="a", log=[f"found {odd}"]))
    text = (tmp_path / "manifest.json").read_bytes().decode("utf-8")
    assert json.loads(text)["steps"]["pis_a"]["log"] == [f"found {odd}"]


def test_the_umask_says_who_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        Manifest(config(tmp_path, "a")).write(StepManifest(name="a"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "manifest.json").stat().st_mode) == 0o640


def test_a_release_root_that_cannot_be_a_folder_is_refused_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FSError, match="cannot be made: Not a directory"):
        Manifest(config(tmp_path, release_uri=f"file://{tmp_path}/file/release")).check()
    with pytest.raises(FSError, match=r"no folder|cannot be made"):
        Manifest(config(tmp_path, release_uri="file:///proc/1/not_here")).check()
