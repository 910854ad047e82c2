"""Types of the language: `list[str] | str`, `int?`, `output`. Plain values; what fits a type is pydantic's to say, not ours."""

from dataclasses import dataclass
from typing import Final

SCALARS: Final = ("str", "int", "float", "bool", "any", "duration", "size")
ROLES: Final = ("input", "output", "into", "key")  # text that the compiler follows as data
CONTAINERS: Final = ("list", "map")
SPEC: Final = "Spec"  # only as list[Spec]
TYPE_NAMES: Final = (*SCALARS, *ROLES, *CONTAINERS, SPEC)


@dataclass(frozen=True, slots=True)
class TypeOption:
    """One alternative: a name of TYPE_NAMES, for a container what it holds, and whether null fits too."""

    name: str
    argument: "Type | None" = None
    optional: bool = False

    def __str__(self) -> str:
        argument = f"[{self.argument}]" if self.argument else ""
        return f"{self.name}{argument}{'?' if self.optional else ''}"


@dataclass(frozen=True, slots=True)
class Type:
    """Alternatives, in the order written; at least one."""

    options: tuple[TypeOption, ...]

    def __str__(self) -> str:
        return " | ".join(str(option) for option in self.options)

    @property
    def optional(self) -> bool:
        """Whether null fits."""
        return any(option.optional or option.name == "any" for option in self.options)

    @property
    def roles(self) -> frozenset[str]:
        """The roles anywhere in the type: `list[input] | input` has `input`."""
        own = frozenset([option.name for option in self.options if option.name in ROLES])
        inner = [option.argument.roles for option in self.options if option.argument]
        return own.union(*inner) if inner else own

    @property
    def holds_specs(self) -> bool:
        """Whether this is `list[Spec]`."""
        return any(o.name == "list" and o.argument is not None and o.argument.options[0].name == SPEC for o in self.options)


def plain(name: str) -> Type:
    """The type of one name alone."""
    return Type((TypeOption(name),))


ANY: Final = plain("any")
