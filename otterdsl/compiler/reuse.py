"""What of a package's folder a compilation may take as it is: the modules of steps, with the seals that its lock has for them.

In: the folder. Out: texts with seals, and the edition of this generator, which seals hold. Whether a text is still right is `codegen.seals`' to say;
nothing in the folder is believed. What is absent: writing.
"""

import hashlib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from otterdsl import __version__
from otterdsl.compiler.codegen.seals import Sealed
from otterdsl.compiler.package_files import look, read_lock

# What decides a module's text besides its step: the rooms that write it, and what they know of values and plans.
_ROOMS: Final = ("codegen", "plan", "values")


def edition() -> str:
    """A digest of the generator: of its version, code and templates. Empty where they cannot be read, and nothing can be reused."""
    found = hashlib.sha256(__version__.encode())
    try:
        for path in _generator_files():
            data = path.read_bytes()
            found.update(f"\n{path.name} {len(data)}\n".encode())
            found.update(data)
    except OSError:
        return ""
    return found.hexdigest()


def _generator_files() -> Iterator[Path]:
    """The generator's files, in an order of their names alone. Raises: OSError, where they are no files."""
    here = Path(__file__).parent
    folders = [here / room for room in _ROOMS]
    spec = find_spec("otterdsl.templates")
    # As for the grammar: beside the sources of a bare checkout.
    locations = spec.submodule_search_locations if spec is not None else None
    folders.append(Path(next(iter(locations))) if locations else here.parents[1] / "templates")
    for folder in folders:
        yield from sorted(path for path in folder.iterdir() if path.suffix in (".py", ".j2"))


def earlier(folder: Path) -> Mapping[str, Sealed]:
    """The modules in a package's folder that its lock has seals for; none where there is no package or it cannot be read."""
    try:
        found = {name: (look(folder / name), seal) for name, seal in read_lock(folder).seals.items()}
    except OSError:  # whoever writes there says so
        return {}
    modules: dict[str, Sealed] = {}
    for name, (there, seal) in found.items():
        try:
            if there.kind == "file":
                modules[name] = Sealed(there.content.decode(), seal)
        except UnicodeDecodeError:
            continue
    return modules
