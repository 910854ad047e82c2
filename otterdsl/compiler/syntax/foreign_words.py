"""Help for words that are right in other languages, and for names that are none here.

In: a word. Out: the line of help that says what is written instead. What is absent: where such a word stands, and that it is wrong.
"""

import re
from collections.abc import Mapping
from typing import Final

NAME_RULE: Final = "a name is made of the letters A to Z, digits and `_`"
WAITS: Final = frozenset({"depends_on", "depends", "dependencies", "needs"})  # what others call `requires`
LOOPS: Final = frozenset({"for_each", "foreach", "count", "loop", "with_items", "scatter"})  # what others call a loop over a task
WAITS_HELP: Final = "what must come first stands in `requires [ … ]`"

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DECLARATIONS: Final = "the declarations are `pipeline`, `use`, `import`, `param`, `scratchpad`, `task`, `extern task` and `step`"
_CONSTANT: Final = "constants stand in `scratchpad { NAME = … }`"
_PARAM: Final = "what a run may set is a `param NAME: TYPE`"
_STEP: Final = "tasks stand in a `step NAME { … }`"
_MEANT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("let", "const", "constant", "constants", "var", "val", "def", "define", "local", "locals", "set", "vars"), _CONSTANT),
    **dict.fromkeys(("variable", "variables", "parameter", "parameters", "params", "arg", "argument", "input"), _PARAM),
    **dict.fromkeys(("stage", "job", "workflow", "process", "rule", "group", "steps", "target"), _STEP),
    **dict.fromkeys(("include", "source", "load", "from", "require"), '`import "FILE.otter"` reads another file'),
    **dict.fromkeys(("type", "template", "class", "struct", "macro", "function", "fn", "func"), "a task type is `task NAME extends BASE { … }`"),
    **dict.fromkeys(("config", "settings", "options"), "settings stand in `pipeline NAME { … }`"),
    **dict.fromkeys(("resource", "module", "data", "provider", "output", "terraform"), _DECLARATIONS),
}


def is_name(text: str) -> bool:
    """Whether a text is a name as it stands."""
    return _NAME.fullmatch(text) is not None


def name_help(text: str) -> str:
    """What to say of a text that stands where only a name can, with the name that is nearest to it."""
    if is_name(text):
        return "write it without quotes"
    near = re.sub(r"[^A-Za-z0-9_]+", "_", text) if text.isascii() and "$" not in text else ""
    near = f"_{near}" if near[:1].isdigit() else near
    return f"{NAME_RULE}: `{near}`" if is_name(near) and near.strip("_") and len(near) <= 60 else NAME_RULE


def foreign_declaration(word: str) -> bool:
    """Whether a word begins a declaration in other languages."""
    return word in _MEANT


def declaration_help(word: str) -> str:
    """What declaration is meant by a word that begins none; all of them where that cannot be told."""
    return _MEANT.get(word, _DECLARATIONS)


def task_help(name: str) -> str:
    """What to say of a task whose name is given as YAML has it, its type and its label in one; empty where that is no name."""
    kind, _, label = " ".join(name.split()).partition(" ")
    if not is_name(kind) or len(label) > 60 or '"' in label or "'" in label:
        return ""
    shown = label if is_name(label) else f'"{label}"'
    return f"a task is written `{kind} {shown} {{ … }}`"
