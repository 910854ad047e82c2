"""How large a value may grow, so that a few lines that double each other end as a finding and not as an exhausted machine.

In: values as they are folded. Out: whether they are small enough. Reports: OT008. What is absent: the size of files, which is the parser's to bound.
"""

from collections.abc import Mapping
from typing import Final

from otterdsl.compiler.analysis.scope import Env
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.values.value import Value

CHARACTERS: Final = 16 * 1024 * 1024
ITEMS: Final = 1_000_000
_LINE: Final = 64  # so much text weighs as much as an item


def small_text(length: int, span: Span, env: Env) -> bool:
    """Whether text of this length may be. Reports: OT008."""
    if length <= CHARACTERS:
        return True
    env.report.add("OT008", span, f"a text of more than {CHARACTERS:,} characters is too large", label="put together here")
    return False


def small(value: Value, span: Span, env: Env) -> bool:
    """Whether a list or map that was put together may be. Mutates: remembers its weight, since others may hold it many times. Reports: OT008."""
    if _weight(value, env.names.weights) <= ITEMS:
        return True
    env.report.add("OT008", span, f"a value of more than {ITEMS:,} items is too large", label="put together here")
    return False


def _weight(value: Value, known: dict[int, tuple[Value, int]]) -> int:
    match value:
        case str():
            return 1 + len(value) // _LINE
        case tuple() | Mapping():
            found = known.get(id(value))
            if found is None:
                inner = value if isinstance(value, tuple) else value.values()
                found = known[id(value)] = value, 1 + sum(_weight(each, known) for each in inner)
            return found[1]
        case _:
            return 1
