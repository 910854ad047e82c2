"""Run a shell script: `bash -euo pipefail`, with the values of a task in its environment and nowhere else.

In: the script's lines, variables with their values in placeholder form, the fields of the task. Out: nothing, or TaskRunError with the exit code, the
line where bash knows it, and the last lines of standard error. Lists become arrays: a start-up file, which has no name on any disk, reads
them from a second one. What is absent: the process itself (`process`), and the files (`workspace`).
"""

import errno
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from typing import IO, Any, Final

from otterdsl.runtime.bodies.process import Ended, run_process
from otterdsl.runtime.bodies.workspace import value_of
from otterdsl.runtime.scratchpad.placeholder import fill, to_text
from otterdsl.runtime.storage.place import Place
from otterdsl.runtime.task.model import TaskContext
from otterdsl.runtime.task.roles import seconds
from otterdsl.runtime.util.errors import TaskRunError

_NAME: Final = "otterdsl"  # what bash calls itself in its messages
_LINE: Final = re.compile(rf"^{_NAME}: (?:-c: )?line (\d+): ")
_LONGEST_REASON: Final = 2_000
_SECRET: Final = "OTTERDSL_SECRET_"  # noqa: S105 -- the beginning of a name

_LISTS: Final = """\
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
  echo "lists need bash 4.4 or newer, and this is $BASH_VERSION" >&2
  exit 127
fi
mapfile -d '' -t OTTERDSL_ALL <&{data}
{arrays}
unset OTTERDSL_ALL BASH_ENV
exec {data}<&- {prelude}<&-
if [[ -n ${{OTTERDSL_BASH_ENV-}} ]]; then
  export BASH_ENV="$OTTERDSL_BASH_ENV"
  unset OTTERDSL_BASH_ENV
  source "$BASH_ENV"
fi
"""


async def run_shell(script: Sequence[str], environment: Mapping[str, Any], fields: Mapping[str, Any], context: TaskContext) -> None:
    """Run the script to its end. Cancelled, it has ended with all that it started. Raises: TaskRunError."""
    bash = _bash(os.environ.get("PATH"))
    if bash is None:
        raise TaskRunError("`run sh` needs bash, and there is none on the PATH")
    values = fill(dict(environment), lambda name: value_of(name, fields, context.scratchpad.require))
    scalars, lists = _parted(values)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_SECRET) and name not in values}
    with ExitStack() as held:
        descriptors: tuple[int, ...] = ()
        if lists:
            files = _list_files(lists, held)
            descriptors = tuple(each.fileno() for each in files)
            if "BASH_ENV" in inherited:
                inherited["OTTERDSL_BASH_ENV"] = inherited["BASH_ENV"]
            inherited["BASH_ENV"] = f"/dev/fd/{descriptors[0]}"

        def command(telling: int) -> list[str]:
            # On the first line, so that bash counts as the script does. Whoever sets a trap of their own loses nothing but the number.
            trap = f"trap '2>/dev/null echo $LINENO >&{telling}' ERR; "
            return [bash, "-euo", "pipefail", "-c", trap + "\n".join(script), _NAME]

        try:
            ended = await run_process(
                command, {**inherited, **scalars}, cwd=_folder(context), descriptors=descriptors, patience=seconds(context.config.grace)
            )
        except OSError as error:
            raise TaskRunError(_unstarted(error, scalars)) from error
        except ValueError as error:
            raise TaskRunError(f"bash cannot be started: {error}") from error
    if ended.code != 0 or ended.left_behind:
        raise TaskRunError(_reason(ended))


@cache
def _bash(path: str | None) -> str | None:
    found = shutil.which("bash", path=path)
    return None if found is None else os.path.abspath(found)


def _folder(context: TaskContext) -> str:
    """Where the script runs: the release root, so that a relative path means what it means in a field; `work_path` where that is remote."""
    root = Place("x", context.config)
    folder = os.path.dirname(Place("x", context.config, force_local=True).path if root.url is not None else root.path)
    os.makedirs(folder, exist_ok=True)
    return folder


def _parted(values: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The values as text, and the lists as lists of text. Raises: TaskRunError, for text that no environment can hold."""
    scalars: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for name, value in values.items():
        if isinstance(value, list | tuple):
            lists[name] = [_text(name, each) for each in value]
        else:
            scalars[name] = _text(name, value)
    return scalars, lists


def _text(name: str, value: Any) -> str:
    text = to_text(value)
    if "\0" in text:
        raise TaskRunError(f"the value of `{name}` holds a NUL, which no script can be given")
    try:
        os.fsencode(text)
    except UnicodeEncodeError as error:
        raise TaskRunError(f"the value of `{name}` is no text: it holds half a character") from error
    return text


def _list_files(lists: Mapping[str, list[str]], held: ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    """A start-up file that makes arrays, and the file it reads their members from."""
    prelude, data = _nameless(held), _nameless(held)
    arrays, first = [], 0
    for name, members in lists.items():
        arrays.append(f'{name}=("${{OTTERDSL_ALL[@]:{first}:{len(members)}}}")' if members else f"{name}=()")
        first += len(members)
        data.writelines(os.fsencode(each) + b"\0" for each in members)
    prelude.write(_LISTS.format(arrays="\n".join(arrays), data=data.fileno(), prelude=prelude.fileno()).encode())
    for file in (prelude, data):
        file.flush()
        file.seek(0)
    return prelude, data


def _nameless(held: ExitStack) -> IO[bytes]:
    return held.enter_context(tempfile.TemporaryFile())


def _unstarted(error: OSError, scalars: Mapping[str, str]) -> str:
    if error.errno != errno.E2BIG or not scalars:
        return f"bash cannot be started: {(error.strerror or str(error)).lower()}"
    name = max(scalars, key=lambda each: len(scalars[each]))
    size = len(os.fsencode(scalars[name]))
    return f"the script and its values are too large for an environment; the largest is `{name}`, of {size} bytes: pass a file, or a list"


def _reason(ended: Ended) -> str:
    if ended.left_behind:
        return "the script ended, but what it started in the background did not: `wait` for it, or end it"
    how = f"exit code {ended.code}" if ended.code > 0 else _signal_name(-ended.code)
    line = ended.told.decode(errors="replace").split()[-1:]
    who = f"line {line[0]} of the script" if line and line[0].isdigit() else "the script"
    said = " | ".join(_LINE.sub(lambda found: "" if [found[1]] == line else f"line {found[1]} of the script: ", each) for each in ended.last_lines)
    return f"{who} failed with {how}{': ' if said else ''}{said if len(said) <= _LONGEST_REASON else '…' + said[-_LONGEST_REASON:]}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
