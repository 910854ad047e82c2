"""Names of what is generated: classes, modules, the package's folder.

In: names from a `.otter` file, which may be any text, and those that are taken. Out: ASCII names that Python and every file system accept.
A name depends on nothing but its own text unless it is taken, so that a change elsewhere leaves it alone.
"""

import hashlib
import keyword
import re
from collections.abc import Collection

LONGEST = 60

_WORDS = re.compile(r"[A-Za-z0-9]+")
_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_KEYWORDS = frozenset(keyword.kwlist) | {"_", "case", "match", "type"}
_WINDOWS = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})

# What `otterdsl.runtime` gives generated modules. No class takes one of these names, used in its module or not: a statement that begins to use
# one must not rename another.
RUNTIME_NAMES = frozenset(
    """
    AllOf Annotated AnyOf Check CheckedTask Compare CompiledParam CompiledPipeline CompiledStep Duration ExternTask Glob Input Into Item Json Key
    Lines Not Output Param PIPELINE Provides PythonTask ShellTask Size Spec Spread Stored Task
    """.split()
)


def digest(text: str) -> str:
    """The SHA-256 of a text, lone surrogates and all, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def class_name(name: str, taken: Collection[str]) -> str:
    """The class of a task or type: CamelCase of the name's ASCII words, with a hash where that will not do."""
    base = "".join(word[0].upper() + word[1:] for word in _WORDS.findall(name))
    if base and not base[0].isdigit() and len(base) <= LONGEST and base not in _KEYWORDS and base not in RUNTIME_NAMES and base not in taken:
        return base
    return _hashed(base, name, taken)


def module_name(name: str, taken: Collection[str]) -> str:
    """The module of a step: its ASCII words in lower case, with a hash where that will not do. `taken` are such names."""
    base = "_".join(_WORDS.findall(name)).lower()
    usable = base and not base[0].isdigit() and len(base) <= LONGEST and base not in _KEYWORDS and base not in _WINDOWS and base != "tasks"
    return base if usable and base not in taken else _hashed(base, name, taken)


def folder_name(pipeline: str) -> str:
    """The folder of a pipeline's package, one component that no system reads as anything else: its name where that is one."""
    safe = _FOLDER.fullmatch(pipeline) and not pipeline.endswith(".") and pipeline.split(".")[0].lower() not in _WINDOWS
    if safe and len(pipeline) <= LONGEST:
        return pipeline
    return _hashed("_".join(_WORDS.findall(pipeline)), pipeline, ())


def local_name(imported: str, origin: str, taken: Collection[str]) -> str:
    """What a class that is imported goes by in a module: its own name, unless that is taken or long; `origin` is its full name."""
    if imported not in taken and imported not in RUNTIME_NAMES and len(imported) <= LONGEST:
        return imported
    return _hashed(imported, origin, taken)


def _hashed(base: str, name: str, taken: Collection[str]) -> str:
    """`Base_1a2b3c`; more digits in the unlikely case that this is taken too."""
    hexadecimal = digest(name)
    start = f"_{base}" if base[:1].isdigit() else base
    for digits in range(6, 65):
        found = f"{start[: LONGEST - digits - 1]}_{hexadecimal[:digits]}"
        if found not in taken:
            return found
    raise ValueError(f"no name is left for {name!r}")
