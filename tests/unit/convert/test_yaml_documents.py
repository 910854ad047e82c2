"""What the language's reference shows of YAML is what `convert` makes of it."""

import re
from pathlib import Path

from otterdsl.convert.convert import convert_config

PAGE = Path(__file__).parents[3] / "docs" / "language.md"


def test_the_page_s_configuration_becomes_the_pipeline_below_it(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```.*?```otter\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    for yaml, otter in blocks:
        (tmp_path / "config.yaml").write_text(yaml, encoding="utf-8")
        assert convert_config(tmp_path / "config.yaml").text == otter
