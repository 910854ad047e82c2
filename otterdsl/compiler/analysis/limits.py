"""How large a value may grow, so that a few lines that double each other end as a finding and not as an exhausted machine.

In: values as they are folded. Out: whether they are small enough. Reports: OT008. What is absent: the size of files, which is the parser's to bound.
"""

from collections.abc import Mapping
from typing import Final

from otterdsl.compiler.analysis.scope import Env
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.values.value import Value, to_text

CHARACTERS: Final = 16 * 1024 * 1024
ITEMS: Final = 1_000_000
LINE: Final = 64  # so much text weighs as much as an item
_MANY: Final = 2**10  # lists and maps that weigh more than this count as work where they become text
_ITEM: Final = 32  # so many characters does an item count as then
LONG: Final = 2**16  # texts that are longer than this and put together count as work
WORK: Final = 2**28  # so many characters may all functions and long texts together go through, an item counting as a few


def small_text(length: int | None, span: Span, env: Env) -> bool:
    """Whether text of this length may be; None is longer than any may. Reports: OT008."""
    if length is not None and length <= CHARACTERS:
        return True
    env.report.add("OT008", span, f"a text of more than {CHARACTERS:,} characters is too large", label="put together here")
    return False


def text_of(value: Value, span: Span, env: Env) -> str | None:
    """How a value reads within text; None where too much was gone through by now. Mutates: counts what goes through many items. Reports: OT008."""
    weight = _weight(value, env.names.weights) if isinstance(value, tuple | Mapping) else 0
    if weight > _MANY and not affordable(weight * _ITEM, span, env):
        return None
    return to_text(value) if env.names.work.get("characters", 0) <= WORK else None


def small(value: Value, span: Span, env: Env) -> bool:
    """Whether a list or map that was put together may be. Mutates: remembers its weight, since others may hold it many times. Reports: OT008."""
    if _weight(value, env.names.weights) <= ITEMS:
        return True
    too_many_items(span, env)
    return False


def too_many_items(span: Span, env: Env) -> None:
    """Say that a value would be too large. Reports: OT008."""
    env.report.add("OT008", span, f"a value of more than {ITEMS:,} items is too large", label="put together here")


def affordable(work: int, span: Span, env: Env) -> bool:
    """Whether so many characters more may be gone through. Mutates: counts them, for all of the pipeline. Reports: OT008, once."""
    before = env.names.work.get("characters", 0)
    done = env.names.work["characters"] = before + work
    if done <= WORK or before > WORK:
        return done <= WORK
    message = f"functions and long texts may go through {WORK:,} characters in all, and these go through more"
    env.report.add("OT008", span, message, label="too much by now", mend="name the result once, as a constant of a scratchpad")
    return False


def _weight(value: Value, known: dict[int, tuple[Value, int]]) -> int:
    match value:
        case str():
            return 1 + len(value) // LINE
        case tuple() | Mapping():
            found = known.get(id(value))
            if found is None:
                inner = value if isinstance(value, tuple) else value.values()
                found = known[id(value)] = value, 1 + sum(_weight(each, known) for each in inner)
            return found[1]
        case _:
            return 1
