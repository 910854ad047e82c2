"""Every step of PIS that reads only from the web runs, against a server that stands for the web; every other says why it does not.

Which steps these are is read from the plan. Each address has bytes of its own, so that a file under another's name is seen.
"""

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from open_targets import CONFIGURATION, ENTRY, FOLDER, SCHEMA, Fields, Plan, converted, known, otterdsl, plan_of

BUILT_IN = {"copy", "copy_many", "download", "explode", "explode_glob", "find_latest", "hello_world"}
READ = ("source", "sources", "source_list_file", "glob")
CURATION = "https://raw.githubusercontent.com/opentargets/curation/"
MIRRORS = {CURATION: "/curation/", "https://": "/https/", "http://": "/http/"}  # in the order in which they are to be tried

# The command for each of many steps, in one process: its exit code, and what it says up to a NUL.
ONE_AFTER_ANOTHER = """
import json, sys
from otterdsl.cli.app import launch

split = sys.argv.index("--")
codes = {}
for step in sys.argv[split + 1 :]:
    codes[step] = launch(["run", sys.argv[1], step, "--work-path", step, *sys.argv[2:split]])
    print(end="\\0", file=sys.stderr, flush=True)
print(json.dumps(codes))
"""


class Web:
    """The server: it answers every address, and remembers which it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append(self.path)
                self.answer(served(self.path))

            def do_HEAD(self) -> None:
                self.answer(b"", len(served(self.path)))

            def answer(self, body: bytes, length: int | None = None) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.root = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    @property
    def mirrors(self) -> list[str]:
        """The options that make a run ask here for everything."""
        return [word for start, path in MIRRORS.items() for word in ("--mirror", f"{start}={self.root}{path}")]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def served(path: str) -> bytes:
    """What lies at an address: bytes, and a number of them, that only it has."""
    digest = hashlib.sha256(path.encode()).digest()
    return digest * (1 + digest[0] * 16) + path.encode()


def mirrored(source: str) -> str:
    """Where on the server a source is."""
    start = next(start for start in MIRRORS if source.startswith(start))
    return MIRRORS[start] + source.removeprefix(start)


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.close()


def read_from_the_web(plan: Plan, bases: Mapping[str, str]) -> dict[str, dict[str, Fields]]:
    """The steps, each with its tasks' fields, all of whose types are built in or made of such, and which read from nowhere but the web."""
    steps = {}
    for step, (_, tasks) in plan.items():
        types = {name.split(" ")[0] for name in tasks}
        places = [fields[name] for _, fields in tasks.values() for name in READ if name in fields]
        if all(bases.get(name, name) in BUILT_IN for name in types) and all(place.startswith(("http://", "https://")) for place in places):
            steps[step] = {name: fields for name, (_, fields) in tasks.items()}
    return steps


def bases_of(entry: Path) -> dict[str, str]:
    """The types that a pipeline makes of others, each with the one that it is made of."""
    return {each.name: each.base for each in known(entry).types if each.base}


def check_files(steps: Mapping[str, Mapping[str, Fields]], made: Path) -> None:
    """Each destination holds the bytes of its source, and there is nothing else but the manifest and its lock."""
    copies = [fields for tasks in steps.values() for fields in tasks.values()]
    expected = {fields["destination"]: served(mirrored(fields["source"])) for fields in copies}
    assert len(expected) == len(copies)
    found = {path.relative_to(made).as_posix(): path.read_bytes() for path in made.rglob("*") if path.is_file()}
    assert found.keys() == {*expected, "manifest.json", ".manifest.lock"}
    assert [name for name, content in expected.items() if found[name] != content] == []


def check_manifest(steps: Mapping[str, Mapping[str, Fields]], made: Path, runner: str, root: str, others: int) -> None:
    """The manifest says of each step and task that it succeeded, and what came from where, by which mirror; of all other steps that they wait."""
    manifest: dict[str, Any] = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    ran = {f"{runner}_{step}" for step in steps}
    assert {name for name, told in manifest["steps"].items() if told["result"] != "pending"} == ran
    assert (manifest["result"], len(manifest["steps"])) == ("pending", others + len(ran))
    for step, tasks in steps.items():
        told = manifest["steps"][f"{runner}_{step}"]
        assert (told["result"], told["failure_reason"]) == ("success", None)
        assert {(task["name"], task["result"]) for task in told["tasks"]} == {(name, "success") for name in tasks}
        artifacts = [
            {"source": fields["source"], "destination": str(made / fields["destination"]), "mirror": root + mirrored(fields["source"])}
            for fields in (tasks[task["name"]] for task in told["tasks"])
        ]
        assert [task["artifacts"] for task in told["tasks"]] == [[artifact] for artifact in artifacts]


def test_every_step_of_the_example_that_reads_from_the_web_runs(web: Web, tmp_path: Path) -> None:
    steps = read_from_the_web(plan_of(ENTRY, tmp_path), bases_of(ENTRY))
    assert (len(steps), sum(map(len, steps.values()))) == (12, 31)
    done = otterdsl("run", ENTRY, *steps, "--work-path", "made", *web.mirrors, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "success: 31 tasks in 12 steps" in done.stderr
    check_files(steps, tmp_path / "made")
    check_manifest(steps, tmp_path / "made", "pis", web.root, others=29)
    assert sorted(web.asked) == sorted(mirrored(fields["source"]) for tasks in steps.values() for fields in tasks.values())


def test_every_step_of_the_configuration_that_reads_from_the_web_runs(web: Web, tmp_path: Path) -> None:
    entry = converted(tmp_path)
    steps = read_from_the_web(plan_of(entry, tmp_path), bases_of(entry))
    assert (len(steps), sum(map(len, steps.values()))) == (11, 28)
    done = otterdsl("run", CONFIGURATION, *steps, "--schema", SCHEMA, "--work-path", "made", *web.mirrors, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    check_files(steps, tmp_path / "made")
    check_manifest(steps, tmp_path / "made", "otter", web.root, others=29)


def test_queries_arrive_as_they_are_written(web: Web, tmp_path: Path) -> None:
    done = otterdsl("run", ENTRY, "target_prioritisation", "otar", "--work-path", "made", *web.mirrors, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    fields = "fields=id%2Cname%2Ccategory%2Cgene_ontologies%2Cpart_of%2Cis_a"
    assert f"/https/rest.uniprot.org/locations/stream?compressed=true&{fields}&format=tsv&query=%28%2A%29" in web.asked
    assert len([path for path in web.asked if "export?format=csv&gid=" in path]) == 2


def test_a_version_that_is_set_is_the_one_that_is_asked_for(web: Web, tmp_path: Path) -> None:
    chosen = ("--set", "efo_version=9.9.9", "--set", "ot_curation=27.1")
    done = otterdsl("run", ENTRY, "disease", "ontoma", "--work-path", "made", *chosen, *web.mirrors, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "/https/github.com/EBISPOT/efo/releases/download/v9.9.9/efo_otar_slim.json" in web.asked
    assert "/curation/refs/tags/27.1/mappings/disease/manual_string.tsv" in web.asked


def test_every_other_step_says_why_it_does_not_run(web: Web, tmp_path: Path) -> None:
    """A type without a class is refused before anything is made; a place that cannot be read fails its task."""
    plan = plan_of(ENTRY, tmp_path)
    bases = bases_of(ENTRY)
    others = [step for step in plan if step not in read_from_the_web(plan, bases)]
    assert len(others) == len(plan) - 12
    command = [sys.executable, "-c", ONE_AFTER_ANOTHER, str(ENTRY), *web.mirrors, "--", *others]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    codes = json.loads(done.stdout)
    for step, said in zip(others, done.stderr.split("\0"), strict=False):
        assert (step, codes[step]) == (step, 1)
        types = {name.split(" ")[0] for name in plan[step][1]}
        without = sorted(name for name in types if bases.get(name, name) not in BUILT_IN)
        if without:
            assert any(f"error[OT704]: no Python class is known for task type `{name}`" in said for name in without), said
        else:
            assert "storage for `gs://` is not supported yet" in said
        assert (tmp_path / step).exists() != bool(without)


def test_the_example_compiles_to_a_package_that_runs(web: Web, tmp_path: Path) -> None:
    assert otterdsl("compile", FOLDER / "pis.otter", "-o", "built", folder=tmp_path).returncode == 0
    done = otterdsl("run", Path("built") / "pis", "evidence_gene2phenotype", "--work-path", "made", *web.mirrors, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    steps = read_from_the_web(plan_of(ENTRY, tmp_path), bases_of(ENTRY))
    check_files({"evidence_gene2phenotype": steps["evidence_gene2phenotype"]}, tmp_path / "made")
