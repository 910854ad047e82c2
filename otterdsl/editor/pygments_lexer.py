"""Highlighting for Pygments (Sphinx, the docs, `pygmentize`). In: text. Out: Pygments' tokens.

The states follow the grammar's places, because most keywords are names elsewhere: `step` begins a declaration at the top of a file, is a
field before `=` or `:`, and a label after `copy`. What is absent: diagnostics; a text that does not parse is coloured as far as it can be.
"""

import re
from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups, default, include, using, words
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from otterdsl.editor.words import WORDS, constants, operators

by_groups: Any = bygroups  # both come without types
embedded: Any = using

NAME = r"[A-Za-z_][A-Za-z0-9_]*\b"
GAP = r"(?:\s|#[^\n]*\n)*"  # what may stand between two tokens
IS_NAME = rf"(?!{GAP}(?:=(?!=)|:))"  # a keyword before a single `=` or a `:` is a name
IS_KEY = rf"(?={GAP}=(?!=))"
NO_NAMES = "|".join((*constants(), WORDS["NOT"]))  # keywords that begin an expression


def _keyword(terminal: str) -> str:
    return rf"{WORDS[terminal]}\b{IS_NAME}"


def _quoted(close: str, kind: Any) -> list[Any]:
    """The inside of a string with escapes and `${…}`. Only a string of three quotes goes on after the end of a line."""
    one_line = [(r"(?=\n)", String, "#pop")] if len(close) == 1 else []
    return [
        (close, kind, "#pop"),
        *one_line,
        (r"\$\$(?=\{)", String.Escape),
        (r"\$\{", String.Interpol, f"interpolation-{len(close)}"),
        (r'\\(?:["\\nt$]|u\{[0-9A-Fa-f]{1,6}\})', String.Escape),
        (r"\\(?!\n).", Error),
        (r'[^"\\$\n]+|["\\$]|\n' if len(close) == 3 else r'[^"\\$\n]+|[\\$]', kind),
    ]


class OtterLexer(RegexLexer):
    """A lexer for `.otter` files."""

    name = "Otter"
    aliases: ClassVar[list[str]] = ["otter"]
    filenames: ClassVar[list[str]] = ["*.otter"]
    mimetypes: ClassVar[list[str]] = ["text/x-otter"]
    flags = re.MULTILINE

    tokens: ClassVar[dict[str, list[Any]]] = {
        # ---------------------------------------------------------------- the top of a file
        "root": [
            include("gap"),
            (_keyword("PIPELINE"), Keyword.Declaration, ("attributes-open", "declared")),
            (_keyword("USE"), Keyword.Namespace, "dotted"),
            (_keyword("IMPORT"), Keyword.Namespace),
            (_keyword("PARAM"), Keyword.Declaration, ("typed", "declared")),
            (_keyword("SCRATCHPAD"), Keyword.Declaration, "map-open"),
            (_keyword("TASK"), Keyword.Declaration, ("type-open", "task-name")),
            (_keyword("EXTERN"), Keyword.Declaration, ("type-open", "extern-task")),
            (_keyword("STEP"), Keyword.Declaration, ("block-open", "label")),
            include("expression"),
        ],
        "gap": [(r"\s+", Whitespace), (r"#[^\n]*", Comment.Single)],
        "declared": [include("gap"), (NAME, Name.Variable, "#pop"), default("#pop")],
        "dotted": [include("gap"), (rf"{NAME}(?=[ \t]*\.)", Name.Namespace), (r"\.", Punctuation), (NAME, Name.Namespace, "#pop"), default("#pop")],
        "label": [include("gap"), include("string-pop"), (NAME, Name.Label, "#pop"), default("#pop")],
        "attributes-open": [include("gap"), (r"\{", Punctuation, ("#pop", "body")), default("#pop")],
        # ---------------------------------------------------------------- task types
        "task-name": [include("gap"), (NAME, Name.Class, ("#pop", "extends")), default("#pop")],
        "extends": [include("gap"), (_keyword("EXTENDS"), Keyword.Declaration, ("#pop", "base")), default("#pop")],
        "base": [include("gap"), (NAME, Name.Class, "#pop"), default("#pop")],
        "extern-task": [include("gap"), (_keyword("TASK"), Keyword.Declaration, ("#pop", "extern-name")), default("#pop")],
        "extern-name": [include("gap"), (NAME, Name.Class, ("#pop", "from")), default("#pop")],
        "from": [include("gap"), (_keyword("FROM"), Keyword.Namespace, ("#pop", "dotted")), default("#pop")],
        "type-open": [include("gap"), (r"\{", Punctuation, ("#pop", "type-body")), default("#pop")],
        "type-body": [
            include("gap"),
            (r"\}", Punctuation, "#pop"),
            (_keyword("RUN"), Keyword.Declaration, "language"),
            (_keyword("VALIDATE"), Keyword.Declaration, "calls-open"),
            (_keyword("PROVIDES"), Keyword),
            (rf"{NAME}(?={GAP}:)", Name.Attribute, "typed"),
            include("assigned"),
            include("expression"),
        ],
        "typed": [include("gap"), (":", Punctuation, ("#pop", "type")), default("#pop")],
        "type": [include("gap"), (NAME, Keyword.Type, ("#pop", "type-rest")), default("#pop")],
        "type-rest": [
            include("gap"),
            (r"\[", Punctuation, ("type-close", "type")),
            (r"\?", Operator),
            (r"\|", Operator, ("#pop", "type")),
            default("#pop"),
        ],
        "type-close": [include("gap"), (r"\]", Punctuation, "#pop"), default("#pop")],
        "language": [
            include("gap"),
            (r"python\b", Name.Builtin, ("#pop", "python")),
            (NAME, Name.Builtin, "#pop"),
            default("#pop"),
        ],
        # Python's text is its own: neither `${…}` nor escapes mean anything in it.
        "python": [
            include("gap"),
            (r'(""")((?:[^"\\]|\\.|\\\n|"(?!""))*)("""|\Z)', by_groups(String.Double, embedded(PythonLexer), String.Double), "#pop"),
            (r"(''')((?:[^']|'(?!''))*)('''|\Z)", by_groups(String.Single, embedded(PythonLexer), String.Single), "#pop"),
            (r'"(?:[^"\\\n]|\\.)*"?', String.Double, "#pop"),
            (r"'[^'\n]*'?", String.Single, "#pop"),
            default("#pop"),
        ],
        "calls-open": [include("gap"), (r"\{", Punctuation, ("#pop", "calls")), default("#pop")],
        "calls": [include("gap"), (r"\}", Punctuation, "#pop"), include("expression")],
        # ---------------------------------------------------------------- blocks
        "block-open": [include("gap"), (r"\{", Punctuation, ("#pop", "block")), default("#pop")],
        "block": [
            include("gap"),
            (r"\}", Punctuation, "#pop"),
            (_keyword("REQUIRES"), Keyword, "targets-open"),
            (_keyword("FOR"), Keyword, ("head", "for-in", "declared")),
            (_keyword("IF"), Keyword, "head"),
            (_keyword("ELSE"), Keyword, "else"),
            (NAME, Name.Class, ("attributes-open", "label")),
            include("expression"),
        ],
        "else": [include("gap"), (_keyword("IF"), Keyword, ("#pop", "head")), (r"\{", Punctuation, ("#pop", "block")), default("#pop")],
        "for-in": [include("gap"), (rf"{WORDS['IN']}\b", Keyword, ("#pop", "operand")), default("#pop")],
        "head": [
            include("gap"),
            (r"\{", Punctuation, ("#pop", "block")),
            (r"\}", Punctuation, "#pop"),
            (_keyword("AS"), Keyword, "label"),
            include("expression"),
        ],
        "targets-open": [include("gap"), (r"\[", Punctuation, ("#pop", "targets")), default("#pop")],
        "targets": [include("gap"), (r"\]", Punctuation, "#pop"), (r"\.", Punctuation, "label"), include("string"), (NAME, Name), (",", Punctuation)],
        "body": [
            include("gap"),
            (r"\}", Punctuation, "#pop"),
            (_keyword("REQUIRES"), Keyword, "targets-open"),
            (rf"{NAME}(?={GAP}\{{)", Name.Attribute, "block-open"),
            include("assigned"),
            include("expression"),
        ],
        # ---------------------------------------------------------------- expressions
        "assigned": [(rf"{NAME}(?:\.{NAME})*{IS_KEY}", Name.Attribute)],
        "map-open": [include("gap"), (r"\{", Punctuation, ("#pop", "map")), default("#pop")],
        "map": [include("gap"), (r"\}", Punctuation, "#pop"), include("assigned"), include("expression")],
        "operand": [  # where most keywords can only be names
            include("gap"),
            (r"\{", Punctuation, ("#pop", "map")),
            (rf"(?!(?:{NO_NAMES})\b){NAME}(?!{GAP}\()", Name, "#pop"),
            default("#pop"),
        ],
        "bracketed": [include("gap"), (r"[\])]", Punctuation, "#pop"), (rf"{NAME}{IS_KEY}", Name.Attribute), include("expression")],
        "expression": [
            include("string"),
            (rf"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!{NAME})", Number),
            (words(constants(), suffix=rf"\b{IS_NAME}"), Keyword.Constant),
            (words(operators(), suffix=rf"\b{IS_NAME}"), Operator.Word),
            (rf"{NAME}(?={GAP}\()", Name.Function),
            (NAME, Name),
            (r"\.", Punctuation, "label"),
            (r"==|!=|<=|>=|[<>]", Operator),
            (r"=", Operator, "operand"),
            (r"[(\[]", Punctuation, "bracketed"),
            (r"\{", Punctuation, "map"),
            (r"[)\]},:]", Punctuation),
            (r"[?|]", Operator),
        ],
        # ---------------------------------------------------------------- strings
        "string": [
            (r"'''(?:[^']|'(?!''))*(?:'''|\Z)", String.Single),
            (r"'[^'\n]*'?", String.Single),
            (r'"""', String.Double, "triple"),
            (r'"', String.Double, "double"),
        ],
        "string-pop": [
            (r"'''(?:[^']|'(?!''))*(?:'''|\Z)", String.Single, "#pop"),
            (r"'[^'\n]*'?", String.Single, "#pop"),
            (r'"""', String.Double, ("#pop", "triple")),
            (r'"', String.Double, ("#pop", "double")),
        ],
        "double": _quoted('"', String.Double),
        "triple": _quoted('"""', String.Double),
        # A `"` ends the string even here, as the language has it: names with spaces stand in '…'.
        "interpolation-1": [(r"\}", String.Interpol, "#pop"), (r'(?=["\n])', String, "#pop"), include("gap"), include("expression")],
        "interpolation-3": [(r"\}", String.Interpol, "#pop"), (r'(?=""")', String, "#pop"), include("gap"), include("expression")],
    }

    @staticmethod
    def analyse_text(text: str) -> float:
        """How surely `text` is of this language: its declarations at the beginning of a line are hardly those of another."""
        found = re.findall(r"^(?:(scratchpad)\s*\{|(pipeline|extern task|task|step)\s+[\w\"'][^\n]*\{|(param)\s+\w+\s*:)", text, re.MULTILINE)
        return min(1.0, 0.3 * len(set(found)))
