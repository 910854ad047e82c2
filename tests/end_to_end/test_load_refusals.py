"""What is refused before a run begins says where and what to do: a task type without a class, a package that is not whole or does not load."""

from pathlib import Path

import pytest
from command_line import otterdsl, write

SOURCE = 'extern task curation { text: str = "x" }\nstep one {\n  hello_world a {}\n  curation b {}\n}\nstep two { hello_world c {} }\n'


@pytest.mark.parametrize(
    ("folder", "named", "place"), [(".", "p.otter", "p.otter:4"), (".", "made/p", "p.otter:4"), ("made", "../p.otter", "../p.otter:4")]
)
def test_a_task_type_without_a_class_is_named_at_its_first_statement(tmp_path: Path, folder: str, named: str, place: str) -> None:
    write(tmp_path, {"p.otter": SOURCE})
    assert otterdsl("compile", "p.otter", "-o", "made", folder=tmp_path).code == 0
    done = otterdsl("run", named, "--work-path", "work", folder=tmp_path / folder)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"error[OT704]: no Python class is known for task type `curation`\n --> {place}\n"
        "  = help: say where it is with `extern task … from`\n  = for more: otterdsl explain OT704\n\n1 error\n"
    )
    assert not (tmp_path / folder / "work").exists()


def test_a_type_that_extends_one_without_a_class_is_named_with_that(tmp_path: Path) -> None:
    types = 'extern task search { url: str }\ntask mine extends search { url = "x" }\ntask more extends mine {}\n'
    source = f'{types}step one {{ more a {{}} search b {{ url = "y" }} }}\n'
    write(tmp_path, {"p.otter": source})
    done = otterdsl("run", "p.otter", folder=tmp_path)
    assert done.code == 1
    assert done.err.startswith("error[OT704]: no Python class is known for task types `more`, which extends `search`, `search`\n --> p.otter:4\n")
    write(tmp_path, {"p.otter": source.replace(' search b { url = "y" }', "")})
    said = otterdsl("run", "p.otter", folder=tmp_path).err
    assert said.startswith("error[OT704]: no Python class is known for task type `more`, which extends `search`\n")


def test_a_package_with_a_module_missing_says_which_and_what_to_do(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": SOURCE})
    assert otterdsl("compile", "p.otter", "-o", "made", folder=tmp_path).code == 0
    (tmp_path / "made" / "p" / "two.py").unlink()
    done = otterdsl("run", "made/p", folder=tmp_path)
    more = "  = help: compile it again\n  = for more: otterdsl explain OT705\n\n1 error\n"
    said = f"error[OT705]: `made/p` is no whole package: it has no `two.py`\n --> made/p\n{more}"
    assert (done.code, done.err) == (1, said)
    assert otterdsl("compile", "p.otter", "-o", "made", folder=tmp_path).code == 0
    assert (tmp_path / "made" / "p" / "two.py").is_file()


def test_a_module_that_raises_is_named_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": SOURCE})
    assert otterdsl("compile", "p.otter", "-o", "made", folder=tmp_path).code == 0
    (tmp_path / "made" / "p" / "two.py").write_text("import os\nraise ValueError('no')\n")
    done = otterdsl("run", "made/p", folder=tmp_path)
    assert (done.code, done.err) == (
        1,
        "error[OT705]: `made/p` cannot be loaded: ValueError: no, at made/p/two.py:2\n --> made/p\n  = for more: otterdsl explain OT705\n\n1 error\n",
    )
