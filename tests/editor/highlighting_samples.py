"""What both highlighters are compared with: every `.otter` text of the project, and the tokens that the compiler's own grammar gives."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lark import Lark

ROOT = Path(__file__).resolve().parents[2]
GRAMMAR = ROOT / "grammar" / "otter.lark"

FILES = sorted([*ROOT.glob("examples/**/*.otter"), *ROOT.glob("tests/corpus/ok/**/*.otter")])

# Keywords where they are names, names that only begin like keywords, and every string form: what a highlighter gets wrong first.
HARD = r'''# a comment with "quotes" and ${no.interpolation}
pipeline step { pool_size = 8 "quoted key" = 1 }
use task.step.use
import "other.otter"
param requires: int? = -1
param stepper: list[str | int] = ["a", 1.5e-3,]
scratchpad {
  if = true
  for.in.as = 'raw ${not} \n'
  "a b" = { step = 1, "x" = [null] }
  nothing = null
}
task run extends validate {
  provides: list[Spec] provides [each, prefix]
  source: input | output = "x"
  step: str?
  extends = "y"
  run sh """
    echo "${source}" \${kept} $${escaped}
  """
  validate { exists(destination) not_empty(run, min = 1) }
}
task python_one {
  a: str
  run python """
    print(f"${a}", {'b': "c"})
  """
}
extern task from from task.as { in: str }
step 'raw label' {
  requires ["other step", step.'x y', if.else]
  for each in species as for {
    copy "${each} of ${copy.'x y'.step}" {
      requires [homology]
      step = each
      if = in
      not_in = not nothing not in other
      requires = ["a"]
      do { copy inner { a = '' b = "" } }
      trueish = truest == true or false and nullable != null
    }
  }
  if not with_x and (pool in [1, 2]) { run inner { } } else if a == "x" { requires [b] } else { copy ok {} }
  explode "" { do { if each == "\u{1F9A6} \" \\" { copy "x" { a = """
      two lines ${ each } and "quotes"
      """ b = \'\'\'raw
      ${this}\'\'\' } } } }
}
step explode { explode step { step = step } }
'''.replace("\\'", "'")


class Expected(NamedTuple):
    """A token: its place in code points, and what it is: comment, string, number, keyword, word (`and`, `or`, `not`, `in`), constant or name."""

    start: int
    end: int
    kind: str


WORDS = {"and", "or", "not", "in"}
CONSTANTS = {"true", "false", "null"}


@cache
def _grammar() -> Lark:
    return Lark(GRAMMAR.read_text(encoding="utf-8"), start="module", parser="lalr")


def expected(text: str) -> list[Expected]:
    """The tokens of a text that parses, and its comments, in order."""
    found: list[Expected] = []
    end = 0
    parser = _grammar().parse_interactive(text)
    for token in parser.iter_parse():
        assert token.start_pos is not None
        assert token.end_pos is not None
        found += _comments(text, end, token.start_pos)
        end = token.end_pos
        if kind := _kind(token.type, str(token)):
            found.append(Expected(token.start_pos, token.end_pos, kind))
    parser.feed_eof()
    return [*found, *_comments(text, end, len(text))]


def _comments(text: str, start: int, end: int) -> list[Expected]:
    return [Expected(start + hit.start(), start + hit.end(), "comment") for hit in re.finditer(r"#[^\n]*", text[start:end])]


def _kind(terminal: str, text: str) -> str | None:
    match terminal:
        case "STRING" | "NUMBER":
            return terminal.lower()
        case "NAME" | "LEAD":
            return "name"
        case _ if text in WORDS:
            return "word"
        case _ if text in CONSTANTS:
            return "constant"
        case _ if text.isalpha():
            return "keyword"
        case _:
            return None


def texts() -> dict[str, str]:
    """Every text, by the name that its test goes by."""
    files = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8-sig") for path in FILES}
    return {"hard": HARD, **files}
