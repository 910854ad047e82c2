"""What `check` says in each form, how it ends, and `explain`: as people and their programs get it."""

import json
import re
from pathlib import Path

import pytest
from command_line import otterdsl, write

from otterdsl.compiler.source.codes import CODES

WRONG = 'step s {\n  copy x {\n    source     = "a"\n    destnation = "b"\n  }\n  copy y { source = "a" destnation = "c" }\n}\n'
ODD = 'scratchpad { unused = "é" }\nstep s { hello_world a { wh\x1bo = "x" } }\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(
        tmp_path,
        {"p.otter": WRONG, "odd, 100%:.otter": ODD, "fine.otter": "step s { hello_world a {} }\n", "warned.otter": "param x: int = 1\n" + FINE},
    )
    return tmp_path


FINE = "step s { hello_world a {} }\n"


def test_the_text_says_once_how_to_read_more_of_a_code(folder: Path) -> None:
    done = otterdsl("check", "p.otter", "p.otter", folder=folder)
    assert (done.code, done.out.count("= for more: otterdsl explain OT204")) == (1, 1)
    assert done.out.startswith("error[OT204]: unknown field `destnation` for task type `copy`\n --> p.otter:4:5\n")
    assert "  |\n  = help: did you mean `destination`?\n  = for more: otterdsl explain OT204\n\nerror" in done.out
    assert done.err == "4 errors\n"


def test_a_line_each(folder: Path) -> None:
    done = otterdsl("check", "--format", "concise", "p.otter", "odd, 100%:.otter", "gone.otter", folder=folder)
    lines = done.out.splitlines()
    assert "p.otter:4:5: error[OT204]: unknown field `destnation` for task type `copy`" in lines
    assert "gone.otter: error[OT001]: `gone.otter` cannot be read: there is no such file" in lines
    assert "odd, 100%:.otter:2:28: error[OT003]: a control character, U+001B" in lines
    assert all(line.isprintable() for line in lines)
    assert done.code == 1


def test_commands_for_workflows(folder: Path) -> None:
    done = otterdsl("check", "--format", "github", "odd, 100%:.otter", "warned.otter", folder=folder)
    lines = done.out.splitlines()
    assert lines[1].startswith("::error file=odd%2C 100%25%3A.otter,line=2,col=28,endLine=2,endColumn=29,title=OT003::a control character")
    assert lines[-1].startswith("::warning file=warned.otter,line=1,col=7,endLine=1,endColumn=8,title=OT902::param `x` is not used")
    assert "error" in done.err


def test_sarif_holds_the_pages_and_is_all_there_is_on_standard_output(folder: Path) -> None:
    done = otterdsl("check", "--format", "sarif", "p.otter", "warned.otter", folder=folder)
    (run,) = json.loads(done.out)["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(rules) == {"OT204", "OT902"}
    assert rules["OT204"]["help"]["markdown"].startswith("# OT204: an unknown field\n")
    assert rules["OT902"]["defaultConfiguration"] == {"level": "warning"}
    check_sarif(json.loads(done.out))
    assert done.err == ""


def check_sarif(log: dict[str, object]) -> None:
    """What the schema of SARIF 2.1.0 asks of what is written here."""
    assert log["version"] == "2.1.0"
    assert str(log["$schema"]).endswith("sarif-2.1.0.json")
    runs = log["runs"]
    assert isinstance(runs, list)
    for run in runs:
        assert set(run) <= {"tool", "columnKind", "results"}
        assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for result in run["results"]:
            assert set(result) <= {"ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations", "fixes"}
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in ("error", "warning", "note")
            assert result["message"]["text"]
            for location in (*result["locations"], *result.get("relatedLocations", [])):
                check_region(location["physicalLocation"].get("region"))
                assert re.fullmatch(r"[A-Za-z0-9/._~%-]+", location["physicalLocation"]["artifactLocation"]["uri"])
            for fix in result.get("fixes", []):
                assert fix["artifactChanges"]
                for change in fix["artifactChanges"]:
                    assert change["replacements"]
                    for replacement in change["replacements"]:
                        check_region(replacement["deletedRegion"])


def check_region(region: dict[str, int] | None) -> None:
    if region is not None:
        assert min(region.values()) >= 1
        assert (region["endLine"], region["endColumn"]) >= (region["startLine"], region["startColumn"])


def test_json_has_places_and_fixes(folder: Path) -> None:
    found = json.loads(otterdsl("check", "--format", "json", "p.otter", folder=folder).out)["diagnostics"]
    assert [(each["line"], each["column"], each["end_line"], each["end_column"]) for each in found] == [(4, 5, 4, 15), (6, 25, 6, 35)]
    edit = {"line": 4, "column": 5, "end_line": 4, "end_column": 15, "text": "destination"}
    assert found[0]["fixes"] == [{"title": "rename to `destination`", "applicability": "safe", "edits": [edit]}]


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif", "github"])
def test_what_is_well_and_what_is_strict_end_the_same_in_every_form(form: str, folder: Path) -> None:
    assert otterdsl("check", "--format", form, "fine.otter", folder=folder).code == 0
    assert otterdsl("check", "--format", form, "warned.otter", folder=folder).code == 0
    assert otterdsl("check", "--format", form, "--strict", "warned.otter", folder=folder).code == 1
    assert otterdsl("check", "--format", form, "p.otter", folder=folder).code == 1


def test_the_last_line_counts(folder: Path) -> None:
    assert otterdsl("check", "fine.otter", folder=folder).err == "no problems found\n"
    assert otterdsl("check", "warned.otter", folder=folder).err == "1 warning\n"
    assert otterdsl("check", "p.otter", "warned.otter", folder=folder).err == "2 errors, 1 warning\n"


def test_fix_is_for_otter_files(folder: Path) -> None:
    write(folder, {"c.yaml": "steps:\n  s:\n    - name: hello_wrold a\n"})
    done = otterdsl("check", "--fix", "c.yaml", folder=folder)
    assert (done.code, "--fix mends .otter files" in done.err) == (2, True)
    done = otterdsl("check", "--fix", "c.yaml", "p.otter", folder=folder)
    assert done.err.startswith("fixed p.otter:4: rename to `destination` (OT204)\n")
    assert (folder / "c.yaml").read_text() == "steps:\n  s:\n    - name: hello_wrold a\n"


# ---------------------------------------------------------------- explain


@pytest.mark.parametrize("word", ["OT204", "ot204", "204", "error[OT204]"])
def test_a_code_is_explained_however_it_is_written(word: str, tmp_path: Path) -> None:
    done = otterdsl("explain", word, folder=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("OT204: an unknown field\n\n")
    assert "\nWrong\n\n    step fetch {\n" in done.out
    assert "```" not in done.out
    assert "\x1b" not in done.out


def test_a_page_is_coloured_where_that_is_asked_for(tmp_path: Path) -> None:
    plain = otterdsl("explain", "OT102", folder=tmp_path).out
    coloured = otterdsl("explain", "OT102", "--color", "always", folder=tmp_path).out
    assert "\x1b[1m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain.replace("`", "")


def test_all_codes_are_listed_by_kind(tmp_path: Path) -> None:
    done = otterdsl("explain", folder=tmp_path)
    listed = re.findall(r"^  (OT\d{3})  (error|warning|hint) +(.+)$", done.out, re.MULTILINE)
    assert listed == [(code, known.severity.value, known.title) for code, known in CODES.items()]
    assert "\nSyntax\n" in done.out


@pytest.mark.parametrize(("word", "says"), [("OT9O2", "Did you mean OT902?"), ("nonsense", "`otterdsl explain` lists all"), ("", "lists all")])
def test_an_unknown_code_is_wrong_usage(word: str, says: str, tmp_path: Path) -> None:
    done = otterdsl("explain", word, folder=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
