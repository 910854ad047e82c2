"""What no tree can hold is kept as comments, and is no comment on what comes next."""

from pathlib import Path

import pytest

from otterdsl.convert.convert import convert_config

KEPT = {
    "an-entry": ("steps:\n  a:\n    - source: x\n    - name: hello_world b\n", "  # - source: x\n\n  hello_world b {}\n"),
    "with-a-comment-on-the-next": (
        "steps:\n  a:\n    - source: x\n      b: c\n    # of b\n    - name: hello_world b\n",
        "  # - source: x\n  #   b: c\n\n  # of b\n  hello_world b {}\n",
    ),
    "a-step": ("steps:\n  empty:\n  a:\n    - name: hello_world b\n", "# empty:\n\nstep a {\n"),
    "a-key": ("workpath: x\nwork_path: y\nsteps:\n  a: []\n", "# workpath: x\n\npipeline config {\n"),
}


@pytest.mark.parametrize(("text", "kept"), KEPT.values(), ids=KEPT.keys())
def test_an_empty_line_parts_it_from_what_comes_next(text: str, kept: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    converted = convert_config(tmp_path / "config.yaml")
    assert converted.text is not None
    assert kept in converted.text


@pytest.mark.parametrize("items", [["one"], ["one", "two"]])
def test_a_comment_above_the_first_item_of_a_loop_stays_there(items: list[str], tmp_path: Path) -> None:
    listed = "".join(f"        - {item}\n" for item in items)
    do = "      do:\n        - name: hello_world ${each}\n"
    text = f"steps:\n  a:\n    - name: explode x\n      foreach:\n        # above\n{listed}{do}"
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    converted = convert_config(tmp_path / "config.yaml")
    assert converted.text is not None
    assert '  for each in [\n    # above\n    "one",\n' in converted.text
