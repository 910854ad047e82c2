"""Find writes that collide: files that two tasks write, and tasks that do the same twice.

In: the tasks of all steps. Out: nothing but findings. Reports: OT406 to OT409, once for the statements that collide, however many files and turns.
Tasks that exclude each other do not collide, and tasks of a step may share a folder that they write `into`. What is absent: order. Two
tasks that write one file collide whatever waits for what.

Of tasks that write one file, these have one source: tasks of one type (or of types that extend one) whose inputs are the same, if they have any.
They may write the same, so that is a warning; what tasks of other types, or of other inputs, write is another thing, and one of the two is lost.
Where a type has no inputs, its other fields say what is written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from otterdsl.compiler.analysis.accesses import INPUT, INTO, OUTPUT, Access, StepTasks, only_params
from otterdsl.compiler.analysis.excluding import Stand, exclude
from otterdsl.compiler.analysis.fields import Wait
from otterdsl.compiler.analysis.index import Family
from otterdsl.compiler.analysis.open_writes import check_open_writes
from otterdsl.compiler.analysis.paths import normal
from otterdsl.compiler.analysis.report import Report, shown, shown_path
from otterdsl.compiler.analysis.scope import POISON
from otterdsl.compiler.analysis.structure import Site
from otterdsl.compiler.analysis.turns import filled, row_lookup, turn_text
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import Value

Waits: TypeAlias = Mapping[Site, Sequence[Wait]]
_COMPARED: Final = 8  # a task is held against so many of those that write the same, to see whether they exclude each other
_RELATED: Final = 6  # so many other tasks are pointed at

_Same: TypeAlias = dict[object, list[Access]]


@dataclass(frozen=True, slots=True)
class StepWrites:
    """What the tasks of a step write, by path: files, and folders that others may share. Each with all who write it."""

    tasks: StepTasks
    owners: Mapping[Site, Family]
    waits: Waits
    files: _Same
    folders: _Same

    @property
    def written(self) -> list[Access]:
        """All that is written."""
        return [each for paths in (self.files, self.folders) for tasks in paths.values() for each in tasks]

    def stand(self, access: Access) -> Stand:
        """The task that writes."""
        return Stand(access.site, access.row, self.owners)


@dataclass(slots=True)
class _Clash:
    """Tasks that write one file, and how many more files the same statements collide in. Mutated: `more`."""

    tasks: list[Access]
    more: int = 0


@dataclass(frozen=True, slots=True)
class _Clashes:
    """What was found, by code and statements. Mutated: `add` adds."""

    found: dict[tuple[str, tuple[Site, ...]], _Clash] = field(default_factory=dict)

    def add(self, code: str, tasks: list[Access]) -> None:
        """Mutates: keeps the tasks, or counts them where their statements were found before."""
        key = (code, tuple(dict.fromkeys(each.site for each in tasks)))
        if key in self.found:
            self.found[key].more += 1
        else:
            self.found[key] = _Clash(tasks)


def check_writes(tasks: StepTasks, waits: Waits, report: Report) -> StepWrites:
    """What the tasks of a step write. Mutates: `report`. Reports: OT406, OT407, OT408."""
    owners = {site: family for family in tasks.families for site in family.sites}
    writes = StepWrites(tasks, owners, waits, _gathered(tasks, OUTPUT), _gathered(tasks, INTO))
    clashes = _Clashes()
    check_open_writes((each for group in writes.files.values() for each in group), tasks, report)
    for group in writes.files.values():
        for cluster in _clusters(group, writes) if len(group) > 1 else ():
            clashes.add(_code(cluster, writes), cluster)
    for group in writes.folders.values():
        if len(group) < 2:
            continue
        by_text: dict[object, list[Access]] = {}
        for each in group:
            # Tasks that write a file besides were looked at above.
            if each.site.type is None or not tasks.fields_of(each.site.type, OUTPUT):
                by_text.setdefault(_all_fields(each, writes), []).append(each)
        for same in by_text.values():
            for cluster in _clusters(same, writes) if len(same) > 1 else ():
                clashes.add("OT407", cluster)
    for (code, _), clash in clashes.found.items():
        _report(code, clash, writes, report)
    return writes


def _gathered(tasks: StepTasks, role: int) -> _Same:
    """The paths of a role with all tasks that hold it. One that a task around fills in means something in the tasks of its field alone."""
    found: _Same = {}
    for family in tasks.families:
        inner = family.outer is not None
        for each in tasks.accesses(family.sites, role):
            key: object = each.path
            if inner and "${" in each.path and not only_params(each.path, each.site):
                own = len(each.site.nest.variables) - len(each.site.around.loops)
                key = (id(family), repr(each.site.nest.rows[each.row][:own]), each.path)
            group = found.get(key)
            if group is None:
                found[key] = [each]
            elif group[-1].site is not each.site or group[-1].row != each.row:
                group.append(each)
    return found


def _clusters(group: list[Access], writes: StepWrites) -> Iterator[list[Access]]:
    """Those of a group that one run can have together, two or more. Tasks of one name count as one.

    That they share a name was reported. So was what is wrong with a task's inputs, and nothing more is said of that one.
    """
    known: dict[Site, bool] = {}
    for each in group:
        if each.site not in known:
            known[each.site] = _is_known(each.site, writes.tasks)
    named = {writes.tasks.title(each.site, each.row): each for each in reversed(group) if known[each.site]}
    clusters: list[list[Access]] = []
    for each in reversed(named.values()):
        for cluster in clusters:
            if any(not exclude(writes.stand(each), writes.stand(other)) for other in cluster[:_COMPARED]):
                cluster.append(each)
                break
        else:
            clusters.append([each])
    return (cluster for cluster in clusters if len(cluster) > 1)


def _is_known(site: Site, tasks: StepTasks) -> bool:
    """Whether nothing that a task reads is wrong, and was reported."""
    return site.type is None or all(tasks.fields.result(site, each.name).value is not POISON for each in tasks.fields_of(site.type, INPUT))


# ---------------------------------------------------------------- what is the same


def _code(cluster: list[Access], writes: StepWrites) -> str:
    """What it is that tasks do which write one file."""
    first = _source(cluster[0], writes)
    if any(_source(each, writes) != first for each in cluster[1:]):
        return "OT406"
    alike = _all_fields(cluster[0], writes)
    if all(_all_fields(each, writes) == alike for each in cluster[1:]):
        return "OT407"
    return "OT408" if first[1] else "OT406"


def _source(access: Access, writes: StepWrites) -> tuple[str, object]:
    """The type that a task's type comes from, and what the task reads."""
    kind = access.site.type
    root = kind.registered.name if kind and kind.registered else access.site.use.type.text
    return root, writes.tasks.texts(access.site, access.row, INPUT)


def _all_fields(access: Access, writes: StepWrites) -> object:
    """All that a task says but its name, in a form that can be compared. Tasks that hold tasks are like no other."""
    site, row = access.site, access.row
    if site.type is None or any(isinstance(item, ast.TaskList) for item in site.use.body):
        return (site, row)
    names = dict.fromkeys((*site.type.fields, *writes.tasks.fields.attributes(site)))
    paths = {each.name for role in (INPUT, OUTPUT, INTO) for each in writes.tasks.fields_of(site.type, role)}
    values = tuple((name, _frozen(writes.tasks.in_turn(site, row, name), name in paths)) for name in sorted(names))
    lookup = row_lookup(site.nest.variables, site.nest.rows[row])
    before = frozenset(filled(wait.edge.target, lookup) for wait in writes.waits.get(site, ()) if wait.edge.reason != "data")
    return site.use.type.text, values, before


def _frozen(value: Value, path: bool) -> object:
    match value:
        case str() if path:
            return normal(value)
        case tuple():
            return tuple(_frozen(each, path) for each in value)
        case Mapping():
            return tuple(sorted(((key, _frozen(each, path)) for key, each in value.items()), key=lambda entry: entry[0]))
        case _:
            return type(value).__name__, value


# ---------------------------------------------------------------- findings


def _report(code: str, clash: _Clash, writes: StepWrites, report: Report) -> None:
    *earlier, last = clash.tasks
    tasks = writes.tasks
    name, other = shown(tasks.title(last.site, last.row)), shown(tasks.title(earlier[0].site, earlier[0].row))
    path = shown_path(last.path)
    rest = f" ({_count(clash.more, 'other file')} the same way)" if clash.more else ""
    match code:
        case "OT406":
            message = f"`{name}` writes over what `{other}` writes: `{path}` is the destination of both{rest}"
            mend = "give one of them another destination"
        case "OT407":
            message = f"`{name}` does what `{other}` does already: they differ in nothing but their names{rest}"
            mend = "take one of them out, or give it its own source and destination"
        case _:
            message = f"`{name}` writes `{path}` from the same source as `{other}` does{rest}"
            mend = "take one of them out, or give it another destination"
    turn = _turn(last)
    label = f"written by `{other}` too{f', where {turn}' if turn else ''}"
    related = _related((tasks, last), [(tasks, each) for each in earlier])
    report.add(code, tasks.span(last), message, label=label, mend=mend, related=related)


def _related(reported: tuple[StepTasks, Access], listed: Sequence[tuple[StepTasks, Access]]) -> list[Label]:
    """Where each of the others writes, then the names of the task that is reported and of the first of the others."""
    labels = []
    for tasks, each in listed[:_RELATED]:
        turn = _turn(each)
        labels.append(Label(tasks.span(each), f"`{shown(tasks.title(each.site, each.row))}` writes it here{f', where {turn}' if turn else ''}"))
    if len(listed) > _RELATED:
        labels[-1] = Label(labels[-1].span, f"{labels[-1].text}; {_count(len(listed) - _RELATED, 'more task')} besides")
    named = {each.site.use.label.span: shown(tasks.title(each.site, each.row)) for tasks, each in (reported, listed[0])}
    return [*labels, *(Label(span, f"this is `{name}`") for span, name in named.items() if name and span not in {each.span for each in labels})]


def _turn(access: Access) -> str:
    nest = access.site.nest
    return turn_text(nest.variables, nest.rows[access.row]) if nest.variables else ""


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def check_across(steps: Sequence[StepWrites], report: Report) -> None:
    """Report what is written in two steps. Mutates: `report`. Reports: OT409."""
    clashes = _Clashes()
    where: dict[Site, StepWrites] = {}
    for group in _in_two_steps([(step, key, tasks[0]) for step in steps for key, tasks in step.files.items()]):
        _add_across("file", group, where, clashes)
    folders = _in_two_steps([(step, key, each) for step in steps for key, tasks in step.folders.items() for each in tasks])
    for group in folders:
        by_text: dict[object, list[tuple[StepWrites, Access]]] = {}
        for step, each in group:
            by_text.setdefault(_all_fields(each, step), []).append((step, each))
        for same in by_text.values():
            first_of = {step.tasks.name: (step, each) for step, each in reversed(same)}
            if len(first_of) > 1:
                _add_across("folder", list(first_of.values())[::-1], where, clashes)
    for (kind, _), clash in clashes.found.items():
        _report_across(kind, clash, where, report)


def _in_two_steps(written: Iterable[tuple[StepWrites, object, Access]]) -> list[list[tuple[StepWrites, Access]]]:
    """The writes of each path that tasks of two steps or more write."""
    first: dict[object, tuple[StepWrites, Access]] = {}
    several: dict[object, list[tuple[StepWrites, Access]]] = {}
    for step, key, access in written:
        if not isinstance(key, str) or not only_params(key, access.site):
            continue
        if key not in first:
            first[key] = (step, access)
        else:
            several.setdefault(key, [first[key]]).append((step, access))
    return [group for group in several.values() if len({step.tasks.name for step, _ in group}) > 1]


def _add_across(kind: str, group: list[tuple[StepWrites, Access]], where: dict[Site, StepWrites], clashes: _Clashes) -> None:
    """Mutates: `where` and `clashes`."""
    where.update((access.site, step) for step, access in group)
    *earlier, (step, last) = group
    together = [each for other, each in earlier if not exclude(other.stand(each), step.stand(last))]
    if together:
        clashes.add(kind, [*together, last])


def _report_across(kind: str, clash: _Clash, where: Mapping[Site, StepWrites], report: Report) -> None:
    *earlier, last = clash.tasks
    here, there = where[last.site].tasks, where[earlier[0].site].tasks
    rest = f" ({_count(clash.more, 'other file')} the same way)" if clash.more else ""
    what = "what is written" if kind == "folder" else "a file"
    names = ", ".join(f"`{shown(where[each.site].tasks.name)}`" for each in earlier)
    message = f"`{shown_path(last.path)}` is written in step `{shown(here.name)}` and in {names} too{rest}"
    label = f"`{shown(there.title(earlier[0].site, earlier[0].row))}` of step `{shown(there.name)}` writes {what} there as well"
    mend = "write it in one step, and let the others require that"
    related = _related((here, last), [(where[each.site].tasks, each) for each in earlier])
    report.add("OT409", here.span(last), message, label=label, mend=mend, related=related)
