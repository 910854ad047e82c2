"""Task types of other people may have fields that no class of ours could have: these come whole through convert, check, compile and export."""

from pathlib import Path

import pytest
import yaml
from command_line import otterdsl, write

from otterdsl.runtime import loader

ODD = """schema json copy validate for class None retries timeout cache resources retry_delay odd-key 1st _hidden __twice __class__ model_config
self spec run context ünï step plain""".split()
FIELDS = {name: f"of ${{release}} {number}" for number, name in enumerate([*ODD, "a b"])}
CONFIG = {"scratchpad": {"release": "25"}, "steps": {"s": [{"name": "brew green tea", **FIELDS}, {"name": "brew black", "schema": None}]}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {"config.yaml": yaml.safe_dump(CONFIG, sort_keys=False, allow_unicode=True)})
    assert otterdsl("convert", "config.yaml", "-o", "p.otter", folder=tmp_path).code == 0
    return tmp_path


def test_the_conversion_is_right_and_goes_back(folder: Path) -> None:
    assert otterdsl("check", "p.otter", folder=folder).said == "no problems found\n"
    done = otterdsl("export", "p.otter", "--format", "otter-yaml", folder=folder)
    assert (done.code, done.err) == (0, "")
    assert yaml.safe_load(done.out) == CONFIG


def test_the_compiled_spec_holds_every_value(folder: Path) -> None:
    assert otterdsl("compile", "p.otter", "-o", "made", folder=folder).code == 0
    modules = {path.name: path.read_text(encoding="utf-8") for path in (folder / "made" / "p").glob("*.py")}
    loaded = loader.load_sources(modules, "p")
    spec = loaded.step("s").classes[0].__dict__["spec"]
    given = spec.model_dump()
    assert {name: given[name] for name in FIELDS} == {name: value.replace("${release}", "25") for name, value in FIELDS.items()}


def test_a_type_that_extends_it_may_set_them(folder: Path) -> None:
    text = (folder / "p.otter").read_text(encoding="utf-8")
    added = 'task tea extends brew { retries = "many" schema = "s" "odd-key" = "k" }\nstep t { tea a { "a b" = "c" } }\n'
    write(folder, {"p.otter": text + added})
    assert otterdsl("check", "p.otter", folder=folder).said == "no problems found\n"
    write(folder, {"p.otter": text + "task tea extends brew { schema: str }\n"})
    assert "error[OT212]: a field cannot be called `schema`" in otterdsl("check", "p.otter", folder=folder).said
    write(folder, {"p.otter": text + "step t { copy a { source = 'x' destination = 'y' 'odd-key' = 1 } }\n"})
    assert "error[OT204]: unknown field `odd-key`" in otterdsl("check", "p.otter", folder=folder).said
