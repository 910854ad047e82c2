"""Files written by hand, exported: Otter makes the same tasks of the result as a run does of the file, and keeps at least its order."""

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from otter_rules import Made, keyed, order_of, tasks_of
from own_run import tasks_of_file

from otterdsl.compiler.frontend import check
from otterdsl.convert.export import export_file

HEAD = """
param release: int = 115
param who: str = "me"
param deep: bool = true
scratchpad {
  efo = "3.1"
  base = "https://x.org/${release}"
  sub = "${efo}/s"
  number = 7
  q = "one letter"
  money = "$5"
  odd-ish = "x"
  'a key' = "with blank"
  half = 0.5
  sites = [{ name = "Biscoe", years = ["2007", "2008"] }, { name = "Dream", years = ["2009"] }]
}
task curation extends copy {
  file: str
  branch: str = "main"
  source = "https://c.org/${branch}/${efo}/${file}"
  destination = "curation/${file}"
}
""".replace("  odd-ish", "  'odd-ish'")

STORED = {"found.it": "gs://found", "find_latest raw": "gs://raw"}
PIECES = ["a", "/", "$", "$$", "${efo}", "${base}", "${sub}", "${number}", "${q}", "${'a key'}", "$${x}", "${money}", "{b}", "$x y", "${release}"]
PIECES += ["${who}", "${half}", "${find_latest.raw}", "${'found.it'}", "${copy.first.destination}", "${'odd-ish'}"]


def texts(more: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """Strings of the language."""
    return st.lists(st.sampled_from([*PIECES, *more]), min_size=0, max_size=4).map("".join)


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """The statements of a step, each with a destination of its own."""
    made = ["find_latest raw { source = 'https://f.org/' }", "find_latest other { source = 'https://f.org/' scratchpad_key = 'found.it' }"]
    made.append("copy first { source = 'https://first.org' destination = 'first' }")
    targets = ["copy.first", "find_latest.raw"]
    number = 0

    def fresh() -> int:
        nonlocal number
        number += 1
        return number

    def requires(*inner: str) -> str:
        chosen = draw(st.lists(st.sampled_from([*targets, *inner]), max_size=2, unique=True))
        return f"requires [{', '.join(chosen)}]" if chosen else ""

    def copy(label: str, more: tuple[str, ...] = (), inner: tuple[str, ...] = ()) -> str:
        at = fresh()
        source = draw(texts(more))
        destination = "".join(more)
        return f'copy "{label} {at}" {{ {requires(*inner)} source = "https://{source}" destination = "d{at}/{destination}" }}'

    def curation(label: str) -> str:
        at = fresh()
        return f'curation "{label} {at}" {{ {requires()} file = "f{at}{draw(texts())}" {draw(st.sampled_from(["", "branch = who"]))} }}'

    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["copy", "curation", "for", "nested", "explode", "if"]))
        at = fresh()
        if kind == "copy":
            made.append(copy("c"))
            targets.append(f"copy.'c {number}'")
        elif kind == "curation":
            made.append(curation("c"))
            targets.append(f"curation.'c {number}'")
        elif kind == "if":
            condition = draw(st.sampled_from(["deep", "not deep", "release > 3", "efo == '3.1'"]))
            made.append(f"if {condition} {{ {copy('i')} }} else {{ {copy('e')} }}")
        elif kind == "for":
            variable = draw(st.sampled_from(["i", "each", "item", "efo_version"]))
            items = draw(st.sampled_from(['["a", "b"]', '["a"]', '["a$", "b"]', "[1, 2]", '[efo, "${sub}x"]', "[1.5, true]", '["${who}", "b c"]']))
            label = draw(st.sampled_from(["", f" as l{at}", f" as 'l {at}'"]))
            count = draw(st.integers(1, 2))
            inner = [copy(f"${{{variable}}}", (f"${{{variable}}}",)) for _ in range(count)]
            if count == 2 and draw(st.booleans()):
                of_turn = f'"${{{variable}}} {number}"'
                inner.append(
                    f'copy "${{{variable}}} n{at}" {{ requires [copy.{of_turn}] source = "https://y" destination = "n{at}${{{variable}}}" }}'
                )
            if draw(st.integers(0, 4)) == 0:
                inner[0] = f"if {variable} != 'b' {{ {inner[0]} }}"
            made.append(f"for {variable} in {items}{label} {{ {requires()} {' '.join(inner)} }}")
            if "as" in label:
                targets.append(label.removeprefix(" as ") if "'" not in label else f'"l {at}"')
            elif "a" in items[:4] and "a$" not in items and "if" not in made[-1] and count == 1:
                targets.append(f"copy.'a {number}'")
        elif kind == "nested":
            made.append(f"for site in sites as n{at} {{ for year in site.years {{ {copy('${site.name} ${year}', ('${year}', '${site.name}'))} }} }}")
            targets.append(f"n{at}")
        else:
            holder = draw(st.sampled_from(["each", "that one"]))
            extra = "" if holder == "each" else f'each_placeholder = "{holder}"'
            named = "${each}" if holder == "each" else f"${{'{holder}'}}"
            items = draw(st.sampled_from(['["x", "y"]', '["x"]', '["x$"]', '[who, "${sub}"]']))
            tasks = copy(named, (named,))
            if draw(st.booleans()):
                tasks += f' for k in ["1", "2"] {{ {copy(named + " ${k}", (named, "${k}"))} }}'
            if draw(st.booleans()):
                inside = copy(named + " ${inner}", (named, "${inner}"))
                tasks += f' explode "{named} e{at}" {{ foreach = ["p", "q"] each_placeholder = "inner" do {{ {inside} }} }}'
            made.append(f"explode e{at} {{ {requires()} foreach = {items} {extra} do {{ {tasks} }} }}")
            targets.append(f"explode.e{at}")
    return "\n".join(made)


def known_by(tasks: dict[str, Made]) -> dict[str, str]:
    """What a task is known by whatever it is called: where it writes to."""
    return {name: str(task.fields["destination"]) for name, task in tasks.items() if "destination" in task.fields}


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(bodies())
def test_otter_does_the_same(body: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "p.otter")
        path.write_text(f"{HEAD}\nstep s {{\n{body}\n}}\n", encoding="utf-8")
        assume(check(path).program is not None)
        export = export_file(path)
        if export.text is None:
            event(f"refused: {export.diagnostics[0].message}")
            assert {each.code for each in export.diagnostics if each.severity.value == "error"} == {"OT604"}
            return
        event("exported")
        ours = tasks_of_file(path, "s", STORED, {})
        theirs = tasks_of(export.text, "s", STORED)
        values = {at: ours[name].fields for name, at in known_by(ours).items()}
        for name, at in known_by(theirs).items():
            fields = dict(values[at])
            fields.pop("file", None)
            fields.pop("branch", None)
            assert json.dumps(fields, sort_keys=True) == json.dumps(theirs[name].fields, sort_keys=True)
        assert sorted(known_by(theirs).values()) == sorted(values)
        missing = keyed(order_of(ours), known_by(ours)) - keyed(order_of(theirs), known_by(theirs))
        assert not missing, export.text
