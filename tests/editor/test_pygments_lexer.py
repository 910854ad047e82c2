"""The Pygments lexer: no errors, no text lost, and the compiler's own opinion of what each token is."""

import pytest
from highlighting_samples import Expected, expected, parses, texts
from pygments import highlight
from pygments.formatters import NullFormatter
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename, guess_lexer
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String, _TokenType

from otterdsl.editor.pygments_lexer import OtterLexer

TEXTS = texts()
KINDS = {
    "comment": (Comment,),
    "string": (String,),
    "escape": (String.Escape,),
    "mark": (String.Interpol,),
    "number": (Number,),
    "keyword": (Keyword,),
    "operator": (Keyword, Operator.Word),
    "constant": (Keyword.Constant,),
    "name": (Name, Keyword.Type),
}


def tokens(text: str) -> list[tuple[int, _TokenType, str]]:
    return list(OtterLexer().get_tokens_unprocessed(text))


def wrong(text: str) -> list[tuple[Expected, str, str]]:
    """The parts that Pygments takes for something else; in a string that is all of one part, what is between the quotes is its own business."""
    kinds = [kind for _, kind, part in tokens(text) for _ in part]
    found = []
    for token in expected(text):
        part = kinds[token.start : token.end]
        seen = [part[0], part[-1]] if token.kind == "string" else part
        if not all(any(kind in wanted for wanted in KINDS[token.kind]) for kind in seen):
            found.append((token, text[token.start : token.end], str(part[0])))
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_is_lost_and_none_of_a_right_one_an_error(name: str) -> None:
    found = tokens(TEXTS[name])
    assert "".join(part for _, _, part in found) == TEXTS[name]
    if parses(TEXTS[name]):
        assert [(place, part) for place, kind, part in found if kind is Error] == []


@pytest.mark.parametrize("name", TEXTS)
def test_parts_agree_with_the_compiler(name: str) -> None:
    assert wrong(TEXTS[name]) == []


def test_a_name_is_not_a_keyword_because_it_begins_like_one() -> None:
    (_, kind, text), *_ = [token for token in tokens("param stepper: int") if token[2].startswith("step")]
    assert (kind, text) == (Name.Variable, "stepper")


def test_what_is_interpolated_is_an_expression() -> None:
    inner = [(kind, part) for _, kind, part in tokens("""step a { copy b { c = "x ${d.'e f'} $${g} \\n" } }""") if part.strip()]
    assert (String.Interpol, "${") in inner
    assert (Name, "d") in inner
    assert (String.Single, "'e f'") in inner
    assert (String.Escape, "$$") in inner
    assert (String.Escape, "\\n") in inner
    assert (Name, "g") not in inner


def test_an_unknown_escape_is_shown_as_an_error() -> None:
    assert [part for _, kind, part in tokens(r'import "a\q"') if kind is Error] == [r"\q"]


@pytest.mark.parametrize(
    "text", ['import "a', "import 'a", 'import "${', 'step a { copy "${b', 'x = """a', "x = '''a", "step {", "}}}", "=", "£", "", "\\"]
)
def test_a_text_that_does_not_parse_is_kept_whole(text: str) -> None:
    assert "".join(part for _, _, part in tokens(text)) == text


def test_an_unclosed_string_ends_with_its_line() -> None:
    found = [(kind, part) for _, kind, part in tokens('import "a ${b\nimport') if part.strip()]
    assert found[-1] == (Keyword.Namespace, "import")


def test_pygments_finds_the_lexer() -> None:
    assert isinstance(get_lexer_by_name("otter"), OtterLexer)
    assert isinstance(get_lexer_for_filename("pipeline.otter"), OtterLexer)
    assert isinstance(guess_lexer(TEXTS["examples/hello/hello.otter"]), OtterLexer)
    assert highlight("step a {}\n", get_lexer_by_name("otter"), NullFormatter()) == "step a {}\n"


@pytest.mark.parametrize(
    "text", ["def f(x):\n    return x\n", "task :default do\n  puts 1\nend\n", "steps:\n  - name: copy a\n", "resource x {\n}\n", ""]
)
def test_other_languages_are_not_taken_for_it(text: str) -> None:
    assert OtterLexer.analyse_text(text) == 0
