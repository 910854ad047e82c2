"""Find loops whose turns only a run knows, and whose tasks all write one file.

In: what the tasks of a step write. Out: nothing but findings. Reports: OT406, once for a statement. What is absent: what different statements write
(see `writes`), and loops over constants, whose turns are looked at there.
"""

from collections.abc import Iterable

from otterdsl.compiler.analysis.accesses import Access, StepTasks
from otterdsl.compiler.analysis.report import Report, shown, shown_path
from otterdsl.compiler.analysis.structure import Site
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.values.value import placeholders


def check_open_writes(written: Iterable[Access], tasks: StepTasks, report: Report) -> None:
    """Report the files that a loop writes again in each turn. Mutates: `report`."""
    said: set[Site] = set()
    for each in written:
        site = each.site
        if not site.nest.open or site in said:
            continue
        varies = {name.partition(".")[0] for name in placeholders(each.path)}
        same = next((variable for variable in site.nest.variables if variable in site.nest.open and variable not in varies), None)
        if same is None:
            continue
        said.add(site)
        message = f"each `{shown(site.title)}` of the loop over `{same}` writes `{shown_path(each.path)}`: of all but one nothing is left"
        related = (Label(site.nest.spans[site.nest.variables.index(same)], "this loop"),)
        mend = f"put something of `{same}` into the path"
        report.add("OT406", tasks.span(each), message, label="the same in each turn", mend=mend, related=related)
