"""`secret(name)`: what only the running task may know, and where it must not stand, since it would be written down there.

In: a call, or a value in placeholder form. Out: the placeholder `${secret(name)}`. Reports: OT504, a secret in what is written down. What is
absent: the secret itself, which no compiler sees.
"""

import re
from typing import Final

from otterdsl.compiler.analysis.arguments import bound
from otterdsl.compiler.analysis.scope import POISON, Env, Folded, Globals
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import Value, placeholder, placeholders

SECRET: Final = "secret"  # noqa: S105 (the function, and no secret)
# Placeholders of this form are no names that anything else could have: no NAME holds a parenthesis, and no key may be of this form.
_FORM: Final = re.compile(r"secret\([A-Za-z_][A-Za-z0-9_]*\)")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_secret(name: str) -> bool:
    """Whether a placeholder's name stands for a secret."""
    return name.startswith("secret(") and _FORM.fullmatch(name) is not None


def secret_in(value: Value) -> str | None:
    """The placeholder of the first secret in a value; None where there is none."""
    return next((name for name in placeholders(value) if is_secret(name)), None)


def any_secrets(names: Globals) -> bool:
    """Whether any secret was named so far: in most pipelines there is none to look for."""
    return SECRET in names.work


def fold_secret(expr: ast.CallExpr, env: Env) -> Folded:
    """The placeholder of a secret. Reports: OT219, OT308, OT504."""
    found = bound(expr, {"name": True}, "secret(name)", env.report)
    if found is POISON:
        return POISON
    name = found["name"]
    text = name.plain if isinstance(name, ast.StringExpr) else None
    if text is None or not _NAME.fullmatch(text):
        message = "the name of a secret is a plain text of letters, digits and `_`"
        mend = f"write it in quotes: `secret('{name.head.text}')`" if isinstance(name, ast.RefExpr) and not name.tail else ""
        env.report.add("OT308", name.span, message, label="not a name", mend=mend)
        return POISON
    env.names.work[SECRET] = 1
    value = placeholder(f"{SECRET}({text})")
    return POISON if env.late and refuse_secret(value, env.late, expr.span, env) else value


def refuse_secret(value: Folded, what: str, span: Span, env: Env) -> bool:
    """Whether a value that is written down holds a secret; `what` says what it is for. Reports: OT504."""
    found = None if value is POISON or not any_secrets(env.names) else secret_in(value)
    if found is None:
        return False
    message = f"{what} is written down, and this holds `{found}`"
    mend = "give the secret to a field of the task, which alone gets to know it"
    env.report.add("OT504", span, message, label="a secret would be written down here", mend=mend)
    return True
