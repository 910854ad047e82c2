"""Names as they are written: bare where the tree has a NAME that reads as one, else quoted. In: names and labels of the tree. Out: text.

Keywords need no quotes where a label or a key stands: the language reads any word there as a name. What is absent: names that nothing could quote
(task types, fields, variables), which are written as they are.
"""

import re

from otterdsl.compiler.format import strings
from otterdsl.compiler.syntax import ast

_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")
# What begins a declaration does so after a value too, unless `=` follows.
_DOTTED = re.compile(r"(?!(?:pipeline|use|import|param|scratchpad|task|extern|step)\.)[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


def name_text(name: ast.Name) -> str:
    """A label that is a name."""
    return name.text if _NAME.fullmatch(name.text) else strings.line([(name.text, False)])


def dotted_text(name: ast.Name) -> str:
    """The key of a scratchpad, whose dots are its own."""
    return name.text if _DOTTED.fullmatch(name.text) else strings.line([(name.text, False)])
