"""What analysis says of a pipeline, said of YAML. In: a diagnostic. Out: the same, its words and fixes made for who writes YAML.

Analysis speaks the language of `.otter` files: it shows how to write a reference, where a block begins, what may be quoted. What of that is no YAML
is put otherwise here, or left out. What is absent: places; those are in the YAML already.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from otterdsl.compiler.source.diagnostic import Diagnostic, Fix
from otterdsl.compiler.source.nearest import nearest
from otterdsl.compiler.source.text import SourceText
from otterdsl.convert.strings import is_name

DECLARE: Final = "`--tasks PACKAGE` names a package of task types, `--schema FILE.otter` a file that declares some"
_TASKS: Final = "write a list of tasks, each a map with a `name`"

_EVERY: Final = ("requires", "scratchpad_ignore_missing")  # fields of every task

# Texts of messages, labels and helps, by the code that they come with ("" is any): what is put in their place. The first that is found counts, alone.
_PUT: Final[tuple[tuple[str, str, str], ...]] = (
    ("OT201", r"`use` the package that has it, or describe it with `extern task`", DECLARE),
    ("OT203", r"no (?:step, )?task or group", "no task"),
    ("OT203", r"not a task or group", "not a task"),
    ("OT203", r"a reference sees its own step, and `requires` in a step's block waits for another", "a task can require those of its own step alone"),
    ("OT203", r"write this `requires` right below `step … \{`", "a task can require those of its own step alone"),
    ("OT203", r"did you mean `([A-Za-z_][A-Za-z0-9_]*)\.(?:'([^']*)'|([A-Za-z0-9_]+))`\?", r"did you mean `\1 \2\3`?"),
    ("OT204", r"write `requires \[\.\.\.\]`", "write `requires:`, and below it a list of names"),
    ("OT207", r"give one of them another label|names are unique under an `if` too: give one another label", "give one of them another name"),
    ("OT207", r"give the loop's variable another name", "give one of them another `each_placeholder`"),
    ("OT211", r"into the label", "into the name"),
    ("OT211", r"say more in the label", "say more in the name"),
    ("OT301", r"write `([A-Za-z_][A-Za-z0-9_]*) \{ … \}`", _TASKS),
    ("OT307", r"a label is made of constants, loop variables and params", "a name is made of what the scratchpad and exploders fill in"),
    ("OT409", r"write it in one step, and let the others require that", "write it in one step alone: steps of a configuration do not wait"),
    ("OT501", r"no param, constant, variable or stored key is called so", "neither the scratchpad nor a task of this step has such a key"),
    ("OT502", r"say so in the type: `(.*)`", r"say so where the type is declared: `\1`"),
    ("OT503", r"give it a plain key: `([A-Za-z_][A-Za-z0-9_]*) = \"…\"`", r"give it a plain key: `\1: …`"),
    ("", r"what must come first stands in `requires \[ … \]`", "what must come first stands in `requires`"),
    ("", r"write(?: it)? `requires \[([^]`]*)\]`", r"write `\1` into its `requires`"),
)


def for_yaml(diagnostics: tuple[Diagnostic, ...], source: SourceText, groups: Mapping[str, Mapping[str, str]]) -> tuple[Diagnostic, ...]:
    """The diagnostics as they are said of a configuration. `groups` are each step's loops with the names of their explodes."""
    return tuple(dict.fromkeys(_one(each, source, groups) for each in diagnostics))


def _one(diagnostic: Diagnostic, source: SourceText, groups: Mapping[str, Mapping[str, str]]) -> Diagnostic:
    if diagnostic.where != source.file:
        return diagnostic
    code = diagnostic.code
    mend = _base_field(diagnostic) or _exploded(_put(code, diagnostic.help), groups) or _nearest(diagnostic, groups)
    found = replace(
        diagnostic,
        message=_put(code, diagnostic.message),
        label=_put(code, diagnostic.label),
        help=mend,
        fixes=tuple(_fixes(diagnostic, source)),
    )
    if found.span is not None and found.span[1:] == (0, 0) and code in ("OT207", "OT210", "OT212"):
        # What is wrong with a package that the command line names has no place in the file.
        return replace(found, span=None, label="", related=())
    return found


def _put(code: str, text: str) -> str:
    for of, pattern, instead in _PUT:
        if text and of in ("", code):
            changed = re.sub(pattern, instead, text)
            if changed != text:
                return changed
    return text


def _exploded(text: str, groups: Mapping[str, Mapping[str, str]]) -> str:
    """A help that means a loop, saying the name of its explode."""
    meant = re.fullmatch(r"did you mean `(.*)`\?", text)
    full = next((of_step[meant[1]] for of_step in groups.values() if meant[1] in of_step), None) if meant else None
    return f"did you mean `{full}`?" if full else text


def _nearest(diagnostic: Diagnostic, groups: Mapping[str, Mapping[str, str]]) -> str:
    """The help for an explode that there is not, where one is called nearly so."""
    missing = re.match(r"no task `(explode [^`]*)` in step `([^`]*)`", diagnostic.message)
    near = nearest(missing[1], sorted(groups.get(missing[2], {}).values())) if missing and diagnostic.code == "OT203" else None
    return f"did you mean `{near}`?" if near else ""


def _base_field(diagnostic: Diagnostic) -> str:
    """The help for a field that is called nearly as one that every task has, and as none of its own."""
    unknown = re.match(r"unknown field `([^`]*)`", diagnostic.message) if diagnostic.code == "OT204" else None
    if unknown is None or diagnostic.help.startswith("did you mean"):
        return ""
    near = nearest(unknown[1], _EVERY)
    return f"did you mean `{near}`?" if near else ""


def _fixes(diagnostic: Diagnostic, source: SourceText) -> Iterator[Fix]:
    """Those that put one name in the place of another: these are YAML too."""
    for fix in diagnostic.fixes:
        if all(is_name(edit.text) and is_name(source.text[edit.span.start : edit.span.end]) for edit in fix.edits):
            yield fix
