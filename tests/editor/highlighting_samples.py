"""What both highlighters are compared with: every `.otter` text of the project, right or wrong, and what the compiler takes each part of it for."""

from pathlib import Path
from typing import NamedTuple

from otterdsl.compiler.source.text import SourceText, decode
from otterdsl.compiler.syntax.classify import Kind, classify
from otterdsl.compiler.syntax.parse import parse

ROOT = Path(__file__).resolve().parents[2]

FILES = sorted([*ROOT.glob("examples/**/*.otter"), *ROOT.glob("tests/corpus/**/*.otter"), *ROOT.glob("otterdsl/cli/skeleton/*.otter")])

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
task python_raw { a: str run python \'\'\'
    text = """${a} \x""" # step
  \'\'\' }
task sh_raw { a: str run sh \'\'\'
    echo "${a}" | step \x
  \'\'\' }
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
    """A part of a text, its place in code points, and what the compiler takes it for."""

    start: int
    end: int
    kind: Kind


def expected(text: str) -> list[Expected]:
    """The parts of a text up to its first mistake of syntax; what is no more than punctuation is left out."""
    return [Expected(*part) for part in classify(text) if part.kind != "punctuation"]


def parses(text: str) -> bool:
    """Whether the compiler finds no mistake of syntax in a text."""
    return not parse(SourceText("text", "text", text)).diagnostics


def texts() -> dict[str, str]:
    """Every text as the compiler reads it, by the name that its test goes by. What is no text at all is not there."""
    read = {str(path.relative_to(ROOT)): decode(str(path), str(path), path.read_bytes()).value for path in FILES}
    return {"hard": HARD, **{name: source.text for name, source in read.items() if source is not None}}
