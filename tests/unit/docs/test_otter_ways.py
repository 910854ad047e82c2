"""What the documents say of Otter's configurations beyond their command blocks: null steps, names in the manifest, loops, what is exported."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from otterdsl.convert.check import check_config
from otterdsl.convert.convert import convert_config

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "migrating-from-otter.md").read_text(encoding="utf-8")
NULL = "steps:\n  nothing:\n  greet:\n    - name: hello_world x\n"
GREET = "steps:\n  one:\n    - name: hello_world x\n  two:\n    - name: hello_world y\n"
WRONG = "# otterdsl: converted from config.yaml\n\nstep greet {\n  hello_world x { whom = 'x' }\n}\n"


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OTTER", "PIS"))}
    return subprocess.run([sys.executable, *command], cwd=folder, env={**kept, **environment}, capture_output=True, text=True)


def otterdsl(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "-m", "otterdsl", *arguments, **environment)


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")


def succeeded(manifest: Path) -> list[str]:
    steps = json.loads(manifest.read_text(encoding="utf-8"))["steps"]
    return sorted(name for name, step in steps.items() if step["result"] == "success")


def test_a_step_that_is_null_runs_and_is_refused_by_check(tmp_path: Path) -> None:
    application = "import asyncio\nfrom otterdsl.runtime import Runner\nstep = asyncio.run(Runner('pis').run())\nprint(step.manifest.result)\n"
    write(tmp_path, config_yaml=NULL, run_py=application)
    assert run(tmp_path, "run.py", "-s", "nothing", "-c", "config.yaml").stdout == "success\n"
    assert [each.code for each in check_config(tmp_path / "config.yaml").diagnostics] == ["OT217"]
    assert [each.code for each in check_config(tmp_path / "config.yaml", steps=("greet",)).diagnostics] == []
    write(tmp_path, config_yaml=NULL.replace("nothing:", "nothing: []"))
    assert check_config(tmp_path / "config.yaml").diagnostics == ()


def test_what_runs_a_step_names_its_entry_and_its_variables(tmp_path: Path) -> None:
    write(tmp_path, config_yaml=GREET, pis_otter="pipeline pis {}\nstep one { hello_world x {} }\n")
    by_yaml = otterdsl(tmp_path, "run", "config.yaml", "--with-required", OTTER_WORK_PATH="work")
    by_file = otterdsl(tmp_path, "run", "pis.otter", PIS_WORK_PATH="work")
    assert (by_yaml.returncode, by_file.returncode) == (0, 0), by_yaml.stderr + by_file.stderr
    assert succeeded(tmp_path / "work" / "manifest.json") == ["otter_one", "otter_two", "pis_one"]


def test_a_configuration_has_no_params_to_set(tmp_path: Path) -> None:
    write(tmp_path, config_yaml=GREET)
    done = otterdsl(tmp_path, "run", "config.yaml", "--set", "release=1")
    assert (done.returncode, (tmp_path / "output").exists()) == (2, False)
    assert "has none" in done.stderr


@pytest.mark.parametrize("command", [("plan",), ("compile", "-o", "made"), ("export", "--format", "otter-yaml")], ids=lambda command: command[0])
def test_other_commands_say_that_a_configuration_is_to_be_converted(tmp_path: Path, command: tuple[str, ...]) -> None:
    write(tmp_path, config_yaml=GREET)
    done = otterdsl(tmp_path, *command, "config.yaml")
    assert done.returncode == 2
    assert "convert it first" in done.stderr


def test_so_many_steps_read_cloud_storage_as_the_guide_says() -> None:
    steps = yaml.safe_load((ROOT / "examples" / "pis" / "config.yaml").read_text(encoding="utf-8"))["steps"]
    reading = [name for name, tasks in steps.items() if "gs://" in json.dumps(tasks)]
    assert f"{len(reading)} of PIS' {len(steps)} steps" in GUIDE


def test_loops_that_stay_an_explode_are_what_a_conversion_makes(tmp_path: Path) -> None:
    section = GUIDE.partition("### Loops that stayed an explode\n")[2].partition("\n### ")[0]
    before, after = re.findall(r"^```otter\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    inner = {
        "name": "explode genes ${release}",
        "foreach": "${species}",
        "do": [
            {
                "name": "copy genes ${release} ${each}",
                "source": "https://ftp.example.org/${release}/${each}.tsv",
                "destination": "genes/${release}/${each}.tsv",
            }
        ],
    }
    outer = {"name": "explode releases", "foreach": ["115", "116"], "each_placeholder": "release", "do": [inner]}
    config = {"scratchpad": {"species": ["homo_sapiens", "mus_musculus"]}, "steps": {"genes": [outer]}}
    write(tmp_path, config_yaml=yaml.safe_dump(config, sort_keys=False), before_otter=before, after_otter=after)
    converted = convert_config(tmp_path / "config.yaml").text
    assert converted is not None
    assert converted.endswith(f"pipeline config {{}}\n\n{before}")
    counts = [otterdsl(tmp_path, "plan", name).stdout.splitlines()[-1] for name in ("before.otter", "after.otter")]
    assert counts == ["2 tasks in 1 step, and those made as it runs", "4 tasks in 1 step"]


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        (WRONG.replace("whom", "who"), (), 0),
        (WRONG, (), 0),
        (WRONG, ("--strict",), 1),
        (WRONG + "\nparam who: str = 'x'\n\nstep more {\n  hello_world y { who = who }\n}\n", (), 1),
        (WRONG + "\nstep more {\n  if true {\n    hello_world y {}\n  }\n}\n", (), 1),
        (WRONG + '\nscratchpad { a = "', (), 1),
        (WRONG.partition("\n")[2], (), 1),
    ],
    ids=["right", "wrong", "strict", "param", "if", "unreadable", "by hand"],
)
def test_what_a_converted_file_is_exported_with(tmp_path: Path, text: str, arguments: tuple[str, ...], code: int) -> None:
    write(tmp_path, p_otter=text)
    done = otterdsl(tmp_path, "export", "p.otter", "--format", "otter-yaml", "-o", "back.yaml", *arguments)
    assert (done.returncode, (tmp_path / "back.yaml").exists()) == (code, code == 0), done.stderr
    assert ("error[" in done.stderr) == ("whom" in text)
