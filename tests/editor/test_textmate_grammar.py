"""The TextMate grammar, in VS Code's own engine: what the compiler calls a keyword, string, number, constant or comment is scoped as one."""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from shutil import which

import pytest
from highlighting_samples import HARD, ROOT, Expected, expected, parses, texts

from otterdsl.editor.build_textmate import SOURCE, built
from otterdsl.editor.words import WORDS

HERE = Path(__file__).parent
GRAMMAR = ROOT / "grammar" / "textmate" / "otter.tmLanguage.json"
TEXTS = texts()
KEYWORDS = ("keyword.declaration", "keyword.control")
SCOPES = {
    "comment": ("comment.line.number-sign",),
    "string": ("string.quoted",),
    "escape": ("constant.character.escape",),
    "mark": ("punctuation.section.interpolation",),
    "number": ("constant.numeric",),
    "keyword": KEYWORDS,
    "operator": ("keyword.operator.word", "keyword.control"),
    "constant": ("constant.language",),
    "name": ("variable.", "entity.", "support."),
}


def tokenize(sources: list[str]) -> list[list[tuple[int, int, list[str]]]]:
    """The scopes of each text. Fails, and says how to mend it, where the engine is not installed."""
    node = which("node") or which("node", path=str(Path(sys.executable).parent))
    assert node, "Node.js is needed to test the TextMate grammar: `make test` gets it"
    assert (HERE / "node_modules" / "vscode-textmate").is_dir(), "the TextMate engine is missing: npm ci --prefix tests/editor"
    done = subprocess.run(
        [node, HERE / "tokenize.cjs", GRAMMAR], input=json.dumps(sources), capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return [[(start, end, scopes) for start, end, scopes in text] for text in json.loads(done.stdout)]


@cache
def all_scopes() -> dict[str, list[list[str]]]:
    """The scopes at each code point of each text: one run of the engine for all of them."""
    found = {}
    for name, parts in zip(TEXTS, tokenize(list(TEXTS.values())), strict=True):
        places: list[list[str]] = [[] for _ in TEXTS[name]]
        for start, end, scopes in parts:
            places[start:end] = [scopes] * (end - start)
        found[name] = places
    return found


def scopes_at(text: str, part: str) -> list[str]:
    """The scopes of the first place where `part` stands in `text`."""
    place = text.index(part)
    return next(scopes for start, end, scopes in tokenize([text])[0] if start <= place < end)


def fits(token: Expected, scopes: list[str]) -> bool:
    wanted = SCOPES[token.kind]
    # A string's scope holds for what is interpolated too; the last scope tells what a word is.
    seen = scopes if token.kind in ("string", "comment") else scopes[-1:]
    return any(scope.startswith(wanted) for scope in seen)


@pytest.mark.parametrize("name", TEXTS)
def test_scopes_agree_with_the_compiler(name: str) -> None:
    places, text = all_scopes()[name], TEXTS[name]
    wrong = [
        (token, text[place], places[place])
        for token in expected(text)
        for place in range(token.start, token.end)
        if not text[place].isspace() and not fits(token, places[place])
    ]
    assert wrong == []


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if parses(text)])
def test_nothing_of_a_right_text_is_invalid(name: str) -> None:
    assert [scopes for scopes in all_scopes()[name] if any(scope.startswith("invalid") for scope in scopes)] == []


@pytest.mark.parametrize(
    ("part", "scope"),
    [
        ("${each}", "punctuation.section.interpolation.begin.otter"),
        ("$${escaped}", "constant.character.escape.otter"),
        ('\\" \\\\', "constant.character.escape.otter"),
        ("copy inner", "entity.name.type.otter"),
        ("inner { a", "entity.name.label.otter"),
        ("Spec]", "support.type.otter"),
        ("== ", "keyword.operator.comparison.otter"),
        ("'raw ${not}", "punctuation.definition.string.begin.otter"),
        ("${not}", "string.quoted.single.otter"),
    ],
)
def test_parts_have_the_scope_that_themes_colour(part: str, scope: str) -> None:
    assert scopes_at(HARD, part)[-1] == scope


def test_what_is_interpolated_is_an_expression() -> None:
    assert "meta.embedded.line.otter" in scopes_at(HARD, "each} of")
    assert scopes_at(HARD, "each} of")[-1] == "variable.other.otter"


def test_python_is_left_to_the_grammar_of_python() -> None:
    assert "meta.embedded.block.python" in scopes_at(HARD, "print(f")
    assert not any("interpolation" in scope for scope in scopes_at(HARD, "${a}"))


@pytest.mark.parametrize("open_text", ['import "a', "import 'a", 'import "${b', 'step a { copy "${b { }'])
def test_an_unclosed_string_ends_with_its_line(open_text: str) -> None:
    assert scopes_at(f"{open_text}\nstep later {{}}\n", "later")[-1] in (
        "entity.name.section.otter",
        "entity.name.type.otter",
        "entity.name.label.otter",
    )


@pytest.mark.parametrize(
    "open_text", ["step a {", "task a {", "step", "task a extends", "extern task a {", "scratchpad {", "pipeline a", "step a { copy b"]
)
def test_a_declaration_that_is_left_open_does_not_colour_the_next(open_text: str) -> None:
    text = f"{open_text}\nstep later {{}}\n"
    assert any(scope.startswith(KEYWORDS) for scope in scopes_at(text, "step later"))


def test_what_is_built_is_what_the_source_says() -> None:
    source = GRAMMAR.with_name(SOURCE).read_text(encoding="utf-8")
    assert GRAMMAR.read_text(encoding="utf-8") == built(source), "python -m otterdsl.editor.build_textmate"
    written = [word for word in WORDS.values() if re.search(rf"[(|\\b]{word}[)|\\]", source)]
    assert written == [], "a keyword is written in the grammar alone"


def test_a_shell_body_is_left_to_the_grammar_of_shells() -> None:
    assert "meta.embedded.block.shellscript" in scopes_at(HARD, "echo")
    assert scopes_at(HARD, "${source}")[-1] == "punctuation.section.interpolation.begin.otter"


def test_the_grammar_is_what_editors_expect() -> None:
    grammar = json.loads(GRAMMAR.read_text(encoding="utf-8"))
    assert (grammar["scopeName"], grammar["fileTypes"], grammar["name"]) == ("source.otter", ["otter"], "Otter")
