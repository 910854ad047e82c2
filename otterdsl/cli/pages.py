"""The pages of `docs/errors`: what explains each code. In: a code. Out: Markdown.

In a wheel and an editable install they are the package `otterdsl.errors`, in a bare checkout a folder beside the sources.
"""

from importlib.util import find_spec
from pathlib import Path

import otterdsl


def folder() -> Path:
    """The folder that holds the pages."""
    spec = find_spec("otterdsl.errors")
    if spec is not None and spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    return Path(otterdsl.__file__).absolute().parents[1] / "docs" / "errors"


def page(code: str) -> str:
    """The page of a code; empty where it has none."""
    try:
        return (folder() / f"{code}.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
