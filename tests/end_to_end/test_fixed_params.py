"""A run of a package whose params were fixed as it was compiled, in an environment that still sets them."""

import json
from pathlib import Path

import pytest
from command_line import otterdsl


@pytest.mark.parametrize(("given", "warned"), [("them all", True), ("you", False)])
def test_a_variable_for_a_param_that_is_fixed_is_not_passed_over_in_silence(project: Path, given: str, warned: bool) -> None:
    compiled = otterdsl("compile", "p.otter", "-o", "out", "--set", "who=you", folder=project)
    assert compiled.code == 0, compiled.said
    done = otterdsl("run", "out/p", folder=project, OTTERDSL_PARAM_WHO=given)
    assert done.code == 0, done.said
    assert ('warning: `OTTERDSL_PARAM_WHO` is of no use: param `who` was fixed to "you" when the package was compiled' in done.err) == warned
    steps = json.loads((project / "made" / "manifest.json").read_text())["steps"]
    assert given == "you" or given not in json.dumps(steps)
