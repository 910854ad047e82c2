"""The process that imports other people's task packages, so that a broken one cannot take the checker along.

It is started (see `process`) with its standard streams as private channels: requests come in on the first, a JSON object a line, answers go out
on the second, and the third is a file that outlives it: a counter of the requests of a batch, then the stack of a crash. Before any other code runs
they are moved away, so that what a package prints or reads goes nowhere. What is absent: any judgement on what a failure means; that is the parent's.
"""

import faulthandler
import json
import mmap
import os
import resource
import struct
import sys
from collections.abc import Callable
from typing import Any, Final

from otterdsl.compiler.specs.places import place
from otterdsl.runtime.task import schema, verdict

COUNTER: Final = struct.Struct("<q")


def main() -> None:
    """Answer requests until there are no more. The first line of input says where packages are looked for, and how long an answer may take."""
    requests, answers, record = (os.dup(number) for number in range(3))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable(file=record)
    counter = mmap.mmap(record, COUNTER.size)

    own, write, leave = os.getpid(), os.write, os._exit  # taken before a package can replace them
    with os.fdopen(requests, encoding="utf-8") as lines:
        settings = json.loads(lines.readline())
        sys.path += [folder for folder in settings["path"] if folder not in sys.path]
        for line in lines:
            # A package that loops for ever is ended by a thread of C's, and so even when the parent is gone.
            faulthandler.dump_traceback_later(settings["timeout"], exit=True, file=record)
            answer = json.dumps(_answer(json.loads(line), lambda index: COUNTER.pack_into(counter, 0, index))).encode() + b"\n"
            faulthandler.cancel_dump_traceback_later()
            if os.getpid() != own:  # a package forked, and this is the copy
                leave(0)
            _write_all(write, answers, answer)
    leave(0)


def _write_all(write: Callable[[int, bytes], int], channel: int, data: bytes) -> None:
    while data:
        data = data[write(channel, data) :]


def _answer(request: dict[str, Any], tick: Callable[[int], object]) -> dict[str, Any]:
    try:
        if request["do"] == "describe":
            return {"types": schema.describe(schema.task_types(request["package"]), docs=request["docs"])}
        return _problems(request, tick)
    except schema.TaskPackageError as error:
        return {"failed": str(error)}
    except BaseException as error:  # noqa: BLE001 (whatever a package raises, `SystemExit` too, is its failure and not ours)
        return {"failed": _reason(error, request.get("package", ""))}


def _problems(request: dict[str, Any], tick: Callable[[int], object]) -> dict[str, Any]:
    models: dict[str, Any] = {}
    for package in request["packages"]:
        models = {**schema.models(schema.task_types(package)), **models}
    requests = [verdict.Request(*fields) for fields in request["requests"]]
    return {"problems": verdict.check(requests, models, before=tick, caught=BaseException)}


# ---------------------------------------------------------------- failures on one line


def _reason(error: BaseException, package: str) -> str:
    """Why a package could not be imported, with the innermost line of its author's own code where there is one."""
    if isinstance(error, ModuleNotFoundError) and error.name and f"{package}.".startswith(f"{error.name}."):
        return f"there is no package `{error.name}` on the import path"
    if isinstance(error, SystemExit):
        return f"it ended the process with `sys.exit({error.code!r})`{_at(place(error))}"
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    described = " ".join(f"{type(error).__name__}: {text}".split()) if text else type(error).__name__
    return f"it raised {described}{_at(place(error))}"


def _at(where: str) -> str:
    return f" at {where}" if where else ""
