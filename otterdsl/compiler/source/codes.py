"""The codes of diagnostics: for each its severity and a short title. A code's meaning never changes once released.

0xx lexing and files, 1xx syntax, 2xx names and fields, 3xx types, 4xx order and data, 5xx placeholders, 6xx generation,
7xx runtime, 9xx lint and what is not supported yet.
"""

from collections.abc import Mapping
from typing import NamedTuple

from otterdsl.compiler.source.diagnostic import Severity

E, W = Severity.ERROR, Severity.WARNING


class Code(NamedTuple):
    """What is fixed about a code: how severe it is, and its title."""

    severity: Severity
    title: str


CODES: Mapping[str, Code] = {
    "OT001": Code(E, "a file that cannot be read"),
    "OT002": Code(E, "text that is not UTF-8"),
    "OT003": Code(E, "a NUL or another control character in the text"),
    "OT004": Code(E, "an unclosed string"),
    "OT005": Code(E, "an unknown escape"),
    "OT006": Code(E, "an interpolation that is not an expression"),
    "OT007": Code(E, "a character that starts nothing"),
    "OT008": Code(E, "nested too deeply, or too large"),
    "OT009": Code(E, "YAML that cannot be read"),
    "OT101": Code(E, "something else was expected here"),
    "OT102": Code(E, "an unclosed block, bracket or parenthesis"),
    "OT103": Code(E, "a closing bracket that nothing opens"),
    "OT104": Code(E, "a misspelled keyword"),
    "OT105": Code(E, "a declaration inside a block"),
    "OT106": Code(E, "a shell script that cannot be parsed"),
    "OT107": Code(E, "Python that cannot be parsed"),
    "OT108": Code(E, "a value where the shell would read more than a value"),
    "OT109": Code(E, "a statement that a body cannot hold"),
    "OT201": Code(E, "an unknown task type"),
    "OT202": Code(E, "an unknown name"),
    "OT203": Code(E, "an unknown step, task or group"),
    "OT204": Code(E, "an unknown field"),
    "OT205": Code(E, "a missing field"),
    "OT206": Code(E, "a field given twice"),
    "OT207": Code(E, "a name that is taken"),
    "OT208": Code(E, "a field that the task type sets itself"),
    "OT209": Code(E, "an import that cannot be followed"),
    "OT210": Code(E, "a package that cannot be used"),
    "OT211": Code(E, "a label that does not vary with its loop"),
    "OT212": Code(E, "a name that may not be used here"),
    "OT213": Code(E, "a task type that cannot be declared so"),
    "OT214": Code(E, "an unknown setting"),
    "OT215": Code(E, "a task type that stores nothing"),
    "OT216": Code(W, "a key that Otter does not read"),
    "OT217": Code(E, "an entry that is no task"),
    "OT218": Code(W, "a value that the language cannot hold as it is"),
    "OT219": Code(E, "a function or validator called wrongly"),
    "OT301": Code(E, "a value that does not fit its field"),
    "OT302": Code(E, "an unknown type"),
    "OT303": Code(E, "a value that does not fit its param"),
    "OT304": Code(E, "a condition that is no bool"),
    "OT305": Code(E, "something that cannot be looped over"),
    "OT306": Code(E, "values that cannot be compared"),
    "OT307": Code(E, "a value known too late"),
    "OT308": Code(E, "an argument that does not fit its function"),
    "OT401": Code(E, "a cycle of tasks"),
    "OT402": Code(E, "a cycle of steps"),
    "OT403": Code(E, "a cycle of imports"),
    "OT404": Code(E, "a cycle of task types"),
    "OT405": Code(E, "a cycle of constants"),
    "OT406": Code(E, "tasks that write over each other"),
    "OT407": Code(W, "tasks that differ in nothing but their names"),
    "OT408": Code(W, "a file written twice from one source"),
    "OT409": Code(W, "a file written in two steps"),
    "OT501": Code(E, "a placeholder that nothing can fill"),
    "OT502": Code(W, "a placeholder that the task type does not say it fills"),
    "OT503": Code(E, "text that a placeholder cannot carry"),
    "OT504": Code(E, "a secret where it would be written down"),
    "OT601": Code(E, "a generated file that was edited by hand"),
    "OT602": Code(E, "a folder that cannot be written"),
    "OT603": Code(E, "a generated file that differs"),
    "OT604": Code(E, "what Otter's YAML cannot say"),
    "OT605": Code(W, "what Otter's YAML leaves out"),
    "OT701": Code(E, "an unknown param"),
    "OT702": Code(E, "a param of the wrong type"),
    "OT703": Code(E, "an unknown step"),
    "OT704": Code(E, "a task type without a Python class that can run"),
    "OT705": Code(E, "a package that cannot be loaded"),
    "OT706": Code(E, "a secret that is not there"),
    "OT902": Code(W, "a param that nothing uses"),
    "OT903": Code(W, "a scratchpad key that nothing uses"),
    "OT904": Code(W, "an import that nothing uses"),
    "OT905": Code(W, "a task type that nothing uses"),
    "OT906": Code(W, "a condition that is always the same"),
    "OT908": Code(W, "an `allow` that silences nothing"),
}
