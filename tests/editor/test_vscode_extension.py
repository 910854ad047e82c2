"""The VS Code extension: what `make vscode` builds can be installed, and holds the grammar that the other tests hold to the compiler."""

import importlib.util
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from shutil import which
from xml.etree import ElementTree as ET

import pytest
from highlighting_samples import ROOT, parses

import otterdsl

VSCODE = ROOT / "grammar" / "vscode"
NAMESPACE = {"v": "http://schemas.microsoft.com/developer/vsx-schema/2011"}


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    spec = importlib.util.spec_from_file_location("build_vscode", VSCODE / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    output = tmp_path_factory.mktemp("vscode") / "otterdsl.vsix"
    build.build(output)
    return zipfile.ZipFile(output)


def read(extension: zipfile.ZipFile, name: str) -> str:
    return extension.read(f"extension/{name}").decode()


def test_it_is_what_an_editor_installs(extension: zipfile.ZipFile) -> None:
    manifest = ET.fromstring(extension.read("extension.vsixmanifest"))
    identity = manifest.find("v:Metadata/v:Identity", NAMESPACE)
    assert identity is not None
    assert (identity.get("Publisher"), identity.get("Id"), identity.get("Version")) == ("otterdsl", "otterdsl", otterdsl.__version__)
    files = {info.filename for info in extension.infolist()}
    assert "[Content_Types].xml" in files
    assert not [name for name in files if "node_modules" in name or name.endswith(".py")]


def test_every_file_that_it_names_is_in_it(extension: zipfile.ZipFile) -> None:
    contributes = json.loads(read(extension, "package.json"))["contributes"]
    paths = [contributes["languages"][0]["configuration"], contributes["grammars"][0]["path"], contributes["snippets"][0]["path"]]
    assert [json.loads(read(extension, path.removeprefix("./"))) != {} for path in paths] == [True, True, True]
    grammar = json.loads(read(extension, "syntaxes/otter.tmLanguage.json"))
    assert grammar == json.loads((ROOT / "grammar" / "textmate" / "otter.tmLanguage.json").read_text(encoding="utf-8"))
    assert contributes["grammars"][0]["scopeName"] == grammar["scopeName"]


def test_embedded_languages_are_scopes_of_the_grammar(extension: zipfile.ZipFile) -> None:
    embedded = json.loads(read(extension, "package.json"))["contributes"]["grammars"][0]["embeddedLanguages"]
    grammar = read(extension, "syntaxes/otter.tmLanguage.json")
    assert [scope for scope in embedded if scope not in grammar] == []


LINES = {
    "step a {": "increase",
    "step a { # why": "increase",
    "  requires [": "increase",
    "  }": "decrease",
    "  ]": "decrease",
    'copy a { source = "x" }': "",
    "# a {comment}": "",
    "": "",
}


def test_lines_are_indented_as_blocks_stand(extension: zipfile.ZipFile) -> None:
    rules = json.loads(read(extension, "language-configuration.json"))["indentationRules"]
    node = which("node") or which("node", path=str(Path(sys.executable).parent))
    assert node is not None
    script = """
      const [rules, lines] = JSON.parse(require("fs").readFileSync(0, "utf8"));
      const [more, less] = [new RegExp(rules.increaseIndentPattern), new RegExp(rules.decreaseIndentPattern)];
      process.stdout.write(JSON.stringify(lines.map((line) => (more.test(line) ? "increase" : less.test(line) ? "decrease" : ""))));
    """
    done = subprocess.run([node, "-e", script], input=json.dumps([rules, list(LINES)]), capture_output=True, text=True)
    assert json.loads(done.stdout) == list(LINES.values())


def text_of(snippet: dict[str, list[str]]) -> str:
    """What an editor puts in, each place with what it proposes."""
    text = "\n".join(snippet["body"]).replace("$0", "").replace("\\$", "\0")
    text = re.sub(r"\$\{\d\|([^,|]*)[^}]*\}", r"\1", text)
    return re.sub(r"\$\{\d:([^}]*)\}", r"\1", text).replace("\0", "$")


def test_snippets_parse(extension: zipfile.ZipFile) -> None:
    snippets = json.loads(read(extension, "snippets/otter.json"))
    assert len({each["prefix"] for each in snippets.values()}) == len(snippets)
    for snippet in snippets.values():
        text = text_of(snippet)
        whole = text if text.startswith(("pipeline", "step", "param", "task")) else f"step a {{\n{text}\n}}"
        assert parses(whole), whole
