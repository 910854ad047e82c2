"""`import otter.x` gives the very module `otterdsl.runtime.x`: how people run what they wrote for Otter, and its tests, without a change."""

import importlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType

RUNTIME = "otterdsl.runtime"
Package = Callable[..., str]  # writes a task package: a text for each module; gives its name


class _Given(importlib.abc.Loader):
    """Gives a module that is there already, and leaves it as it was."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.spec = module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        assert self.spec is not None
        module.__spec__ = self.spec
        module.__loader__ = self.spec.loader
        module.__package__ = self.spec.parent


class OtterFinder(importlib.abc.MetaPathFinder):
    """Finds `otter` and what is in it."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        top, dot, rest = fullname.partition(".")
        if top != "otter" or importlib.util.find_spec(real := RUNTIME + dot + rest) is None:
            return None
        module = importlib.import_module(real)
        return ModuleSpec(fullname, _Given(module), is_package=hasattr(module, "__path__"))


@contextmanager
def otter_alias() -> Iterator[None]:
    """Have the alias while this lasts."""
    finder = OtterFinder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == "otter"]:
            del sys.modules[name]
