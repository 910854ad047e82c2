"""A secret from its source to the task that asks for it, and nowhere else: a canary is looked for in every file and every line of a run."""

import hashlib
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

import pytest
from command_line import Ended, contents, otterdsl, write

CANARY = 'k4nari/ vogel+"ü"'
FORMS = (
    CANARY,
    quote(CANARY),
    quote(CANARY, safe=""),
    b64encode(CANARY.encode()).decode(),
    urlsafe_b64encode(CANARY.encode()).decode(),
    b64encode(f"user:{CANARY}".encode()).decode()[8:-4],
    CANARY.encode().hex(),
    repr(CANARY)[1:-1],
)
TASKS = '''\
"""Ask with a token."""

import hashlib
import logging
from base64 import b64encode
from typing import Annotated, Self
from urllib.parse import quote

from otterdsl.runtime import Artifact, Output, Spec, Task, report
from otterdsl.runtime.storage import StorageHandle

logger = logging.getLogger(__name__)


class AskSpec(Spec):
    """What to ask with."""

    token: str
    headers: dict[str, list[str]] = {}
    destination: Annotated[str, Output]
    fail: bool = False


class Ask(Task):
    """Ask, and say far too much."""

    spec: AskSpec

    @report
    def run(self) -> Self:
        """Write the digest of the token, which is what a test needs."""
        token = self.spec.token
        logger.info("asking with %s", token)
        logger.warning("asking with %s, %r", quote(token, safe=""), self.spec)
        logger.info("basic %s", b64encode(f"user:{token}".encode()).decode())
        same = self.context.scratchpad.replace("${secret(token)}") == token
        same = same and self.spec.headers.get("auth", [f"Bearer {token}"]) == [f"Bearer {token}"]
        text = f"{hashlib.sha256(token.encode()).hexdigest()} {same}"
        StorageHandle(self.spec.destination, config=self.context.config).write_text(text)
        self.artifacts = [Artifact(source=f"https://x/?token={quote(token)}", destination=self.spec.destination)]
        self.manifest.note = {"token": [token]}
        if self.spec.fail:
            raise ValueError(f"401 for {token}, {token!r}")
        return self
'''
PIPELINE = """\
use keepers
pipeline p {
  work_path = "./made"
  secrets_path = "./kept"
}
param fail: bool = false
scratchpad {
  token   = secret("token")
  headers = { auth = ["Bearer ${token}"] }
}
task login extends ask {
  token: str = secret("token")
}
step s {
  ask plain {
    token       = token
    headers     = headers
    destination = "plain.txt"
    fail        = fail
  }
  login typed {
    requires [ask.plain]
    destination = "typed.txt"
  }
  explode many {
    foreach = ["a", "b"]
    do {
      ask "in ${each}" {
        token       = "${token}"
        destination = "${each}.txt"
      }
    }
  }
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A pipeline whose tasks get a token."""
    write(tmp_path, {"keepers/__init__.py": "", "keepers/ask.py": TASKS, "p.otter": PIPELINE})
    return tmp_path


def check_untold(folder: Path, done: Ended, besides: str = "") -> None:
    """See that the canary is in no file, but `besides`, and in nothing that was said."""
    places = {"standard output": done.out, "standard error": done.err}
    places |= {name: data.decode("utf-8", "replace") for name, data in contents(folder).items() if name != besides}
    for form in FORMS:
        assert [name for name, text in places.items() if form in text] == []


def digest(text: str = CANARY) -> str:
    """What the task writes."""
    return f"{hashlib.sha256(text.encode()).hexdigest()} True"


@pytest.mark.parametrize("progress", ["plain", "json"])
def test_a_secret_of_the_environment_reaches_its_tasks_and_nothing_else(project: Path, progress: str) -> None:
    done = otterdsl("run", "p.otter", "--progress", progress, folder=project, OTTERDSL_SECRET_TOKEN=CANARY)
    assert done.code == 0, done.said
    made = contents(project / "made")
    assert {name: made[name].decode() for name in ("plain.txt", "typed.txt", "a.txt", "b.txt")} == dict.fromkeys(
        ("plain.txt", "typed.txt", "a.txt", "b.txt"), digest()
    )
    assert b"asking with ***" in made["manifest.json"]
    check_untold(project, done)


def test_a_failure_says_what_went_wrong_without_the_secret(project: Path) -> None:
    done = otterdsl("run", "p.otter", "--set", "fail=true", folder=project, OTTERDSL_SECRET_TOKEN=CANARY)
    assert done.code == 1
    assert "401 for ***" in done.said
    check_untold(project, done)


def test_a_secret_may_lie_in_a_file(project: Path) -> None:
    write(project, {"kept/token": f"{CANARY}\n"})
    done = otterdsl("run", "p.otter", folder=project)
    assert done.code == 0, done.said
    assert (project / "made" / "plain.txt").read_text() == digest()
    check_untold(project, done, besides="kept/token")


def test_the_environment_counts_before_the_file(project: Path) -> None:
    write(project, {"kept/token": "another one\n"})
    done = otterdsl("run", "p.otter", folder=project, OTTERDSL_SECRET_TOKEN=CANARY)
    assert (project / "made" / "plain.txt").read_text() == digest()
    check_untold(project, done)


@pytest.mark.parametrize("empty", [{}, {"OTTERDSL_SECRET_TOKEN": ""}])
def test_a_secret_that_is_not_there_ends_the_run_before_it_begins(project: Path, empty: dict[str, str]) -> None:
    done = otterdsl("run", "p.otter", folder=project, **empty)
    assert done.code == 1
    assert "OT706" in done.said
    assert "the secret `token` is not there" in done.said
    assert "OTTERDSL_SECRET_TOKEN" in done.said
    assert str(project / "kept" / "token") in done.said
    assert "p.otter:" in done.said
    assert "manifest.json" not in contents(project / "made")


def test_nothing_that_is_compiled_or_planned_holds_a_secret(project: Path) -> None:
    write(project, {"kept/token": CANARY})
    compiled = otterdsl("compile", "p.otter", "-o", "out", folder=project, OTTERDSL_SECRET_TOKEN=CANARY)
    assert compiled.code == 0, compiled.said
    planned = otterdsl("plan", "out/p", "--format", "json", folder=project, OTTERDSL_SECRET_TOKEN=CANARY)
    assert '"token": "${secret(token)}"' in planned.out
    check_untold(project, Ended(0, compiled.said + planned.said, ""), besides="kept/token")
    done = otterdsl("run", "out/p", folder=project)
    assert done.code == 0, done.said
    check_untold(project, done, besides="kept/token")


def test_otters_yaml_has_no_secrets(project: Path) -> None:
    done = otterdsl("export", "p.otter", "--format", "otter-yaml", folder=project, OTTERDSL_SECRET_TOKEN=CANARY)
    assert done.code == 1
    assert "OT604" in done.said
    assert "secret" in done.said
    check_untold(project, done)
