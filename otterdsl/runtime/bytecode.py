"""Bytecode of generated packages that is never stale.

Python recognises changed source by its size and its time in seconds, and two compilations within a second may differ in neither. What is kept here is
checked by the source's hash instead. What is absent: any trouble with a folder that cannot be written, which is loaded without.
"""

import importlib.util
import py_compile
import sys
from pathlib import Path

_FLAGS = slice(4, 8)  # after the magic number: 0 where the bytecode is checked by time
_BY_HASH = b"\x03\x00\x00\x00"


def keep_bytecode(folder: Path) -> None:
    """See that each module in a folder that has bytecode has it checked by hash."""
    for path in sorted(folder.glob("*.py")):
        cached = Path(importlib.util.cache_from_source(str(path)))
        try:
            if cached.exists():
                with cached.open("rb") as file:
                    if file.read(8)[_FLAGS] == _BY_HASH:
                        continue
            elif sys.dont_write_bytecode:
                continue
            py_compile.compile(str(path), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
        except (OSError, py_compile.PyCompileError):
            continue
