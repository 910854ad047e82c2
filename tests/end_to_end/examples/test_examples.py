"""The examples compile to the modules that were reviewed, and run. Which steps of PIS do, and why the others do not, `test_pis_runs.py` says."""

import csv
import json
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
ENTRIES = {name: EXAMPLES / name / f"{name}.otter" for name in ("hello", "penguins", "pis")}
PIS_STEPS = """
shared biosample baseline_expression clinical_report disease drug impc evidence_expression_atlas evidence_cancer_biomarkers evidence_clingen
evidence_cosmic evidence_project_score evidence_crispr_screens evidence_eva evidence_gene_burden evidence_gene2phenotype evidence_panel_app
evidence_orphanet evidence_reactome evidence_uniprot_literature evidence_uniprot_variants evidence_intogen evidence_ppp expression go
interaction encode gwas gwas_ppp l2g literature molqtl molqtl_ppp ontoma openfda otar pharmacogenetics reactome so target
target_prioritisation
"""
MODULES = {
    "hello": ["__init__.py", "greet.py"],
    "penguins": ["__init__.py", "tasks.py", "prepare.py", "species.py", "islands.py", "colonies.py", "sexes.py", "report.py"],
    "pis": ["__init__.py", "tasks.py", *(f"{step}.py" for step in PIS_STEPS.split())],
}
MEASURES = {
    "culmen_length_mm": "Culmen Length (mm)",
    "culmen_depth_mm": "Culmen Depth (mm)",
    "flipper_length_mm": "Flipper Length (mm)",
    "body_mass_g": "Body Mass (g)",
}

Groups = dict[tuple[str, ...], list[dict[str, float]]]


class Modules(SingleFileSnapshotExtension):
    """A real `.py` file for each generated module, under the name it has there."""

    file_extension = "py"
    _write_mode = WriteMode.TEXT

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        return str(index)


def otterdsl(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does, in a folder of its own."""
    return subprocess.run([sys.executable, "-m", "otterdsl", *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def measured(*columns: str, at_least: int = 0) -> Groups:
    """The measures of all birds that have them, by columns of the published table; worked out from that alone."""
    groups: Groups = defaultdict(list)
    for row in table(EXAMPLES / "penguins" / "penguins_raw.csv"):
        if "NA" not in [row[name] for name in MEASURES.values()] and int(row["Body Mass (g)"]) >= at_least:
            groups[tuple(row[column].split()[0] for column in columns)].append({name: float(row[raw]) for name, raw in MEASURES.items()})
    return groups


def assert_summary(found: list[dict[str, str]], groups: Groups, *columns: str) -> None:
    """The table has a line for each group, with its size and its means to two decimals."""
    assert [tuple(row[column] for column in columns) for row in found] == sorted(groups)
    for row in found:
        birds = groups[tuple(row[column] for column in columns)]
        assert int(row["count"]) == len(birds)
        for name in MEASURES:
            assert float(row[name]) == pytest.approx(statistics.fmean(bird[name] for bird in birds), abs=0.00501)


def results(manifest: Path) -> dict[str, list[tuple[str, str]]]:
    steps = json.loads(manifest.read_text(encoding="utf-8"))["steps"]
    return {name: [(task["name"], task["result"]) for task in step["tasks"]] for name, step in steps.items()}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of the penguins, run once for the tests that look at it."""
    folder = tmp_path_factory.mktemp("penguins")
    done = otterdsl(folder, "run", ENTRIES["penguins"])
    assert done.returncode == 0, done.stderr
    return folder / "output"


def test_no_example_is_left_out() -> None:
    assert sorted(ENTRIES) == sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", ENTRIES)
def test_an_example_has_no_diagnostics(name: str, tmp_path: Path) -> None:
    done = otterdsl(tmp_path, "check", "--format", "json", ENTRIES[name])
    assert (done.returncode, json.loads(done.stdout)["diagnostics"]) == (0, [])


@pytest.mark.parametrize("name", ENTRIES)
def test_generated_modules_are_as_reviewed(name: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    done = otterdsl(tmp_path, "compile", ENTRIES[name], "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    written = sorted(path.name for path in (tmp_path / name).iterdir())
    assert written == sorted([*MODULES[name], "otterdsl.lock.json"])
    for module in MODULES[name]:
        text = (tmp_path / name / module).read_text(encoding="utf-8")
        assert text == snapshot(extension_class=Modules, name=f"{name}-{module.removesuffix('.py')}")


def test_hello_runs(tmp_path: Path) -> None:
    done = otterdsl(tmp_path, "run", ENTRIES["hello"])
    assert done.returncode == 0, done.stderr
    assert results(tmp_path / "output" / "manifest.json") == {"hello_greet": [("hello_world everyone", "success")]}


def test_species_are_summarised_as_computed_apart(ran: Path) -> None:
    groups = measured("Species")
    assert {name: len(birds) for name, birds in groups.items()} == {("Adelie",): 151, ("Chinstrap",): 68, ("Gentoo",): 123}
    assert_summary(table(ran / "tables" / "species.csv"), groups, "species")


def test_islands_are_summarised_as_computed_apart(ran: Path) -> None:
    assert_summary(table(ran / "tables" / "islands.csv"), measured("Island"), "island")


def test_colonies_are_summarised_as_computed_apart(ran: Path) -> None:
    groups = measured("Species", "Island")
    assert {" on ".join(colony): len(birds) for colony, birds in groups.items()} == {
        "Adelie on Biscoe": 44,
        "Adelie on Dream": 56,
        "Adelie on Torgersen": 51,
        "Chinstrap on Dream": 68,
        "Gentoo on Biscoe": 123,
    }
    assert_summary(table(ran / "tables" / "colonies.csv"), groups, "species", "island")


def test_the_clean_table_holds_the_birds_that_were_measured(ran: Path) -> None:
    clean = table(ran / "clean" / "penguins.csv")
    assert len(clean) == 342
    assert {row["species"] for row in clean} == {"Adelie", "Chinstrap", "Gentoo"}
    assert "NA" not in {value for row in clean for value in row.values()}
    assert (ran / "raw" / "penguins.csv").read_bytes() == (EXAMPLES / "penguins" / "penguins_raw.csv").read_bytes()


def test_the_report_shows_all_tables(ran: Path) -> None:
    page = (ran / "penguins.md").read_text(encoding="utf-8")
    assert page.startswith("# Penguins of Palmer Station\n")
    assert "| Gentoo | 123 |" in page
    assert "| Torgersen | 51 |" in page
    assert "| --- | --- | ---: |" in page
    assert "| Adelie | Biscoe | 44 |" in page
    readme = (EXAMPLES / "penguins" / "README.md").read_text(encoding="utf-8")
    assert f"```markdown\n{page}```\n" in readme


def test_the_manifest_tells_of_every_task(ran: Path) -> None:
    steps = results(ran / "manifest.json")
    assert {result for tasks in steps.values() for _, result in tasks} == {"success"}
    assert sorted(name for name, _ in steps["penguins_species"]) == ["join_lines species", "line Adelie", "line Chinstrap", "line Gentoo"]
    assert len(steps["penguins_islands"]) == 5
    assert len(steps["penguins_colonies"]) == 6
    assert ("line Adelie on Torgersen", "success") in steps["penguins_colonies"]
    manifest = json.loads((ran / "manifest.json").read_text(encoding="utf-8"))
    (cleaned,) = [task for task in manifest["steps"]["penguins_prepare"]["tasks"] if task["name"] == "clean_penguins all"]
    assert (cleaned["artifacts"][0]["rows"], cleaned["artifacts"][0]["kept"]) == (344, 342)


def test_params_reach_the_tasks(tmp_path: Path) -> None:
    done = otterdsl(tmp_path, "run", ENTRIES["penguins"], "--set", "min_mass=4000", "--set", "by_sex=true")
    assert done.returncode == 0, done.stderr
    assert_summary(table(tmp_path / "output" / "tables" / "species.csv"), measured("Species", at_least=4000), "species")
    assert_summary(table(tmp_path / "output" / "tables" / "colonies.csv"), measured("Species", "Island", at_least=4000), "species", "island")
    sexes = measured("Sex", at_least=4000)
    del sexes[("NA",)]
    assert_summary(table(tmp_path / "output" / "tables" / "sexes.csv"), sexes, "sex")


def test_a_compiled_package_runs_as_its_source_does(tmp_path: Path, ran: Path) -> None:
    sources = tmp_path / "penguins"
    shutil.copytree(EXAMPLES / "penguins", sources, ignore=shutil.ignore_patterns("__pycache__", "output"))
    assert otterdsl(sources, "compile", "penguins.otter", "-o", "built").returncode == 0
    (sources / "penguins.otter").unlink()
    done = otterdsl(sources, "run", Path("built") / "penguins", "--work-path", tmp_path / "output")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output" / "penguins.md").read_text(encoding="utf-8") == (ran / "penguins.md").read_text(encoding="utf-8")


def test_no_bird_that_is_heavy_enough_fails_the_run(tmp_path: Path) -> None:
    done = otterdsl(tmp_path, "run", ENTRIES["penguins"], "--set", "min_mass=9999")
    assert done.returncode == 1
    assert ("clean_penguins all", "failure") in results(tmp_path / "output" / "manifest.json")["penguins_prepare"]
    assert "weighs 9999 g or more" in done.stderr + done.stdout
