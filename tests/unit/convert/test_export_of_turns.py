"""Random steps whose tasks wait for turns of loops, by name, by template and through fields: export keeps all of the order."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from otter_rules import keyed, order_of, tasks_of
from own_run import tasks_of_file

from otterdsl.compiler.frontend import check
from otterdsl.convert.export import export_file

HEAD = """
param deep: bool = true
param flat: bool = false
task fetch extends copy { file: str source = "https://x/${file}" destination = "in/${file}" }
"""
ITEMS = ("x", "y")
STORED = {f"find_latest {kind}{number} {item}": f"gs://{number}{item}" for kind in "lt" for number in range(9) for item in ITEMS}


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """The statements of a step. Each waits for what stands before it, and has a destination of its own."""
    made: list[str] = []
    turns: list[tuple[str, str, bool]] = []  # type, label up to the item, whether a turn has a destination
    single: list[str] = []

    def needs(variable: str | None) -> tuple[str, str]:
        """What a task requires, and what it names in a field."""
        items = [*ITEMS, *([f"${{{variable}}}"] * 3 if variable else [])]
        named = (
            [(f'{kind}."{label}{draw(st.sampled_from(items))}"', kind) for kind, label, _ in draw(st.lists(st.sampled_from(turns), max_size=2))]
            if turns
            else []
        )
        groups = draw(st.lists(st.sampled_from(single), max_size=1)) if single else []
        required, field = list(groups), ""
        for name, kind in named:
            by_field = draw(st.booleans()) and not field
            if by_field and kind == "find_latest" and variable and "${" in name:
                by_field = False
            if by_field:
                field = f"${{{name}}}" if kind == "find_latest" else f"${{{name}.destination}}"
            else:
                required.append(name)
        return (f"requires [{', '.join(dict.fromkeys(required))}]" if required else ""), field

    def task(kind: str, number: int, item: str, variable: str | None) -> str:
        requires, field = needs(variable)
        label = f"{'l' if variable else 't'}{number} {item}"
        if kind == "find_latest":
            return f'find_latest "{label}" {{ {requires} source = "https://f/{number}{item}" }}'
        if kind == "fetch":
            return f'fetch "{label}" {{ {requires} file = "{number}{item}" }}'
        return f'copy "{label}" {{ {requires} source = "https://h/{field}" destination = "d{number}/{item}" }}'

    for number in range(draw(st.integers(2, 6))):
        shape = draw(st.sampled_from(["for", "for", "for", "task", "if", "nested", "two"]))
        kind = draw(st.sampled_from(["copy", "copy", "fetch", "find_latest"]))
        if shape in ("for", "two"):
            variable = draw(st.sampled_from(["each", "i", "it"]))
            label = f"g{number}" if draw(st.booleans()) else ""
            inner = task(kind, number, f"${{{variable}}}", variable)
            if shape == "two":
                turns.append((kind, f"l{number} ", kind != "find_latest"))
                inner += " " + task("copy", number, f"${{{variable}}} more", variable)
                turns.pop()
            made.append(f'for {variable} in ["x", "y"]{f" as {label}" if label else ""} {{ {inner} }}')
            turns.append((kind, f"l{number} ", kind != "find_latest"))
            single += [label] if label else []
        elif shape == "nested":
            inner = task("copy", number, "${a} ${b}", "a")
            made.append(f'for a in ["x", "y"] as g{number} {{ for b in ["x"] {{ {inner} }} }}')
            single.append(f"g{number}")
        else:
            both = " ".join(task(kind, number, item, None) for item in ITEMS)
            made.append(both if shape == "task" else f"if {draw(st.sampled_from(['deep', 'flat']))} {{ {both} }}")
            turns.append((kind, f"t{number} ", kind != "find_latest"))
    return "\n".join(draw(st.permutations(made)))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(bodies())
def test_the_order_between_turns_is_kept(body: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "p.otter")
        path.write_text(f"{HEAD}\nstep s {{\n{body}\n}}\n", encoding="utf-8")
        assume(check(path).program is not None)
        export = export_file(path)
        assert export.text is not None, (body, export.diagnostics)
        event("exported")
        ours, theirs = tasks_of_file(path, "s", STORED, {}), tasks_of(export.text, "s", STORED)
        known = {name: name.replace("fetch", "copy") for name in ours}
        same = {name: name for name in theirs if not name.startswith("explode ")}
        assert sorted(known.values()) == sorted(same)
        order = order_of(theirs)
        missing = keyed(order_of(ours), known) - keyed(order, same)
        assert not missing, (body, export.text)
        assert not any((later, first) in order for first, later in order), (body, export.text)
