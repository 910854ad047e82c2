"""PIS as it was written by hand does what its configuration does, but for what was meant to be better. What was meant is all listed here."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from open_targets import ENTRY, FOLDER, Plan, Tasks, converted, folded, known, plan_of, scratchpad

# Files that two steps wrote come before both, in a step of their own.
SHARED = {
    "copy chemical probes": [("drug", "copy chemical probes"), ("target", "copy chemical probes")],
    "copy gene name tsv": [("impc", "copy gene name"), ("target", "copy gene name tsv")],
    "curation depmap_tissue_mapping": [
        ("evidence_project_score", "copy ot_curation depmap_tissue_mapping"),
        ("target", "copy ot_curation depmap_tissue_mapping"),
    ],
}
# The address of the curation repository, which was written in two ways.
SHORT, LONG = "opentargets/curation/25.12.2/", "opentargets/curation/refs/tags/25.12.2/"
LENGTHENED = [("evidence_project_score", "copy ot_curation depmap_tissue_mapping"), ("evidence_intogen", "copy ot_curation disease_mapping")]
# What copied the quantitative traits twice, and the binary ones never.
BINARY = ("evidence_gene_burden", "copy_many AZ parquet (binary)")
# Task types made of others, with the fields that they have for themselves.
TYPES = {"curation": ("copy", {"file"}), "chembl": ("elasticsearch", {"table"}), "phenodigm": ("solr", set())}
# Tasks of those types, and two more, have new names: what each was called.
RENAMED = {
    "drug": {f"chembl {each}": f"elasticsearch chembl {each}" for each in ("drug warning", "mechanism of action", "molecule", "target")},
    "impc": {
        f"phenodigm {each}": f"solr fetch {each}"
        for each in ("gene_gene", "ontology_ontology", "mouse_model", "disease", "disease_model_summary", "ontology")
    },
    "evidence_crispr_screens": {"curation crispr_brain mappings": "copy crispr_brain mappings"},
    "evidence_gene_burden": {
        "copy AZ genes": "copy azphewas_com_genes_UK_Biobank_470k.csv",
        "copy AZ phenotypes": "copy azphewas_com_phenotypes_UK_Biobank_470k.csv",
        "curation diseases": "copy mappings/disease/manual_string.tsv",
        "curation evidence": "copy gene_burden/curated_evidence.tsv",
    },
    "evidence_intogen": {"curation disease_mapping": "copy ot_curation disease_mapping"},
    "encode": {"curation encode rE2G biosample mapping": "copy encode rE2G biosample mapping"},
    "ontoma": {"curation ot disease curation": "copy ot disease curation"},
    "pharmacogenetics": {"curation extracted phenotypes": "copy ot_curation extracted phenotypes"},
    "target": {"chembl target": "elasticsearch chembl target"}
    | {f"curation {each}": f"copy {each}" for each in ("adverse_effects.tsv", "safety_risks.tsv", "secondary_pharmacology.json")},
}


@pytest.fixture(scope="module")
def meant(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """What the configuration does, with the differences that are meant."""
    folder = tmp_path_factory.mktemp("configuration")
    plan = {name: (requires, without_keys(tasks)) for name, (requires, tasks) in plan_of(converted(folder), folder).items()}
    for step, task in LENGTHENED:
        source = plan[step][1][task][1]["source"]
        assert SHORT in source
        plan[step][1][task][1]["source"] = source.replace(SHORT, LONG)
    for name in ("sources", "destination"):
        was = plan[BINARY[0]][1][BINARY[1]][1][name]
        assert "quantitative" in was
        plan[BINARY[0]][1][BINARY[1]][1][name] = was.replace("quantitative", "binary")
    shared: Tasks = {}
    for name, twice in SHARED.items():
        first, second = [plan[step][1].pop(task) for step, task in twice]
        assert first == second
        shared[name] = first
        for step, _ in twice:
            plan[step] = ({"shared"}, plan[step][1])
    return {**plan, "shared": (set(), shared)}


def without_keys(tasks: Tasks) -> Tasks:
    """The tasks, with what stands for the latest file saying which one it is, and not under which key it is stored."""
    latest = {name: fields for name, (_, fields) in tasks.items() if name.startswith("find_latest ")}
    stored = {fields.get("scratchpad_key", name): f"the latest of {fields['source']}" for name, fields in latest.items()}
    plain = {name: (after, folded(fields, stored)) for name, (after, fields) in tasks.items()}
    for name in latest:
        plain[name][1].pop("scratchpad_key", None)
    return plain


def as_it_was(plan: Plan, of_types: Mapping[str, set[str]]) -> Plan:
    """A plan of the example in the words of the configuration: its names of tasks, and no field that only its own types have."""
    said: Plan = {}
    for step, (requires, tasks) in plan.items():
        names = RENAMED.get(step, {})
        assert names.keys() <= tasks.keys()
        said[step] = (requires, {})
        for name, (after, fields) in without_keys(tasks).items():
            own = of_types.get(name.split(" ")[0], set())
            kept = {field: value for field, value in fields.items() if field not in own}
            said[step][1][names.get(name, name)] = ({names.get(each, each) for each in after}, kept)
    return said


def plan_by_hand(entry: Path, folder: Path) -> Plan:
    """The plan of the example, or of a copy of it, to be compared with the configuration's."""
    return as_it_was(plan_of(entry, folder), {name: own for name, (_, own) in TYPES.items()})


def test_the_plan_is_the_configuration_s_but_for_what_was_meant(meant: Plan, tmp_path: Path) -> None:
    plan = plan_by_hand(ENTRY, tmp_path)
    assert plan.keys() == meant.keys()
    for step in meant:
        assert (step, plan[step]) == (step, meant[step])


def test_nothing_is_lost_on_the_way_to_the_comparison(meant: Plan) -> None:
    tasks = [fields for _, tasks in meant.values() for _, fields in tasks.values()]
    assert (len(meant), len(tasks)) == (41, 216)
    assert sum("destination" in fields or "do" in fields or "source" in fields for fields in tasks) == len(tasks)
    assert not [fields for fields in tasks if "${" in str({name: value for name, value in fields.items() if name != "do"})]
    (copied,) = meant["evidence_eva"][1]["copy eva"][0]
    assert copied == "find_latest eva"


def test_the_versions_and_settings_are_the_configuration_s() -> None:
    plan = known(ENTRY)
    assert {param.name: param.default for param in plan.params} == scratchpad()
    assert plan.settings == {"work_path": "../pipeline_work", "log_level": "DEBUG", "pool_size": 4}
    declared = {each.name: each for each in plan.types if each.kind == "task"}
    assert declared.keys() == TYPES.keys()
    for name, (base, own) in TYPES.items():
        assert declared[name].base == base
        assert {field.name for field in declared[name].fields} - {"destination"} == own


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("pis.otter", "ontology/releases/download/v${hpo_version}", "ontology/releases/download/${hpo_version}"),
        ("pis.otter", "query=%28%2A%29", "query=(*)"),
        ("pis.otter", '    "sus_scrofa",\n', ""),
        ("pis.otter", "source      = find_latest.toxcast", "source      = find_latest.aopwiki"),
        ("pis.otter", '{ name = "Eye", file = "eye" }', '{ name = "eye", file = "eye" }'),
        ("pis.otter", 'destination = "input/ontoma/clinvar_xrefs.txt"', 'destination = "input/ontoma/clinvar_xref.txt"'),
        ("pis.otter", 'efo_version: str = "3.83.0"', 'efo_version: str = "3.83.1"'),
        ("pis.otter", "step impc {\n  requires [shared]", "step impc {"),
        ("pis.otter", "evidence_file = copy.panel_app.destination", 'evidence_file = "input/evidence/panelapp/panel.tsv"'),
        ("pis.otter", "    strict    = false\n", ""),
        ("sources.otter", "release-${ensembl_version}", "release_${ensembl_version}"),
        ("sources.otter", "curation/refs/tags/${ot_curation}", "curation/${ot_curation}"),
    ],
)
def test_a_slip_is_seen(meant: Plan, file: str, before: str, after: str, tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "pis")
    changed = tmp_path / "pis" / file
    text = changed.read_text(encoding="utf-8")
    assert before in text
    changed.write_text(text.replace(before, after, 1), encoding="utf-8")
    assert plan_by_hand(tmp_path / "pis" / "pis.otter", tmp_path) != meant


def test_each_difference_that_is_meant_is_one(tmp_path: Path) -> None:
    """The lists above name nothing that is the same in both: each name of theirs is new in the example."""
    plan: Any = plan_of(converted(tmp_path), tmp_path)
    new = [(step, name) for step, names in RENAMED.items() for name in names if name in plan[step][1]]
    assert new == []
    assert "shared" not in plan
