"""Types of the language as Python annotations.

In: a `Type`. Out: an expression short enough for one line, the names it needs imported, and the aliases that long parts of it were given
(assignments for the top of the module). What fits a type is pydantic's to say: `any` is `object`, which takes everything.
"""

from dataclasses import dataclass, field

from otterdsl.compiler.codegen.conditions import WIDTH
from otterdsl.compiler.codegen.literals import INDENT, ascii_string, bracketed, collection, scalar, string
from otterdsl.compiler.codegen.names import digest
from otterdsl.compiler.plan.model import PlannedField
from otterdsl.compiler.values.types import Type, TypeOption
from otterdsl.compiler.values.value import Value

LONGEST = 60
PART = 30

_PYTHON = {"str": "str", "int": "int", "float": "float", "bool": "bool", "any": "object"}
_NAMED = {"duration": "Duration", "size": "Size", "Spec": "Spec"}
_ROLES = {"input": "Input", "output": "Output", "into": "Into", "key": "Key"}


@dataclass(frozen=True, slots=True)
class Annotations:
    """What the annotations of one module need: filled while they are written. `aliases` keep the order in which they build on each other."""

    names: set[str] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)

    def type(self, wanted: Type) -> str:
        """The annotation of a type. Mutates."""
        flat = self._type(wanted, whole=True)
        return flat if len(flat) <= LONGEST else self._type(wanted, whole=False)

    def _type(self, wanted: Type, whole: bool) -> str:
        if any(option.name == "any" for option in wanted.options):
            return "object"
        parts = list(dict.fromkeys(self._option(option, whole) for option in wanted.options))
        if any(option.optional for option in wanted.options):
            parts.append("None")
        text = parts[0]
        for part in parts[1:]:
            text = self._short(f"{text} | {part}", whole)
        return text

    def field(self, planned: PlannedField) -> str:
        """A field of a Spec class, as it stands in the class body. Mutates."""
        text = self.type(planned.type)
        if planned.provides:
            self.names.update(("Annotated", "Provides"))
            text = f"Annotated[{self._short(text, False)}, {self._provides(planned.provides)}]"
        if planned.required:
            return self._declared(planned.name, text)
        return self._defaulted(planned.name, text, planned.default)

    def _declared(self, name: str, text: str) -> str:
        if len(line := f"{name}: {text}") + len(INDENT) <= WIDTH:
            return line
        if len(line := f"{name}: {self._alias(text)}") + len(INDENT) <= WIDTH:
            return line
        return f"{name}: (\n{INDENT * 2}{self._alias(text)}\n{INDENT})"

    def _defaulted(self, name: str, text: str, default: Value) -> str:
        """`name: type = default`, laid out as Black does where it is too long for a line: the default in parentheses, at worst the type."""
        if isinstance(default, str | int | float | None):
            written, spread = scalar(default), False
            if isinstance(default, str) and not written.isascii() and len(INDENT) + len(name) + len(text) + 2 * len(written) + 5 > WIDTH:
                written = ascii_string(default)
        else:
            written, spread = collection(default, 1), bool(default)
        for annotation in (text, self._alias(text)) if self._too_long(name, text, written, spread) else (text,):
            head = f"{name}: {annotation} = "
            if not self._too_long(name, annotation, written, spread):
                return head + written
            if not spread and len(INDENT) + len(head) + 1 <= WIDTH:
                return f"{head}(\n{INDENT * 2}{written}\n{INDENT})"
        return f"{name}: (\n{INDENT * 2}{self._alias(text)}\n{INDENT}) = {written}"

    @staticmethod
    def _too_long(name: str, annotation: str, written: str, spread: bool) -> bool:
        return len(INDENT) + len(f"{name}: {annotation} = ") + (1 if spread else _wide(written)) > WIDTH

    def _option(self, option: TypeOption, whole: bool) -> str:
        if option.name in _PYTHON:
            return _PYTHON[option.name]
        if option.name in _ROLES:
            self.names.update(("Annotated", _ROLES[option.name]))
            return f"Annotated[str, {_ROLES[option.name]}]"
        if option.name in _NAMED:
            self.names.add(_NAMED[option.name])
            return _NAMED[option.name]
        inner = self._type(option.argument, whole) if option.argument else "object"
        return self._short(f"list[{inner}]" if option.name == "list" else f"dict[str, {inner}]", whole)

    def _provides(self, names: tuple[str, ...]) -> str:
        flat = f"Provides({', '.join(map(string, names))})"
        if len(flat) <= PART:
            return flat
        return self._hoisted("Provides", bracketed("Provides(", map(string, names), ")", 0))

    def _short(self, text: str, whole: bool) -> str:
        """The text, or an alias of it where it is too long to be a part of another. Two parts and an alias's name fit one line."""
        return text if whole or len(text) <= PART else self._alias(text)

    def _alias(self, text: str) -> str:
        if text.isidentifier():
            return text
        return self._hoisted("Type", text)

    def _hoisted(self, kind: str, text: str) -> str:
        hexadecimal = digest(text)
        for digits in range(6, len(hexadecimal)):
            alias = f"{kind}_{hexadecimal[:digits]}"
            if self.aliases.setdefault(alias, text) == text:
                break
        return alias


def _wide(written: str) -> int:
    return len(written) if written.isascii() else len(written) + sum(1 for char in written if char > "\x7f")
