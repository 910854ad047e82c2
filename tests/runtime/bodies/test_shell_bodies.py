import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from otterdsl.runtime.bodies import shell

HOSTILE = [
    "", " ", "a b", "*", "~", "$HOME", "$(touch pwned)", "`touch pwned`", "'", '"', "\\", "\n", "a\nb\n", "; touch pwned",
    "-n", "-e x", "!", "&& x", "\t",
    "\x01\x1b[31m", "é", "🦦", "\udcff", "${OTTER_value}", "a\\nb", "$'x'", "]", "@", "x" * 100_000,
]  # fmt: skip


def read(path: Path) -> bytes:
    return path.read_bytes()


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_arrives_as_it_is(bodies, root, value):
    ran = bodies.sh('printf %s "${OTTER_value}" > "${OTTER_destination}"', value=value, destination="out")
    assert ran.ok, ran.reason
    assert read(root / "out") == os.fsencode(value)
    assert not (root / "pwned").exists()


@pytest.mark.parametrize("values", [[], [""], HOSTILE, ["one"], [1, 2.5, True, None, {"a": [1]}], [str(n) for n in range(50_000)]])
def test_a_list_arrives_as_an_array(bodies, root, values):
    ran = bodies.sh('printf "%s\\0" "${#OTTER_value[@]}" "${OTTER_value[@]}" > "${OTTER_destination}"', value=values, destination="out")
    assert ran.ok, ran.reason
    count, *found = read(root / "out").split(b"\0")[:-1]
    texts = ["1", "2.5", "true", "null", '{"a": [1]}'] if values[:1] == [1] else values
    assert (int(count), found) == (len(values), [os.fsencode(each) for each in texts])


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=4), max_size=4))
@example([[], ["a"], [], ["", "b\n"]])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lists_do_not_mix(bodies, root, lists):
    script = "\n".join(f'printf "%s\\0" "${{#OTTER_l{n}[@]}}" "${{OTTER_l{n}[@]}}" >> "${{OTTER_destination}}"' for n in range(len(lists)))
    escaped = {f"l{n}": [text.replace("${", "$${") for text in each] for n, each in enumerate(lists)}
    ran = bodies.sh(f': > "${{OTTER_destination}}"\n{script}', escaped, destination="out")
    assert ran.ok, ran.reason
    assert read(root / "out") == b"".join(part.encode() + b"\0" for each in lists for part in (str(len(each)), *each))


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (None, "null"), (3, "3"), (1e300, "1e+300"), ({"a": "é"}, '{"a": "é"}'), (10**30, str(10**30))]
)
def test_other_values_are_as_in_any_text(bodies, value, text):
    assert bodies.sh('echo "<${OTTER_value}>"', value=value).lines == [f"<{text}>"]


def test_params_and_text_around_them(bodies):
    ran = bodies.sh('echo "${OTTER_url}"', {"url": "https://x/${ensembl}/${value}/$${literal}"}, value="v")
    assert ran.lines == ["https://x/115/v/${literal}"]


def test_a_member_of_a_map(bodies):
    assert bodies.sh('echo "${OTTER_m}"', {"m": "${value.a.b}"}, value={"a": {"b": 7}}).lines == ["7"]


def test_a_param_may_be_called_as_what_every_task_has(bodies):
    assert bodies.sh('echo "${OTTER_x}"', {"x": "${name}"}).lines == ["made x"]
    bodies.scratchpad.store("name", "a param")
    assert bodies.sh('echo "${OTTER_x}"', {"x": "${name}"}).lines == ["a param"]


def test_a_name_without_a_value_is_named(bodies):
    ran = bodies.sh("echo no", {"x": "${ensemble}"})
    assert ran.reason == "nothing gives `${ensemble}` a value; did you mean `ensembl`?"


@pytest.mark.parametrize("value", ["a\0b", ["a", "\0"]])
def test_a_nul_is_refused(bodies, value):
    ran = bodies.sh("echo no", value=value)
    assert ran.reason == "the value of `OTTER_value` holds a NUL, which no script can be given"
    assert ran.lines[:-1] == []


def test_half_a_character_is_refused(bodies):
    assert "half a character" in bodies.sh("echo no", value="\ud800").reason


def test_a_value_too_large_says_so(bodies):
    ran = bodies.sh("echo no", value="x" * 3_000_000)
    assert ran.reason.startswith("the script and its values are too large for an environment; the largest is `OTTER_value`, of 3000000 bytes")


def test_a_list_may_be_larger_than_an_environment(bodies):
    assert bodies.sh('echo "${#OTTER_value[0]}"', value=["x" * 3_000_000]).lines == ["3000000"]


def test_no_bash(bodies, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bodies.sh("echo no").reason == "`run sh` needs bash, and there is none on the PATH"


def test_it_is_strict(bodies):
    unbound = "the script failed with exit code 1: line 1 of the script: OTTER_nope: unbound variable"
    assert bodies.sh('echo "$OTTER_nope"').reason == unbound
    assert bodies.sh("false | true\necho on").reason == "line 1 of the script failed with exit code 1"
    assert bodies.sh("\n\nfalse\necho on").reason == "line 3 of the script failed with exit code 1"


@pytest.mark.parametrize("value", ["x", ["a list, which brings a start-up file"]])
def test_what_went_wrong(bodies, value):
    assert bodies.sh("exit 7", value=value).reason == "the script failed with exit code 7"
    assert (
        bodies.sh("true\nno_such_program", value=value).reason == "line 2 of the script failed with exit code 127: no_such_program: command not found"
    )
    assert bodies.sh("kill -9 $$", value=value).reason == "the script failed with SIGKILL"
    assert bodies.sh("true\nif", value=value).reason.startswith("the script failed with exit code 2: line 3 of the script: syntax error")
    ran = bodies.sh("for i in 1 2 3 4 5 6 7; do echo e$i >&2; done\necho -n last >&2\ncat /no/such", value=value)
    assert ran.reason.startswith("line 3 of the script failed with exit code 1: e4 | e5 | e6 | e7 | lastcat: ")


def test_a_trap_of_its_own_is_its_own(bodies):
    assert bodies.sh("trap 'echo trapped $LINENO' ERR\nfalse").lines[0] == "trapped 2"


def test_lines_come_into_the_log(bodies):
    ran = bodies.sh('echo out\necho err >&2\nprintf "10%%\\r100%%\\r\\n"\nprintf "\\033[31mred\\n"\nprintf "\\377\\n"\nprintf "no end"')
    assert sorted(ran.lines) == sorted(["out", "err", "100%", "\\x1b[31mred", "\ufffd", "no end"])
    assert ran.lines[-1] == "no end"


def test_a_flood_is_cut_off(bodies):
    ran = bodies.sh("seq 20000\nhead -c 3000000 /dev/zero | tr '\\0' x")
    assert ran.lines[:2] == ["1", "2"]
    assert ran.lines[-1] == "further lines are left out: there were 10000 already"
    assert len(ran.lines) == 10_000
    assert [len(line) for line in bodies.sh("head -c 3000000 /dev/zero | tr '\\0' x").lines] == [10_000]


def test_it_reads_nothing_and_runs_in_the_release(bodies, root):
    assert bodies.sh("cat").ok
    assert bodies.sh("pwd").lines == [str(root)]
    bodies.config = bodies.config.model_copy(update={"release_uri": f"file://{root}/deep/er"})
    assert bodies.sh("pwd").lines == [f"{root}/deep/er"]
    bodies.config = bodies.config.model_copy(update={"release_uri": "https://example.org/release"})
    assert bodies.sh("pwd").lines == [str(root)]


@pytest.mark.parametrize("value", ["x", ["x"]])
def test_the_environment_is_the_inherited_one_without_secrets(bodies, monkeypatch, value):
    monkeypatch.setenv("OTTERDSL_SECRET_TOKEN", "hush")
    monkeypatch.setenv("KEPT", "kept")
    monkeypatch.setenv("OTTER_value", "stale")
    ran = bodies.sh('echo "$KEPT ${OTTERDSL_SECRET_TOKEN-none} ${BASH_ENV-none} ${OTTER_value[0]}"\nenv', value=value)
    assert ran.lines[0] == "kept none none x"
    assert not any("hush" in line or line.startswith("OTTERDSL_") for line in ran.lines)


@pytest.mark.parametrize("value", ["x", ["x"]])
def test_a_start_up_file_of_the_user_still_counts(bodies, monkeypatch, tmp_path, value):
    (tmp_path / "start.sh").write_text("module() { echo loaded; }\n")
    monkeypatch.setenv("BASH_ENV", str(tmp_path / "start.sh"))
    assert bodies.sh('module\necho "$BASH_ENV"', value=value).lines == ["loaded", str(tmp_path / "start.sh")]


def test_descriptors_are_given_back(bodies):
    def opened() -> list[str]:
        return os.listdir("/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd")

    bodies.sh("true", value=["x"])
    before = len(opened())
    for script in ("true", "false", "no_such", "kill -9 $$"):
        bodies.sh(script, value=["x"])
    bodies.sh("true", value="x" * 3_000_000)
    assert len(opened()) == before


def test_signals_without_a_name():
    assert shell._signal_name(signal.SIGTERM) == "SIGTERM"
    assert shell._signal_name(99) == "signal 99"
