"""Where secrets come from, which task gets them, and what is left of them in text."""

import json
import logging
import pickle
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from otterdsl.runtime import masking
from otterdsl.runtime.config.model import Config
from otterdsl.runtime.manifest.model import Artifact, Result, StepManifest, TaskManifest
from otterdsl.runtime.manifest.record import step_record
from otterdsl.runtime.masking import MASK, keep_secret, mask, masked
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.secrets import Secrets, SecretText, secret_name, secrets_in, shielded
from otterdsl.runtime.step.logs import MaskedFormatter, without_secrets
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.task_registry import TaskRegistry
from otterdsl.runtime.task.task_reporter import reason_of
from otterdsl.runtime.util.errors import ScratchpadError, SecretError, TaskBuildError


@pytest.fixture(scope="module", autouse=True)
def _forgotten() -> Iterator[None]:
    """What is masked here is no secret to other tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masking, "_values", set())
        patch.setattr(masking, "_pattern", [])
        yield


class KeepSpec(Spec):
    """A spec with all kinds of places."""

    token: str = ""
    headers: dict[str, list[str]] = Field(default_factory=dict)
    number: int = 0
    do: list[Spec] = Field(default_factory=list)


class Keep(Task):
    """A task."""

    spec: KeepSpec

    def run(self) -> "Keep":
        """Do nothing."""
        return self


def registry(folder: Path | None = None) -> TaskRegistry:
    """A registry with one task type."""
    made = TaskRegistry(Config(secrets_path=folder), Scratchpad({"known": "value"}))
    made.add("keep", Keep, KeepSpec)
    return made


# ---------------------------------------------------------------- where they come from


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (b"from-a-file-1\n", "from-a-file-1"),
        (b"from-a-file-2\r\n", "from-a-file-2"),
        (b"from-a-file-3\n\n", "from-a-file-3\n"),
        (b" from-a-file-4", " from-a-file-4"),
        ("größer-€\nzwei\r\nZeilen".encode(), "größer-€\nzwei\r\nZeilen"),
    ],
)
def test_a_file_gives_its_text_without_one_newline(tmp_path: Path, written: bytes, value: str) -> None:
    (tmp_path / "token").write_bytes(written)
    assert Secrets(tmp_path).get("token") == value


def test_a_file_is_found_by_the_exact_name_and_a_variable_in_upper_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Api_key").write_text("from-a-file-5")
    assert Secrets(tmp_path).get("Api_key") == "from-a-file-5"
    monkeypatch.setenv("OTTERDSL_SECRET_API_KEY", "from-the-environment\n")
    assert Secrets(tmp_path).get("Api_key") == "from-the-environment\n"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: None, "is not there"),
        (lambda folder: (folder / "token").mkdir(), "is no file"),
        (lambda folder: (folder / "token").write_bytes(b"\xff\xfe"), "it is not UTF-8"),
        (lambda folder: (folder / "token").write_bytes(b"\n"), "is empty"),
    ],
)
def test_a_secret_that_cannot_be_had_says_where_it_was_looked_for(tmp_path: Path, make, said: str) -> None:
    make(tmp_path)
    with pytest.raises(SecretError) as raised:
        Secrets(tmp_path).get("token")
    assert said in str(raised.value)
    assert "OTTERDSL_SECRET_TOKEN" in str(raised.value)
    assert str(tmp_path / "token") in str(raised.value)


def test_without_a_folder_the_setting_is_named() -> None:
    with pytest.raises(SecretError, match="secrets_path"):
        Secrets().get("nowhere_at_all")


def test_secrets_take_no_values_along(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("left-behind-1")
    secrets = Secrets(tmp_path)
    secrets.get("token")
    assert b"left-behind-1" not in pickle.dumps(secrets)
    assert pickle.loads(pickle.dumps(secrets)).get("token") == "left-behind-1"


@pytest.mark.parametrize(
    ("text", "name"), [("secret(a)", "a"), ("secret(A_1)", "A_1"), ("secret()", None), ("secret(a.b)", None), ("secret(../x)", None), ("a", None)]
)
def test_the_name_of_a_secret(text: str, name: str | None) -> None:
    assert secret_name(text) == name


def test_secrets_are_found_in_all_that_holds_text() -> None:
    value = ["${secret(a)}", {"${secret(b)}": ("x ${secret(c)}",)}, "$${secret(d)}", 3, KeepSpec(name="keep x", token="${secret(e)}")]
    assert list(secrets_in(value, lambda spec: [spec.token] if isinstance(spec, KeepSpec) else None)) == ["a", "b", "c", "e"]


# ---------------------------------------------------------------- who gets them


def test_a_built_task_has_its_secrets_and_does_not_show_them(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("shown-to-nobody-1")
    spec = KeepSpec(name="keep x", token="${secret(token)}", headers={"auth": ["Bearer ${secret(token)}", "${known}"]})
    task = registry(tmp_path).make(spec)
    assert isinstance(task, Keep)
    assert task.spec.token == "shown-to-nobody-1"
    assert task.spec.headers == {"auth": ["Bearer shown-to-nobody-1", "value"]}
    assert "shown-to-nobody-1" not in repr(task.spec)
    assert "shown-to-nobody-1" in task.spec.model_dump_json()
    assert spec.token == "${secret(token)}"


def test_a_secret_may_be_read_as_a_number(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("8675309")
    task = registry(tmp_path).make(KeepSpec(name="keep x", number="${secret(token)}"))
    assert task.spec.__dict__["number"] == 8675309


def test_a_task_asks_its_scratchpad_for_secrets_too(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("asked-for-1")
    pad = registry(tmp_path).make(KeepSpec(name="keep x")).context.scratchpad
    assert pad.replace({"a": "${secret(token)}, ${known}"}) == {"a": "asked-for-1, value"}
    assert pad.fold("${secret(token)}") == "${secret(token)}"
    with pytest.raises(SecretError):
        pad.require("secret(other)")
    with pytest.raises(ScratchpadError):
        pad.require("other")


def test_the_step_knows_no_secrets(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("unknown-to-the-step")
    made = registry(tmp_path)
    with pytest.raises(ScratchpadError):
        made.scratchpad.require("secret(token)")
    with pytest.raises(TaskBuildError):
        made.entry(KeepSpec(name="keep ${secret(token)}"))


def test_tasks_within_a_task_get_their_own(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("for-the-inner-one")
    made = registry(tmp_path)
    outer = made.make(KeepSpec(name="keep x", do=[KeepSpec(name="keep y", token="${secret(token)} ${known}")]))
    inner = outer.spec.__dict__["do"][0]
    assert inner.token == "${secret(token)} value"
    assert made.make(inner).spec.__dict__["token"] == "for-the-inner-one value"


def test_a_missing_secret_is_a_task_that_cannot_be_built() -> None:
    with pytest.raises(TaskBuildError, match="OTTERDSL_SECRET_NOT_TO_BE_HAD"):
        registry().make(KeepSpec(name="keep x", token="${secret(not_to_be_had)}"))


def test_a_text_with_a_secret_is_text_but_for_its_repr() -> None:
    keep_secret("quite-confidential")
    text = shielded({"a": ["x quite-confidential", "plain"]})
    assert repr(text) == f"{{'a': ['{MASK}', 'plain']}}"
    assert json.dumps(text) == '{"a": ["x quite-confidential", "plain"]}'
    assert f"{SecretText('quite')}" + SecretText("!") == "quite!"


# ---------------------------------------------------------------- what is left of them


@given(st.text(min_size=6, max_size=40).map(lambda text: f"§{text}§"), st.binary(max_size=5), st.binary(max_size=5))
def test_no_form_of_a_secret_is_left(value: str, before: bytes, after: bytes) -> None:
    keep_secret(value)
    data = value.encode()
    forms = [value, repr(value)[1:-1], json.dumps(value)[1:-1], quote(data), quote(data, safe=""), b64encode(data).decode(), data.hex()]
    for form in forms:
        assert form not in mask(f"a {form} b")
    encoded = b64encode(before + data + after).decode()
    start, end = -(-len(before) * 8 // 6), (len(before) + len(data)) * 8 // 6
    assert encoded[start:end] not in mask(encoded)


def test_lines_of_a_long_secret_are_masked_by_themselves() -> None:
    keep_secret("-----BEGIN OTTER KEY-----\nQWxsIG90dGVycw==\n-----END OTTER KEY-----\n")
    assert mask("line 2 is QWxsIG90dGVycw==, as said") == f"line 2 is {MASK}, as said"


def test_short_secrets_are_masked_only_where_they_stand_alone() -> None:
    keep_secret("qzx")
    assert mask("qzx is not qzxy") == f"{MASK} is not qzxy"


def test_the_longer_of_two_secrets_counts() -> None:
    keep_secret("bargain-bin")
    keep_secret("bargain-bin-and-more")
    assert mask("bargain-bin-and-more, bargain-bin") == f"{MASK}, {MASK}"


def test_text_without_secrets_stays_as_it_is() -> None:
    keep_secret("")
    assert mask("plain text") == "plain text"
    assert masked({"a": [1, None, "b"], "c": ("d",)}) == {"a": [1, None, "b"], "c": ("d",)}


def test_reasons_hold_no_secrets() -> None:
    keep_secret("why-it-failed-1")
    assert reason_of(ValueError("401 for why-it-failed-1")) == f"ValueError: 401 for {MASK}"
    assert reason_of(SystemExit("why-it-failed-1")) == f"it called sys.exit('{MASK}')"


def test_a_record_holds_none_and_says_how_it_came_out_all_the_same() -> None:
    keep_secret("written-nowhere-1")
    keep_secret("success")
    task = TaskManifest(name="keep written-nowhere-1", result=Result.SUCCESS, log=["x written-nowhere-1"], failure_reason="written-nowhere-1")
    task.artifacts = [Artifact(source=["written-nowhere-1"], destination="x")]
    task.more = {"written-nowhere-1": ["written-nowhere-1"]}  # type: ignore[attr-defined]  # any field may be added
    record = step_record(StepManifest(name="s", result=Result.SUCCESS, tasks=[task], artifacts=task.artifacts, log=["written-nowhere-1"]))
    assert "written-nowhere-1" not in json.dumps(record)
    assert (record["result"], record["tasks"][0]["result"]) == ("success", "success")


def test_log_lines_and_their_tracebacks_hold_none() -> None:
    keep_secret("logged-nowhere-1")
    try:
        raise ValueError("logged-nowhere-1")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "a %s", ("logged-nowhere-1",), (ValueError, error, error.__traceback__))
    assert "logged-nowhere-1" not in MaskedFormatter("%(message)s").format(record)
    assert without_secrets(record).getMessage() == f"a {MASK}"
    assert record.getMessage() == "a logged-nowhere-1"
