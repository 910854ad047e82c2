"""Text that wants to be code, in every place of a `.otter` file at once: what is written, loaded and run holds it as data, character by character."""

import ast
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import black
import pytest
from command_line import otterdsl, write

ATTACKS = (
    *('"', "'", '"""', "'''", "\\", '\\"', "\n", "\r\n", "\t", "\0", "{{ x }}", "{% for a in b %}", "{# c #}", "${each}", "$${", "$", "#", "}"),
    *("__import__('os').system('touch pwned')", '"""\nimport os\n"""', '"); __import__("os").system("touch pwned"); ("', "\\N{BULLET}", "# fmt: off"),
    *("\u202e\u2066x\u2069", "\u200b\u200d", "\ufeff", "\u2028\u2029\x0b\x0c\x85", "\x1b[31m", "\x9b2J", "é", "e\u0301", "字" * 45, "🎉"),
)
MEGABYTE = ('"""\\{{ x }}{% raw %}__import__("os")\n' + "x" * 70).ljust(125) * 8_000
TEXTS = {"all at once": "".join(ATTACKS), "the other way round": " ".join(reversed(ATTACKS)), "1 MB": MEGABYTE}


def quoted(text: str) -> str:
    """The text as the language writes it: what could end it, begin a placeholder or not be seen is escaped."""
    return '"' + "".join(char if char.isascii() and char.isprintable() and char not in '"\\$' else f"\\u{{{ord(char):x}}}" for char in text) + '"'


def commented(text: str) -> str:
    """What of the text can stand in a comment, on its one line: all but controls; marks that hide or turn text can."""
    return "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Zl", "Zp"))


def pipeline(text: str) -> str:
    """A pipeline with the text in every place that takes one; the comments are docs."""
    value, note = quoted(text), f"# {commented(text)}"
    return f"""
{note}
pipeline p {{ work_path = "out" mirrors = {{ {quoted("m" + text)} = {value} }} }}
{note}
param plain: str = {value}
{note}
param nested: map[str] = {{ {quoted("k" + text)} = {value} }}
{note}
scratchpad {{ {quoted("s" + text)} = {value} dotted.key = [{value}] }}
{note}
task mine extends hello_world {{
  {note}
  extra: str = {value}
  who = {value}
}}
extern task group {{ any_: any = {value} do: list[Spec] provides [inner] }}
{note}
step {quoted("step" + text)} {{
  {note}
  mine {quoted("a" + text)} {{ extra = {value} }}
  if plain == {value} {{ hello_world {quoted("b" + text)} {{ who = "{{ who }}" }} }} else {{ hello_world {quoted("c" + text)} {{}} }}
  for each in [{value}, {quoted("2" + text)}] as {quoted("loop" + text)} {{ hello_world "d ${{each}}" {{ who = each }} }}
  hello_world last {{ requires [{quoted("loop" + text)}, {quoted("mine a" + text)}] who = nested }}
}}
""".replace("who = nested", f"who = {value}")


def strings(tree: ast.AST) -> Iterator[str]:
    """Every text that a module holds."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def assert_data(module: Path) -> list[str]:
    """The texts of a module that consists of imports, classes and values alone, in Black's form."""
    text = module.read_text(encoding="utf-8")
    if len(text) < 1_000_000:  # Black takes half a minute for what is larger
        assert black.format_str(text, mode=black.Mode()) == text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Attribute | ast.Lambda | ast.FunctionDef | ast.JoinedStr | ast.BinOp)
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
    assert {type(node) for node in tree.body} <= {ast.ImportFrom, ast.ClassDef, ast.Expr, ast.Assign}
    return list(strings(tree))


@pytest.mark.parametrize("name", TEXTS)
def test_text_in_every_place_is_data_from_the_file_to_the_manifest(name: str, tmp_path: Path) -> None:
    text = TEXTS[name]
    write(tmp_path, {"p.otter": pipeline(text)})
    done = otterdsl("compile", "p.otter", "-o", "made", folder=tmp_path)
    assert done.code == 0, done.said[:2_000]
    found = [held for module in sorted((tmp_path / "made" / "p").glob("*.py")) for held in assert_data(module)]
    escaped = text.replace("${", "$${")
    for held in (escaped, f"mine a{escaped}", f"hello_world b{escaped}", f"hello_world c{escaped}", f"2{escaped}", f"m{escaped}", f"k{escaped}"):
        assert held in found, held[:80]
    assert f"step{text}" in found
    for target in ("p.otter", "made/p") if len(text) < 1_000_000 else ("made/p",):
        done = otterdsl("run", target, "--progress", "json", folder=tmp_path)
        assert done.code == 0, done.said[:2_000]
        (step,) = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["steps"].values()
        assert step["name"] == f"step{text}"
        names = [f"mine a{text}", f"hello_world b{text}", f"hello_world d {text}", f"hello_world d 2{text}", "hello_world last"]
        assert [task["name"] for task in step["tasks"]] == names
        assert step["tasks"][0]["artifacts"][0]["destination"] == text
        assert {json.loads(line)["task"] for line in done.out.splitlines()} == set(names)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "out", "p.otter"]


# A few attacks together: a name may have 255 bytes.
FILE_NAMES = ["".join(ATTACKS[start::6]).replace("/", "").replace("\0", "") for start in range(6)]


@pytest.mark.parametrize("attack", FILE_NAMES, ids=ascii)
def test_text_in_the_names_of_files_and_folders_is_data(attack: str, tmp_path: Path) -> None:
    entry, imported = f"in{attack}/e{attack}.otter", f"deep{attack}/i{attack}.otter"
    importing = f"import {quoted(imported)}\nstep one {{ requires [two] hello_world a {{}} }}\n"
    write(tmp_path, {entry: importing, f"in{attack}/{imported}": "# Of another file.\nstep two { hello_world b {} }\n"})
    done = otterdsl("compile", entry, "-o", "made", folder=tmp_path)
    assert done.code == 0, done.said
    (folder,) = (tmp_path / "made").iterdir()
    for module in sorted(folder.glob("*.py")):
        assert_data(module)
    assert json.loads((folder / "otterdsl.lock.json").read_text())["lines"]["two.py"] == {"HelloWorldB": [imported, 2]}
    for target in (entry, folder):
        done = otterdsl("run", target, "--work-path", "out", folder=tmp_path)
        assert done.code == 0, done.said
        assert json.loads((tmp_path / "out" / "manifest.json").read_text())["result"] == "success"
    assert not (tmp_path / "pwned").exists()
