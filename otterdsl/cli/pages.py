"""The pages that explain the codes of diagnostics, as Markdown. In: a code. Out: its page; empty where there is none.

They are `docs/errors` of the project, and the package `otterdsl.errors` of an installed one.
"""

import os
from importlib.util import find_spec

import otterdsl


def folder() -> str:
    """The folder that holds the pages: in a wheel, an editable install and a bare checkout."""
    spec = find_spec("otterdsl.errors")
    if spec is not None and spec.submodule_search_locations:
        return next(iter(spec.submodule_search_locations))
    return os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(otterdsl.__file__))), "docs", "errors")


def page(code: str) -> str:
    """The page of a code."""
    try:
        with open(os.path.join(folder(), f"{code}.md"), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""
