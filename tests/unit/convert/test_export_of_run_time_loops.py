"""Loops whose turns only a run knows cannot be said in Otter's YAML, and are not lost in silence."""

from pathlib import Path

import pytest

from otterdsl.convert.export import export_file


@pytest.mark.parametrize("over", ['glob("in/*.csv")', 'lines("names.txt")', 'json("rows.json", "rows")'])
def test_a_loop_that_only_a_run_can_spread_is_refused_at_its_tasks(over: str, tmp_path: Path) -> None:
    entry = tmp_path / "p.otter"
    label = "${each.stem}" if over.startswith("glob") else "${each}"
    entry.write_text(f'step s {{\n  for each in {over} {{ hello_world "{label}" {{}} }}\n  hello_world last {{}}\n}}\n', encoding="utf-8")
    made = export_file(entry)
    assert made.text is None
    assert [(each.code, each.span.start if each.span else -1) for each in made.diagnostics] == [("OT604", entry.read_text().index(f'"{label}"'))]
