"""Another time, by every clock that Python code can ask, for processes that a test starts.

In: a folder to write in, and a moment. Out: what the process needs in its environment; `YEARS` is the expression by which it tells that its clocks
have moved, as `years` says they should. What is absent: clocks that only count, which tell no time.
"""

import os
import time
from pathlib import Path
from typing import Final

YEARS: Final = "[__import__('time').gmtime().tm_year, __import__('datetime').datetime.now().year, __import__('datetime').date.today().year]"
MOMENTS: Final = tuple(10**8 * (1 + number) for number in range(5))  # each in another year, and in the midst of it

_MOVED: Final = """
import datetime, os, time

moment = int(os.environ["TEST_MOMENT"])
time.time, time.time_ns = lambda: float(moment), lambda: moment * 10**9
for name in ("gmtime", "localtime"):
    setattr(time, name, lambda seconds=None, real=getattr(time, name): real(moment if seconds is None else seconds))

class Moved(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(moment, tz)

class Day(datetime.date):
    @classmethod
    def today(cls):
        return cls.fromtimestamp(moment)

Moved.today = Moved.utcnow = Moved.now
datetime.datetime, datetime.date = Moved, Day
"""


def moved(folder: Path, moment: int) -> dict[str, str]:
    """The environment of a process for which it is `moment`, in seconds since 1970. Writes below `folder`."""
    clock = folder / "clock"
    clock.mkdir(exist_ok=True)
    (clock / "sitecustomize.py").write_text(_MOVED)
    paths = [str(clock), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths), "TEST_MOMENT": str(moment)}


def years(moment: int) -> str:
    """What `YEARS` comes to then, as text."""
    return str([time.gmtime(moment).tm_year] * 3)
