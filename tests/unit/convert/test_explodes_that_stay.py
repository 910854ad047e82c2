"""Which explodes of a configuration become loops and which stay, where a mistake or a task made in a run is near."""

from pathlib import Path

import pytest

from otterdsl.convert.check import check_config
from otterdsl.convert.convert import convert_config

RIGHT = "{name: explode x, foreach: [a], do: [{name: 'hello_world ${each}'}]}"


def written(tmp_path: Path, tasks: str, head: str = "") -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(f"{head}steps:\n  s:\n{tasks}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        ("{name: explode x}", ["OT205", "OT207"]),
        ("{name: explode x, foreach: [b], weird: 4, do: [{name: 'hello_world ${each}'}]}", ["OT204", "OT207"]),
        (RIGHT, ["OT207"]),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_of_two_explodes_with_one_name_none_becomes_a_loop_and_none_loses_a_field(other: str, codes: list[str], first: bool, tmp_path: Path) -> None:
    path = written(tmp_path, "".join(f"    - {each}\n" for each in ((other, RIGHT) if first else (RIGHT, other))))
    assert sorted(each.code for each in check_config(path).diagnostics) == codes
    converted = convert_config(path).text
    assert converted is not None
    assert converted.count("explode x {") == 2
    assert ("weird" in other) == ("weird" in converted)
