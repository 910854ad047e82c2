"""Which task may run now: plain bookkeeping, without asyncio, processes or clocks.

A node is a task or a group. It is ready when all that it requires is done, and done when it has finished and all its children (tasks that it
added) are done; a group finishes by itself when its members are done. Each edge is looked at once when it is made and once when it is fulfilled,
so all of it is O(V + E). What is absent: what a task is; nodes are names.

Source: Kahn, 1962, for the order. Cycles are found as tasks are added, by walking what these wait for.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple

from otterdsl.runtime.util.errors import StepInvalidError, TaskDuplicateError, did_you_mean


class Progress(Enum):
    """How far a node is."""

    WAITING = "waiting"
    READY = "ready"
    STARTED = "started"
    FINISHED = "finished"
    DONE = "done"
    FAILED = "failed"
    BLOCKED = "blocked"


_NEVER_RAN: Final = (Progress.WAITING, Progress.READY, Progress.BLOCKED)
_DRAWN: Final = 6  # how many tasks are named at each end of a long circle
_OVER: Final = (Progress.FAILED, Progress.BLOCKED)


class Node(NamedTuple):
    """A task to add: what it requires (tasks and groups), the groups that it is in, and whether it may add tasks itself."""

    name: str
    requires: Sequence[str] = ()
    groups: Sequence[str] = ()
    may_add: bool = True


class _Entry:
    """A node as the schedule keeps it. `missing` counts what it waits for before it is ready, `open_children` what it then waits for to be done."""

    __slots__ = ("children", "followers", "is_group", "may_add", "missing", "name", "open_children", "parent", "progress", "requires")

    def __init__(self, name: str, parent: "_Entry | None" = None, *, is_group: bool = False, may_add: bool = False) -> None:
        self.name = name
        self.parent = parent
        self.is_group = is_group
        self.may_add = may_add
        self.progress = Progress.WAITING
        self.missing = 0
        self.open_children = 0
        self.requires: list[_Entry] = []
        self.followers: list[_Entry] = []
        self.children: list[_Entry] = []

    def waits(self) -> list["_Entry"]:
        """What it still waits for."""
        return [each for each in (*self.requires, *self.children) if each.progress is not Progress.DONE]


class Schedule:
    """The tasks of a step and what they wait for.

    `absent` names tasks that do not exist this time: whoever requires one does not wait for it. `groups` are the groups there are, members or not.
    With `patient`, a required task that does not exist is waited for, as one that another task may add; children are always patient.
    """

    def __init__(self, *, absent: Iterable[str] = (), groups: Iterable[str] = (), patient: bool = False) -> None:
        self._absent = frozenset(absent)
        self._patient = patient
        self._adders = 0
        self._tasks: dict[str, _Entry] = {}
        self._groups: dict[str, _Entry] = {name: _Entry(name, is_group=True) for name in groups}
        self._unknown: dict[str, list[_Entry]] = {}
        self._ready: deque[_Entry] = deque()
        self._left = 0
        self._started = 0
        self._settle(self._release(self._groups.values()))  # a group without members is done; with its first member it begins anew

    @property
    def left(self) -> int:
        """How many tasks may still be done."""
        return self._left

    @property
    def started(self) -> int:
        """How many tasks have started and not finished."""
        return self._started

    @property
    def has_ready(self) -> bool:
        """Whether a task may start."""
        return bool(self._ready)

    @property
    def stuck(self) -> bool:
        """Whether tasks are left of which none runs and none may start."""
        return self._left > 0 and self._started == 0 and not self._ready

    @property
    def hopeless(self) -> bool:
        """Whether a task waits for one that does not exist, and none is left that could add it."""
        return bool(self._unknown) and self._adders == 0

    def progress(self, name: str) -> Progress:
        """How far a task is."""
        return self._tasks[name].progress

    def __contains__(self, name: str) -> bool:
        return name in self._tasks

    # ------------------------------------------------------------ adding

    def add(self, nodes: Iterable[Node], parent: str | None = None) -> None:
        """Add tasks, as children of `parent` where it is given. Mutates; what is refused leaves a schedule that is of no more use.

        Raises: TaskDuplicateError; StepInvalidError, for a cycle, or for a required task that does not exist (but see `patient`).
        """
        batch = tuple(nodes)
        above = self._tasks[parent] if parent is not None else None
        entries: list[_Entry] = []
        for node in batch:
            if node.name in self._tasks:
                raise TaskDuplicateError(node.name)
            entries.append(_Entry(node.name, above, may_add=node.may_add))
            self._tasks[node.name] = entries[-1]
        if above is not None:
            above.children.extend(entries)
            above.open_children += len(entries)
        groups = self._join(batch, entries)
        for node, entry in zip(batch, entries, strict=True):
            self._require(entry, node.requires, patient=self._patient or above is not None)
        _refuse_cycle(entries)
        self._left += len(entries)
        self._adders += sum(entry.may_add for entry in entries)
        self._block([entry for entry in entries if any(each.progress in _OVER for each in entry.requires)])
        self._settle(self._release([*entries, *groups]))

    def _join(self, batch: Sequence[Node], entries: Sequence[_Entry]) -> list[_Entry]:
        """Make the tasks members of their groups. Gives the groups. Mutates."""
        joined: dict[str, _Entry] = {}
        for node, entry in zip(batch, entries, strict=True):
            for name in dict.fromkeys(node.groups):
                group = self._groups.get(name)
                if group is None or (group.progress is Progress.DONE and not group.requires):
                    group = self._groups[name] = _Entry(name, is_group=True)
                joined[name] = group
                _wait(group, entry)
        return list(joined.values())

    def _require(self, entry: _Entry, requires: Iterable[str], *, patient: bool) -> None:
        """Make a task wait for what it requires, and whoever waited for its name wait for it. Mutates."""
        for name in dict.fromkeys(requires):
            target = self._tasks.get(name) or self._groups.get(name)
            if target is not None:
                _wait(entry, target)
            elif name in self._absent:
                continue
            elif patient:
                entry.missing += 1
                self._unknown.setdefault(name, []).append(entry)
            else:
                raise StepInvalidError(
                    f"task `{entry.name}` requires `{name}`, which does not exist{did_you_mean(name, (*self._tasks, *self._groups))}"
                )
        for waiting in self._unknown.pop(entry.name, ()):
            waiting.missing -= 1
            _wait(waiting, entry)

    # ------------------------------------------------------------ going on

    def take(self) -> str:
        """The name of the next ready task, which counts as started. Mutates. Raises: IndexError, when there is none."""
        entry = self._ready.popleft()
        entry.progress = Progress.STARTED
        self._started += 1
        return entry.name

    def finish(self, name: str) -> list[str]:
        """A started task has finished. Gives the tasks that are done by it: itself if it has no open children, then perhaps its parents. Mutates."""
        entry = self._tasks[name]
        entry.progress = Progress.FINISHED
        self._started -= 1
        self._adders -= entry.may_add
        if any(child.progress in _OVER for child in entry.children):
            self._block([entry])
        return self._settle([entry])

    def fail(self, name: str) -> list[str]:
        """A started task has failed. Gives the tasks that can never run now. Mutates."""
        entry = self._tasks[name]
        entry.progress = Progress.FAILED
        self._started -= 1
        self._adders -= entry.may_add
        self._left -= 1
        return self._block(_dependents(entry))

    def unstarted(self) -> Iterator[str]:
        """The tasks that have not started, in the order in which they were added."""
        return (entry.name for entry in self._tasks.values() if entry.progress in _NEVER_RAN)

    def unknown(self) -> tuple[str, str, str] | None:
        """The first task that requires one that does not exist, that name, and the end of a message: what may have been meant; None without one."""
        for name, waiting in self._unknown.items():
            known = (each for each in (*self._tasks, *self._groups) if each != waiting[0].name)
            return waiting[0].name, name, did_you_mean(name, known)
        return None

    def explain(self, most: int = 5) -> str:
        """Who waits for whom: what to say when the schedule is stuck."""
        unknown: dict[_Entry, list[str]] = {}
        for name, waiting in self._unknown.items():
            for entry in waiting:
                unknown.setdefault(entry, []).append(f"`{name}`, which does not exist")
        lines: list[str] = []
        for entry in self._tasks.values():
            if entry.progress not in (Progress.WAITING, Progress.FINISHED):
                continue
            if len(lines) == most:
                return f"{'; '.join(lines)}; …"
            waits = [f"`{each.name}`" for each in entry.waits()] + unknown.get(entry, [])
            lines.append(f"`{entry.name}` waits for {', '.join(waits[:most])}{', …' if len(waits) > most else ''}")
        return "; ".join(lines)

    def _release(self, entries: Iterable[_Entry]) -> list[_Entry]:
        """Make ready what waits for nothing. Gives the groups that have finished by it. Mutates."""
        groups = []
        for entry in entries:
            if entry.missing or entry.progress is not Progress.WAITING:
                continue
            if entry.is_group:
                entry.progress = Progress.FINISHED
                groups.append(entry)
            else:
                entry.progress = Progress.READY
                self._ready.append(entry)
        return groups

    def _settle(self, finished: list[_Entry]) -> list[str]:
        """Follow what finished entries set free. Gives the tasks that are done by it, in the order in which they are. Mutates."""
        done: list[str] = []
        queue = deque(finished)
        while queue:
            entry = queue.popleft()
            if entry.open_children or entry.progress is not Progress.FINISHED:
                continue
            entry.progress = Progress.DONE
            if not entry.is_group:
                done.append(entry.name)
                self._left -= 1
            followers, entry.followers = entry.followers, []
            for follower in followers:
                follower.missing -= 1
            queue.extend(self._release(followers))
            if entry.parent is not None:
                entry.parent.open_children -= 1
                queue.append(entry.parent)
        return done

    def _block(self, entries: Iterable[_Entry]) -> list[str]:
        """Mark what can never be done, with all that depends on it. Gives those that never ran. Mutates."""
        blocked: list[str] = []
        queue = deque(entries)
        while queue:
            entry = queue.popleft()
            if entry.progress not in (Progress.WAITING, Progress.FINISHED):
                continue
            if not entry.is_group:
                self._left -= 1
                if entry.progress is Progress.WAITING:
                    self._adders -= entry.may_add
                    blocked.append(entry.name)
            entry.progress = Progress.BLOCKED
            queue.extend(_dependents(entry))
        return blocked


def _wait(entry: _Entry, target: _Entry) -> None:
    entry.requires.append(target)
    if target.progress is not Progress.DONE:
        entry.missing += 1
        target.followers.append(entry)


def _dependents(entry: _Entry) -> list[_Entry]:
    return entry.followers if entry.parent is None else [*entry.followers, entry.parent]


def _refuse_cycle(entries: Iterable[_Entry]) -> None:
    """Walk what the new tasks wait for, depth first. Raises: StepInvalidError, with the path of a cycle.

    A task that is on the path is met again: that is a cycle. One that was left is fine, and is not walked twice.
    """
    left: set[_Entry] = set()
    for start in entries:
        if start in left:
            continue
        path: dict[_Entry, Iterator[_Entry]] = {start: iter(start.waits())}
        while path:
            last = next(reversed(path))
            following = next(path[last], None)
            if following is None:
                left.add(last)
                del path[last]
            elif following in path:
                raise StepInvalidError(f"the tasks wait for each other in a circle: {_drawn(path, following)}")
            elif following not in left:
                path[following] = iter(following.waits())


def _drawn(path: Mapping[_Entry, object], start: _Entry) -> str:
    names = [entry.name for entry in path]
    circle = [*names[names.index(start.name) :], start.name]
    if len(circle) > 2 * _DRAWN:
        circle[_DRAWN:-_DRAWN] = []
        return f"{_arrows(circle[:_DRAWN])} → … → {_arrows(circle[_DRAWN:])}"
    return _arrows(circle)


def _arrows(circle: Iterable[str]) -> str:
    return " → ".join(f"`{name}`" for name in circle)
