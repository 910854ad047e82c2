"""Which task may run now: plain bookkeeping, without asyncio, processes or clocks.

A node is a task or a group. It is ready when all that it requires is done, and done when it has finished and all its children (tasks that it
added) are done; a group finishes by itself when its members are done. A node that spreads is one whose tasks are told apart as it runs: they are
its children, and who requires one of them waits until it is known whether it comes. Each edge is looked at once when it is made and once when it is
fulfilled, so all of it is O(V + E). What is absent: what a task is; nodes are names.

Source: Kahn, 1962, for the order. Cycles are found as tasks are added, by walking what these wait for.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from otterdsl.runtime.step.cycles import refuse_cycle
from otterdsl.runtime.step.node import Node, Progress, Required, Tracked
from otterdsl.runtime.util.errors import StepInvalidError, TaskDuplicateError, did_you_mean

_NEVER_RAN: Final = (Progress.WAITING, Progress.READY, Progress.BLOCKED)
_OVER: Final = (Progress.FAILED, Progress.BLOCKED)


class Schedule:
    """The tasks of a step and what they wait for.

    `absent` names tasks that do not exist this time: whoever requires one does not wait for it. `groups` are the groups there are, members or not.
    With `patient`, a required task that does not exist is waited for, as one that another task may add; children are always patient.
    """

    def __init__(self, *, absent: Iterable[str] = (), groups: Iterable[str] = (), patient: bool = False) -> None:
        self._absent = set(absent)
        self._patient = patient
        self._adders = 0
        self._tasks: dict[str, Tracked] = {}
        self._groups: dict[str, Tracked] = {name: Tracked(Node(name), is_group=True) for name in groups}
        self._unknown: dict[str, list[Tracked]] = {}
        self._spreading: dict[str, int] = {}  # by a name of their turns, how many nodes are yet to be spread
        self._turns: dict[str, dict[tuple[str, ...], None]] = {}  # by the first of its names, what is required of what is yet to be spread
        self._ready: deque[Tracked] = deque()
        self._left = 0
        self._started = 0
        self._settle(self._release(self._groups.values()))  # a group without members is done; with a further member it begins anew

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

    def add(self, nodes: Iterable[Node], parent: str | None = None, absent: Iterable[str] = ()) -> None:
        """Add tasks, as children of `parent` where it is given; `absent` is what a condition left out of them.

        Mutates; what is refused leaves a schedule that is of no more use.

        Raises: TaskDuplicateError; StepInvalidError, for a cycle, or for a required task that does not exist (but see `patient`).
        """
        batch = tuple(nodes)
        above = self._tasks[parent] if parent is not None else None
        self._absent.update(absent)
        entries: list[Tracked] = []
        for node in batch:
            if node.name in self._tasks:
                raise TaskDuplicateError(node.name)
            entries.append(Tracked(node, above))
            self._tasks[node.name] = entries[-1]
            for name in node.spreads:
                self._spreading[name] = self._spreading.get(name, 0) + 1
        if above is not None:
            above.children.extend(entries)
            above.open_children += len(entries)
        groups = self._join(batch, entries)
        for node, entry in zip(batch, entries, strict=True):
            self._require(entry, node.requires, patient=self._patient or above is not None)
        refuse_cycle(entries)
        self._left += len(entries)
        self._adders += sum(entry.may_add for entry in entries)
        self._block([entry for entry in entries if any(each.progress in _OVER for each in entry.requires)])
        self._settle(self._release([*entries, *groups]))

    def _join(self, batch: Sequence[Node], entries: Sequence[Tracked]) -> list[Tracked]:
        """Make the tasks members of their groups. Gives the groups. Mutates."""
        joined: dict[str, Tracked] = {}
        for node, entry in zip(batch, entries, strict=True):
            for name in dict.fromkeys(node.groups):
                group = self._groups.get(name)
                if group is None:
                    group = self._groups[name] = Tracked(Node(name), is_group=True)
                elif group.progress is Progress.DONE:
                    group.progress = Progress.WAITING
                joined[name] = group
                group.follow(entry)
        return list(joined.values())

    def _require(self, entry: Tracked, requires: Iterable[Required], *, patient: bool) -> None:
        """Make a task wait for what it requires, and whoever waited for its name wait for it. Mutates."""
        for each in dict.fromkeys(requires):
            name = each if isinstance(each, str) else each[-1]
            target = self._tasks.get(name)
            if target is None and not isinstance(each, str) and each[0] in self._spreading:
                # Even where there is a group of that name, it may not have all its members yet.
                self._turns.setdefault(each[0], {})[each] = None
                self._wait_for_unknown(entry, name)
            elif (target := target or self._groups.get(name)) is not None:
                entry.follow(target)
            elif self._is_absent(each):
                continue
            elif patient:
                self._wait_for_unknown(entry, name)
            else:
                raise StepInvalidError(f"task `{entry.title}` requires `{name}`, which does not exist{did_you_mean(name, self._known())}")
        self._found(entry)

    def _wait_for_unknown(self, entry: Tracked, name: str) -> None:
        entry.missing += 1
        self._unknown.setdefault(name, []).append(entry)

    def _found(self, entry: Tracked) -> None:
        """Make whoever waited for a name wait for the node that has come with it. Mutates."""
        for waiting in self._unknown.pop(entry.name, ()):
            waiting.missing -= 1
            waiting.follow(entry)

    def _is_absent(self, required: Required) -> bool:
        """Whether a condition left out what is required: a task, or its statement as a whole."""
        return required in self._absent if isinstance(required, str) else not self._absent.isdisjoint(required)

    def _known(self) -> Iterator[str]:
        """What may have been meant by a name: tasks and groups."""
        yield from (entry.title for entry in self._tasks.values())
        yield from self._groups

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
        return self._settle([entry, *self._release(self._unmet(entry))])

    def fail(self, name: str) -> list[str]:
        """A started task has failed. Gives the tasks that can never run now. Mutates."""
        entry = self._tasks[name]
        entry.progress = Progress.FAILED
        self._started -= 1
        self._adders -= entry.may_add
        self._left -= 1
        return self._block(entry.dependents())

    def _unmet(self, entry: Tracked) -> list[Tracked]:
        """What waited for turns of which nothing comes any more, now that a node has spread: they were left out, or are all there. Mutates."""
        met: list[Tracked] = []
        for name in entry.spreads:
            self._spreading[name] -= 1
            if self._spreading[name]:
                continue
            del self._spreading[name]
            for required in self._turns.pop(name, ()):
                group = self._groups.get(required[-1])
                if group is None and not self._is_absent(required):
                    continue
                for waiting in self._unknown.pop(required[-1], ()):
                    waiting.missing -= 1
                    if group is not None:
                        waiting.follow(group)
                    met.append(waiting)
        return met

    def unstarted(self) -> Iterator[str]:
        """The tasks that have not started, in the order in which they were added."""
        return (entry.name for entry in self._tasks.values() if entry.progress in _NEVER_RAN and not entry.spreads)

    def unknown(self) -> tuple[str, str, str] | None:
        """The first task that requires one that does not exist, that name, and the end of a message: what may have been meant; None without one."""
        for name, waiting in self._unknown.items():
            known = (each for each in self._known() if each != waiting[0].title)
            return waiting[0].name, name, did_you_mean(name, known)
        return None

    def explain(self, most: int = 5) -> str:
        """Who waits for whom: what to say when the schedule is stuck."""
        unknown: dict[Tracked, list[str]] = {}
        for name, waiting in self._unknown.items():
            for entry in waiting:
                unknown.setdefault(entry, []).append(f"`{name}`, which does not exist")
        lines: list[str] = []
        for entry in self._tasks.values():
            if entry.progress not in (Progress.WAITING, Progress.FINISHED):
                continue
            if len(lines) == most:
                return f"{'; '.join(lines)}; …"
            waits = [f"`{each.title}`" for each in entry.waits()] + unknown.get(entry, [])
            lines.append(f"`{entry.title}` waits for {', '.join(waits[:most])}{', …' if len(waits) > most else ''}")
        return "; ".join(lines)

    def _release(self, entries: Iterable[Tracked]) -> list[Tracked]:
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

    def _settle(self, finished: list[Tracked]) -> list[str]:
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

    def _block(self, entries: Iterable[Tracked]) -> list[str]:
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
            queue.extend(entry.dependents())
        return blocked
