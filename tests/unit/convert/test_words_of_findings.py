"""What the checker says of a configuration speaks YAML: whatever helps, labels and fixes there are."""

import re
from pathlib import Path

import pytest

from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.convert.check import check_config

COPY = "      source: a\n      destination: b\n"
STEP = "steps:\n  a:\n"

NEEDS = "    - name: hello_world y\n      requires: "
DECLARE = "`--tasks PACKAGE` names a package of task types, `--schema FILE.otter` a file that declares some"
ALONE = "a task can require those of its own step alone"
IGNORE = "scratchpad_ignore_missing"
VARIES = 'put what `explode_glob` fills in into the name: `"… ${uri}"`'
# A configuration, the code that is found, and the help.
HOMOLOGY = f"{STEP}    - name: explode abc\n      foreach: [x, y]\n      do: [name: 'hello_world ${{each}}']\n    - name: hello_world z\n"

SAID = {
    "a-type": (f"{STEP}    - name: mine x\n", "OT201", DECLARE),
    "a-type-misspelled": (f"{STEP}    - name: coppy x\n{COPY}", "OT201", "did you mean `copy`?"),
    "a-task": (f"{STEP}    - name: copy a b\n{COPY}{NEEDS}[copy a c]\n", "OT203", "did you mean `copy a b`?"),
    "a-task-of-one-word": (f"{STEP}    - name: copy abc\n{COPY}{NEEDS}[copy abd]\n", "OT203", "did you mean `copy abc`?"),
    "an-explode": (f"{HOMOLOGY}      requires: [explode abd]\n", "OT203", "did you mean `explode abc`?"),
    "the-label-of-an-explode": (f"{HOMOLOGY}      requires: [abc]\n", "OT203", "did you mean `explode abc`?"),
    "a-task-of-another-step": (f"{STEP}    - name: copy x\n{COPY}  b:\n{NEEDS}[copy x]\n", "OT203", f"`copy x` is in step `a`; {ALONE}"),
    "another-step": (f"{STEP}    - name: copy x\n{COPY}  b:\n{NEEDS}[a]\n", "OT203", ALONE),
    "a-field": (f"{STEP}    - name: hello_world x\n      whoo: y\n", "OT204", "did you mean `who`?"),
    "a-field-of-other-tools": (f"{STEP}    - name: hello_world x\n      depends_on: y\n", "OT204", "what must come first stands in `requires`"),
    "requires-misspelled": (f"{STEP}    - name: hello_world x\n      require: [y]\n", "OT204", "did you mean `requires`?"),
    "requires-otherwise": (f"{STEP}    - name: hello_world x\n      requirements: [y]\n", "OT204", "did you mean `requires`?"),
    "a-field-of-every-task": (f"{STEP}    - name: hello_world x\n      scratchpad_ignore_mising: true\n", "OT204", f"did you mean `{IGNORE}`?"),
    "a-name-twice": (f"{STEP}    - name: hello_world x\n    - name: hello_world x\n", "OT207", "give one of them another name"),
    "a-name-in-a-loop": (f"{HOMOLOGY}".replace(" ${each}", " x"), "OT211", 'put the variable into the name: `"… ${each}"`'),
    "a-name-in-do": (f"{STEP}    - name: explode_glob x\n      glob: x/*\n      do: [name: hello_world z]\n", "OT211", VARIES),
    "no-tasks": (f"{STEP}    - name: explode x\n      foreach: [x]\n      do: y\n", "OT301", "write a list of tasks, each a map with a `name`"),
    "a-placeholder": (f"{STEP}    - name: hello_world x\n      who: ${{y}}\n", "OT501", "write `$${` for a literal `${`"),
    "a-key-misspelled": (f"scratchpad: {{efo: x}}\n{STEP}    - name: hello_world x\n      who: ${{eof}}\n", "OT501", "did you mean `efo`?"),
    "a-circle": (f"{STEP}    - name: hello_world x\n      requires: [hello_world y]\n{NEEDS}[hello_world x]\n", "OT401", "take one of these out"),
    "a-stored-key": (f"{STEP}    - name: find_latest x\n      source: y\n      scratchpad_key: k\n    - name: hello_world ${{k}}\n", "OT307", ""),
}

# What only a .otter file says.
FOREIGN = re.compile(r"\{ …|\{ \}|requires \[|`for |extern task`|`use`|`step … |\bas \w+ \{|= …|in quotes|copy\.|label")


def diagnostics_of(text: str, folder: Path) -> tuple[Diagnostic, ...]:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return check_config(path).diagnostics


@pytest.mark.parametrize(("text", "code", "mend"), SAID.values(), ids=SAID.keys())
def test_helps_are_for_yaml(text: str, code: str, mend: str, tmp_path: Path) -> None:
    (found,) = diagnostics_of(text, tmp_path)
    assert (found.code, found.help) == (code, mend)
    assert [text for text in (found.message, found.label, found.help) if FOREIGN.search(text)] == []


def test_fixes_put_names_in_the_place_of_names(tmp_path: Path) -> None:
    (found,) = diagnostics_of(f"{STEP}    - name: hello_world x\n      'whoo': y\n    - name: hello_world y\n      who: z\n", tmp_path)
    assert found.fixes == ()  # the quotes are part of the place
    (found,) = diagnostics_of(f"{STEP}    - name: hello_world x\n      whoo: y\n", tmp_path)
    assert [edit.text for fix in found.fixes for edit in fix.edits] == ["who"]


def test_a_package_that_is_not_there_has_no_place_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(f"{STEP}    - name: mine x\n", encoding="utf-8")
    found = check_config(tmp_path / "config.yaml", packages=["no_such_package"]).diagnostics
    assert [(each.code, each.span) for each in found] == [("OT210", None)]
    assert check_config(tmp_path / "config.yaml", packages=["no_such_package"], use_imports=False).diagnostics[0].code == "OT201"


def test_a_package_that_cannot_be_used_says_how_to_mend_it(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(f"{STEP}    - name: mine x\n", encoding="utf-8")
    (tmp_path / "yaml_tasks").mkdir()
    (tmp_path / "yaml_tasks" / "mine.py").write_text("from otter.task.model import Spec, Task\n", encoding="utf-8")
    (found,) = check_config(tmp_path / "config.yaml", packages=["yaml_tasks"]).diagnostics
    assert (found.code, "`from otter.` becomes `from otterdsl.runtime.`" in found.help) == ("OT210", True)
    (found,) = check_config(tmp_path / "config.yaml", packages=["yaml_taks"]).diagnostics
    assert (found.code, found.help) == ("OT210", "did you mean `yaml_tasks`?")


def test_a_schema_that_is_wrong_or_missing_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(f"{STEP}    - name: mine x\n      y: z\n", encoding="utf-8")
    (tmp_path / "tasks.otter").write_text("extern task mine { y: integer }\n", encoding="utf-8")
    schema = tmp_path / "tasks.otter"
    assert [(each.code, each.where) for each in check_config(tmp_path / "config.yaml", schemas=[schema]).diagnostics] == [("OT302", "tasks.otter")]
    missing = check_config(tmp_path / "config.yaml", schemas=[tmp_path / "none.otter"]).diagnostics
    assert [each.code for each in missing] == ["OT001"]
    schema.write_text("extern task mine { y: str }\nstep other { hello_world x { who = 3 } }\n", encoding="utf-8")
    assert check_config(tmp_path / "config.yaml", schemas=[schema]).diagnostics == ()


@pytest.mark.parametrize("value", ["[copy ${each} one]", "[hello_world a, copy ${each}]", "{a: x ${each} y}", "[\n        copy ${each} one\n      ]"])
def test_a_placeholder_within_brackets_is_to_be_quoted(value: str, tmp_path: Path) -> None:
    (found,) = diagnostics_of(f"{STEP}    - name: hello_world x\n      requires: {value}\n", tmp_path)
    assert (found.code, "into quotes" in found.help) == ("OT009", True)


def test_a_bracket_that_is_not_closed_is_to_be_closed(tmp_path: Path) -> None:
    (found,) = diagnostics_of(f"{STEP}    - name: hello_world x\n      requires: ['copy ${{each}} one'\n    - name: hello_world y\n", tmp_path)
    assert (found.code, "close the bracket" in found.help) == ("OT009", True)
