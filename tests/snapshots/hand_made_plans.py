"""Plans made by hand, each with what only a Plan can show at once. The snapshots beside them are what they become."""

from otterdsl.compiler.plan.model import (
    Plan,
    PlannedClass,
    PlannedEdge,
    PlannedField,
    PlannedLoop,
    PlannedParam,
    PlannedStep,
    PlannedTask,
    PlannedType,
)
from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Condition, Constant, Item, Not, Param
from otterdsl.compiler.values.types import Type, TypeOption, plain
from otterdsl.compiler.values.value import Value

CLASSES = {
    "copy": PlannedClass("otterdsl.runtime.tasks.copy", "Copy", "CopySpec"),
    "explode": PlannedClass("otterdsl.runtime.tasks.explode", "Explode", "ExplodeSpec"),
    "find_latest": PlannedClass("otterdsl.runtime.tasks.find_latest", "FindLatest", "FindLatestSpec"),
    "hello_world": PlannedClass("otterdsl.runtime.tasks.hello_world", "HelloWorld", "HelloWorldSpec"),
}


def task(
    name: str,
    spec: dict[str, Value],
    *,
    after: tuple[str, ...] = (),
    loops: tuple[PlannedLoop, ...] = (),
    when: Condition | None = None,
    groups: tuple[str, ...] = (),
    subtasks: dict[str, tuple[PlannedTask, ...]] | None = None,
    doc: str = "",
    line: int = 1,
) -> PlannedTask:
    """A task statement; its type is the first word of its name."""
    inner = subtasks or {}
    edges = tuple(PlannedEdge(target, "requires") for target in after)
    return PlannedTask(name, name.split(" ")[0], spec, inner, (*spec, *inner), edges, loops, when, groups, doc, "inputs.otter", line)


def step(name: str, *tasks: PlannedTask, requires: tuple[str, ...] = (), doc: str = "") -> PlannedStep:
    """A step."""
    return PlannedStep(name, requires, tasks, doc, "inputs.otter", 1)


def plan(*steps: PlannedStep, **others: object) -> Plan:
    """A plan of these steps."""
    given = {"pipeline": "inputs", "file": "inputs.otter", "doc": "", "settings": {}, "params": (), "packages": (), "types": (), "classes": CLASSES}
    return Plan(**{**given, **others, "steps": steps})  # type: ignore[arg-type] # the names above are its own


def list_of(name: str) -> Type:
    """`list[name]`."""
    return Type((TypeOption("list", plain(name)),))


NEW = Compare(Param("ensembl"), ">", Constant(110))

WHOLE = plan(
    step(
        "expression",
        task("find_latest atlas", {"source": "gs://otar010-atlas"}, line=40),
        task(
            "copy atlas",
            {"source": "${find_latest atlas}", "destination": "input/evidence/atlas.json.bz2"},
            after=("find_latest atlas",),
            doc="What the atlas holds.\n\n  indented\n",
            line=46,
        ),
        task("curation disease_mapping", {"file": "manual.tsv", "source": "https://x/26.03/manual.tsv", "destination": "input/manual.tsv"}, line=50),
        doc="Baseline expression.",
    ),
    step(
        "target",
        task(
            "copy ${each} genes",
            {"source": "https://ftp.example.org/release-${ensembl}/json/${each}/${each}.json", "destination": "input/target/${each}.json"},
            loops=(PlannedLoop("each", ("homo_sapiens", "mus_musculus")),),
            groups=("homology",),
            line=60,
        ),
        task(
            "copy part ${each} ${part}",
            {"source": "s", "destination": "d"},
            loops=(PlannedLoop("each", ({"parts": (1, 2)},)), PlannedLoop("part", Item("each.parts"))),
            when=AnyOf((Not(Param("with_ppp")), AllOf((Compare(Item("part"), "in", Constant((1, 3))), NEW)))),
            groups=("outer", "inner ${ensembl}"),
            line=66,
        ),
        task("hello_world last", {}, after=("homology", "copy ppp"), line=70),
        task("copy ppp", {"source": "gs://ppp/x", "destination": "input/ppp"}, when=Param("with_ppp"), line=74),
        requires=("expression",),
    ),
    doc="Open Targets inputs, cut down.",
    settings={"work_path": "./work", "pool_size": 8, "mirrors": {}},
    params=(
        PlannedParam("ensembl", plain("int"), 115, False, ""),
        PlannedParam("with_ppp", plain("bool"), False, False, ""),
        PlannedParam("token", Type((TypeOption("str", optional=True),)), None, False, ""),
        PlannedParam("species", list_of("str"), None, True, ""),
    ),
    types=(
        PlannedType(
            "curation",
            "task",
            "copy",
            None,
            (PlannedField("file", plain("str"), True, None, (), "A path in the repository."),),
            "Fetch one file of the curation repository.",
            "inputs.otter",
            20,
        ),
    ),
)

EITHER = Type((TypeOption("list", plain("input")), TypeOption("input"), TypeOption("key", optional=True)))

TYPES = plan(
    step(
        "use them",
        task("word_count all", {"source": "a", "either": None}),
        task("big one", {"do": ()}),
        task("sub one", {"file": "x", "source": "b", "either": "c"}),
    ),
    packages=("pis.tasks",),
    types=(
        PlannedType(
            "word_count",
            "extern",
            None,
            None,
            (
                PlannedField("source", plain("input"), True, None, (), ""),
                PlannedField("kinds", list_of("output"), False, ("a", "b"), (), ""),
                PlannedField("wait", plain("duration"), False, "30m", (), ""),
                PlannedField("room", Type((TypeOption("size", optional=True),)), False, None, (), ""),
                PlannedField("either", EITHER, True, None, (), ""),
                PlannedField("extra", Type((TypeOption("map", plain("any")),)), False, {}, (), ""),
                PlannedField("text", plain("str"), False, "a text that is so long that it does not fit the line it would stand on", (), ""),
            ),
            "Count the words of a text file.\nSlowly.",
            "inputs.otter",
            3,
        ),
        PlannedType(
            "big",
            "extern",
            None,
            PlannedClass("pis.tasks.big", "Big", None),
            (PlannedField("do", list_of("Spec"), True, None, ("each", "prefix"), ""),),
            "",
            "inputs.otter",
            9,
        ),
        PlannedType("sub", "task", "word_count", None, (PlannedField("file", plain("str"), True, None, (), ""),), "", "inputs.otter", 12),
    ),
)

WITHIN = plan(
    step(
        "explosions",
        task(
            "explode over",
            {"foreach": ("a", "b")},
            subtasks={
                "do": (
                    task("copy ${each}", {"source": "${each}", "destination": "x/${each}"}),
                    task(
                        "copy ${each} ${part}",
                        {"source": "a", "destination": "b/${part}"},
                        after=("copy ${each}",),
                        loops=(PlannedLoop("part", (1, 2)),),
                        when=Param("with_ppp"),
                        groups=("parts",),
                    ),
                    task("explode deeper", {"foreach": ("c",)}, subtasks={"do": (task("copy deep", {"source": "s", "destination": "t"}),)}),
                )
            },
        ),
    ),
    params=(PlannedParam("with_ppp", plain("bool"), True, False, ""),),
)

NAMES = plan(
    step(
        "tasks",
        task("copy", {"source": "a", "destination": "type alone"}),
        task("copy 文件", {"source": "a", "destination": "no ASCII word besides the type"}),
        task("copy a b", {"source": "a", "destination": "first"}),
        task("copy a-b", {"source": "a", "destination": "second of that name"}),
        task(f"copy {'long ' * 30}".strip(), {"source": "a", "destination": "long"}),
        task("hello_world", {"who": "the import", "from": "a keyword", "two words": (1,), "naïve": None}),
    ),
    step("2nd/../step"),
    step("Class", task("copy a b", {"source": "a", "destination": "other step"})),
    pipeline="na{{ me }}\n\u202e",
    file='"""\nimport os\n.otter',
)

HOSTILE = plan(
    step(
        'quotes " \' """',
        task(
            'copy """ \\ {{ x }} {% if y %} ${each}\n\0\u202e\u200b\ud800',
            {
                "source": "__import__('os').system('true')",
                "destination": '"); import os; ("',
                "quotes": ("'", '"', "'\"", "\\", "\\'", '\\"', "'''", '"""'),
                "kept": ("naïve", "日本語", "🎉", "{{ x }}", "{% raw %}", "{# c #}", "$${literal}", "# type: ignore", "# fmt: off"),
                "escaped": ("\x1b[31m", "\x85\u2028\u2029", "\u2066\u2069", "\ufeff", "\U000e0041", "\t\r\n", "\u00a0\u3000"),
                "numbers": (0, -5, 1.5, 1e16, 1e-7, 10**700, True, None),
                "map": {'"': "'", "\n": {}, "": ()},
            },
            loops=(PlannedLoop("each", ("only one, and it is so long that the line that holds it must be broken",)), PlannedLoop("x", (("a",),))),
            when=Compare(Constant("a rather long constant, to be compared with another"), "==", Constant("which is as long as that one")),
            groups=("a label that is long enough to be set in parentheses, but fits them well",),
            doc='  a doc that ends in quotes "\n\ttabs\t\n"""\n   trailing \\',
        ),
        doc=" \n   all of it indented\n    more\n",
    ),
    doc='"starts and ends with quotes"',
)

PLANS = {"whole": WHOLE, "types": TYPES, "within": WITHIN, "names": NAMES, "hostile": HOSTILE}
