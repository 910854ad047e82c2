import ast
import os
import tempfile
import unicodedata
from pathlib import Path

import black
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otterdsl.compiler.compile import Compilation, compare, compile_file, write
from otterdsl.compiler.values.value import escape
from otterdsl.runtime.loader import LoadedPipeline, load_package, load_sources
from otterdsl.runtime.task.spread import spread

ATTACKS = [
    *('"', "'", '"""', "'''", "\\", "\n", "\r", "\t", "\0", "{{ x }}", "{% for a in b %}", "{# c #}", "${", "$${", "$", "}", "#", " "),
    *("__import__('os').system('true')", '"); import os; ("', "\u202e\u2066", "\u200b", "\ufeff", "\u2028", "\x1b[31m", "é", "字" * 40, "x" * 60),
]
texts = st.one_of(st.lists(st.sampled_from(ATTACKS), max_size=5).map("".join), st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def quoted(text: str) -> str:
    """A text as the language writes it, all but letters and digits escaped."""
    return '"' + "".join(char if char.isascii() and char.isalnum() else f"\\u{{{ord(char):x}}}" for char in text) + '"'


def commented(text: str) -> str:
    """What of a text can stand in a comment: all but control characters; marks that hide or turn around what follows can."""
    return "".join(char for char in text if unicodedata.category(char) != "Cc")


def compiled(folder: Path, source: str, name: str = "x") -> Compilation:
    path = folder / f"{name}.otter"
    path.write_text(source, encoding="utf-8", newline="")
    compilation = compile_file(path)
    assert not compilation.has_errors, compilation.diagnostics
    return compilation


def loaded(compilation: Compilation) -> LoadedPipeline:
    for name, text in compilation.files.items():
        if name.endswith(".py"):
            assert black.format_str(text, mode=black.Mode()) == text
            ast.parse(text)
    return load_sources(compilation.files, compilation.folder)


@MANY
@given(texts, texts, texts, texts)
def test_text_in_every_place_of_a_file_arrives_as_data(label: str, value: str, key: str, step: str) -> None:
    hidden = value.replace("${", "$${")
    comment = commented(value)
    source = f"""
pipeline p {{ work_path = {quoted(value)} }}
param p1: str = {quoted(value)}
scratchpad {{ {quoted("k" + key)} = 1 }}
# {comment}
extern task note {{ text: any = {quoted(value)} }}
step {quoted("s" + step)} {{
  # {comment}
  note {quoted("n" + label)} {{ text = {{ {quoted(key)} = [{quoted(value)}] }} }}
  for each in [{quoted(value)}, {quoted(value + "x")}] as {quoted("g" + label)} {{
    note {quoted("loop" + label)[:-1]} ${{each}}" {{ text = each }}
  }}
}}
"""
    with tempfile.TemporaryDirectory() as folder:
        compilation = compiled(Path(folder), source)
    found = loaded(compilation)
    assert found.pipeline.settings == {"work_path": hidden}
    assert found.pipeline.params[0].default == hidden
    assert found.types["note"][1].model_fields["text"].default == hidden
    assert found.steps[0].name == "s" + step
    first, second = found.steps[0].classes
    assert first.spec.name == "note n" + label.replace("${", "$${")
    assert first.spec.text == {key.replace("${", "$${"): [hidden]}
    assert second.for_each == {"each": (hidden, (value + "x").replace("${", "$${"))}
    assert second.group in ("g" + label, "g" + label.replace("${", "$${"))


PARTS = """
# {comment}
extern task note {{ text: any = {value} }}
extern task group {{ text: any do: list[Spec] provides [inner] }}
task imported extends note {{ text = {value} }} # {comment}
"""

WHOLE = """
import {path} # {comment}
param p1: str = "other"
task sub extends imported {{ more: str = {value} }}
step one {{
  if p1 == {value} {{ note same {{}} }} else if {value} in p1 {{ note within {{}} }} else {{ note neither {{}} }}
  sub {label} {{}}
  imported {label} {{ requires [{sub_name}] }} # {comment}
  group over {{
    text = {value}
    do {{
      note {inner} {{ text = {{ {key} = {value} }} }} # {comment}
      sub {inner} {{ requires [{note_name}] }}
    }}
  }}
}}
step two {{ requires [one] note a {{}} }} # {comment}
"""


@MANY
@given(texts, texts, texts, texts)
def test_text_in_every_kind_of_statement_arrives_as_data(label: str, value: str, key: str, file: str) -> None:
    label, value = "n" + label, "v" + value
    hidden, name = escape(value), escape(label)
    stem = "f" + "".join(char for char in file if char not in "/\\\0")[:30]
    words = {"value": quoted(value), "label": quoted(label), "key": quoted(key), "path": quoted(f"parts/{stem}.otter"), "comment": commented(value)}
    again = ' ${inner}"'  # what a `do` makes is named by what varies in it
    names = {"sub_name": quoted(f"sub {label}"), "inner": quoted(label)[:-1] + again, "note_name": quoted(f"note {label}")[:-1] + again}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "parts").mkdir()
        (Path(folder) / "parts" / f"{stem}.otter").write_text(PARTS.format(**words), encoding="utf-8", newline="")
        found = loaded(compiled(Path(folder), WHOLE.format(**words, **names)))
    one, two = found.steps
    assert list(two.requires) == ["one"]
    for given_value, chosen in ((value, "same"), (f"a {value}", "within"), ("other", "neither")):
        first = spread(one.classes, {"p1": given_value}).entries[0]
        assert first.name == f"note {chosen}"
    specs = {each.spec.name: each.spec for each in one.classes}
    assert specs["note same"].text == hidden
    assert (specs[f"sub {name}"].text, specs[f"sub {name}"].more) == (hidden, hidden)
    assert (specs[f"imported {name}"].text, specs[f"imported {name}"].requires) == (hidden, [f"sub {name}"])
    assert specs["group over"].text == hidden
    note, sub = specs["group over"].do
    assert (note.name, note.text) == (f"note {name} ${{inner}}", {escape(key): hidden})
    assert (sub.name, sub.text, sub.more, sub.requires) == (f"sub {name} ${{inner}}", hidden, hidden, [f"note {name} ${{inner}}"])


@MANY
@given(texts)
def test_text_in_the_name_of_a_file_arrives_as_data(name: str) -> None:
    stem = "f" + "".join(char for char in name if char not in "/\0")[:30]
    with tempfile.TemporaryDirectory() as folder:
        compilation = compiled(Path(folder), "step one { hello_world a {} }\n", stem)
        found = loaded(compilation)
        assert found.name == compilation.name == stem
        assert found.steps[0].places["HelloWorldA"].file == f"{stem}.otter"
        out = Path(folder) / "out"
        assert write(compilation, out) == ()
        assert os.listdir(out) == [compilation.folder]
        assert load_package(out / compilation.folder).name == stem
        assert compare(compilation, out) == ()


def test_a_file_whose_name_is_not_utf8_compiles(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.otter"
    Path(os.fsdecode(path)).write_text("step one { hello_world a {} }\n")
    compilation = compile_file(Path(os.fsdecode(path)))
    assert not compilation.has_errors, compilation.diagnostics
    assert write(compilation, tmp_path / "out") == ()
    assert loaded(compilation).steps[0].name == "one"


def test_a_megabyte_of_text_compiles(tmp_path: Path) -> None:
    text = '"\\\n{{' * 200_000
    assert len(text) == 1_000_000
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    compilation = compiled(tmp_path, f'step one {{ hello_world a {{ who = "{escaped}" }} }}\n')
    # Each module is checked for Black's form when it is written: that is not asked again here, of a megabyte.
    assert load_sources(compilation.files, compilation.folder).steps[0].classes[0].spec.who == text


@pytest.mark.parametrize("depth", [60, 150])
def test_constants_that_nest_deeper_than_python_reads_are_a_diagnostic(tmp_path: Path, depth: int) -> None:
    keys = "\n".join(f"  k{i} = [[k{i - 1}]]" if i else "  k0 = 1" for i in range(depth))
    path = tmp_path / "x.otter"
    path.write_text(f"scratchpad {{\n{keys}\n}}\nextern task note {{ text: any }}\nstep one {{ note a {{ text = k{depth - 1} }} }}\n")
    compilation = compile_file(path)
    if depth == 60:
        assert loaded(compilation).steps[0].name == "one"
    else:
        assert [each.code for each in compilation.diagnostics if each.severity.value == "error"] == ["OT008"]
        assert compilation.files == {}
