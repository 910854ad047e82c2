import asyncio
import threading

import pytest

from otterdsl.runtime import Check, CheckedTask, ShellTask, Task, report
from otterdsl.runtime.manifest.model import Result
from otterdsl.runtime.tasks.copy import Copy, CopySpec
from otterdsl.runtime.util.errors import TaskValidationError

MAKE = 'echo "${OTTER_value}" > "${OTTER_destination}"'
NOT_EMPTY = Check("matches", location="${destination}", pattern="^ok$")


def test_what_checks_find_wrong_is_never_put_in_place(bodies, root, files):
    (root / "b").write_text("old")
    ran = bodies.sh(MAKE, checks=[NOT_EMPTY], value="bad", destination="b")
    assert ran.reason == f"`{root}/b`: nothing in it matches `^ok$`"
    assert files() == {"b": "old"}
    assert ran.record.finished_run_at == ran.record.started_validation_at
    assert ran.record.validation_elapsed is not None
    assert bodies.sh(MAKE, checks=[NOT_EMPTY], value="ok", destination="b").ok
    assert files() == {"b": "ok\n"}


def test_validation_has_its_own_time(bodies):
    ran = bodies.sh(MAKE, checks=[NOT_EMPTY], value="ok", destination="b")
    record = ran.record
    assert record.started_run_at <= record.finished_run_at == record.started_validation_at <= record.finished_validation_at
    plain = bodies.sh(MAKE, value="ok", destination="b").record
    assert (plain.started_validation_at, plain.finished_validation_at) == (None, None)


def test_arguments_are_filled_in(bodies, root):
    (root / "other").write_text("115\n")
    checks = [
        Check("matches", location="other", pattern="^${ensembl}$"),
        Check("line_count", location="${destination}", exactly="${value}"),
        Check("matches", location="${source}", pattern="^$${x}|115"),
    ]
    assert bodies.sh('echo > "${OTTER_destination}"', checks=checks, value=1, source="other", destination="b").ok
    checks[1] = Check("line_count", location="${destination}", exactly=2)
    assert "it has 1 line, where exactly 2 were expected" in bodies.sh(MAKE, checks=checks, value=1, source="other", destination="b").reason


def test_each_file_of_a_list_is_checked(bodies, root):
    (root / "a").write_text("x")
    (root / "b").write_text("")
    check = Check("not_empty", location="${sources}")
    assert bodies.sh("true", checks=[check], sources=["a", "a"]).ok
    assert bodies.sh("true", checks=[check], sources=["a", "b"]).reason == f"`{root}/b`: it is empty"


def test_files_in_a_folder_are_checked_on_their_way(bodies, root, files):
    check = Check("not_empty", location="${folder}/x.txt")
    ran = bodies.sh(': > "${OTTER_folder}/x.txt"', checks=[check], folder="f")
    assert ran.reason == f"`{root}/f/x.txt`: it is empty"
    assert files() == {}


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (Check("not_emptty", location="x"), "there is no validator `not_emptty`; did you mean `not_empty`?"),
        (Check("not_empty", place="x"), "`not_empty` cannot be called so: "),
        (Check("not_empty"), "`not_empty` cannot be called so: "),
        (Check("not_empty", location="${nope}"), "nothing gives `${nope}` a value"),
        (Check("not_empty", location="s3://x/y"), "storage for `s3://` is not supported yet"),
    ],
)
def test_a_check_that_cannot_be_made(bodies, files, check, reason):
    ran = bodies.sh(MAKE, checks=[check], value="ok", destination="b")
    assert ran.reason.startswith(reason)
    assert files() == {}


class Base(Task):
    """A type that people wrote, with a validation that looks at the value."""

    threads: tuple[threading.Thread, ...] = ()

    async def run(self):
        return self

    def validate(self):
        type(self).threads += (threading.current_thread(),)
        if self.spec.value == "wrong":
            raise TaskValidationError("the base says no")
        return self


class Reported(Base):
    """The same, reported."""

    validate = report(Base.validate)


class Awaited(Base):
    """The same, async."""

    @report
    async def validate(self):
        return Base.validate(self)


@pytest.mark.parametrize("base", [Base, Reported, Awaited])
def test_the_extended_type_validates_first(bodies, root, base):
    made = bodies.checked(base, Check("exists", location="b"))
    assert bodies.run(made, value="wrong").reason == "the base says no"
    assert bodies.run(made, value="right").reason == f"`{root}/b` does not exist"
    (root / "b").write_text("x")
    assert bodies.run(made, value="right").ok
    assert base is Awaited or threading.main_thread() not in made.threads


def test_a_type_without_validation_is_checked(bodies, root):
    class Bare(Task):
        async def run(self):
            return self

    made = bodies.checked(Bare, Check("exists", location="${value}"))
    assert bodies.run(made, value="b").reason == f"`{root}/b` does not exist"


def test_a_copy_with_checks(bodies, root):
    (root / "a").write_text("text")
    made = type("Made", (CheckedTask, Copy), {"checks": (Check("line_count", location="${destination}", at_least=2),)})
    bodies.task(made)  # the fixture's fields do for nothing here
    task = made(CopySpec(name="made x", source="a", destination="b"), bodies.task(made).context)

    async def settled() -> None:
        await task.run()
        await task.validate()

    asyncio.run(settled())
    assert task.manifest.result is Result.FAILURE
    assert task.manifest.failure_reason == f"`{root}/b`: it has 1 line, where at least 2 were expected"


def test_checks_of_an_extended_type_come_first(bodies, root, files):
    base = bodies.shell(MAKE, checks=[Check("matches", location="${destination}", pattern="a")])
    extended = bodies.checked(base, Check("matches", location="${destination}", pattern="b"))
    assert bodies.run(extended, value="b", destination="o").reason == f"`{root}/o`: nothing in it matches `a`"
    assert bodies.run(extended, value="a", destination="o").reason == f"`{root}/o`: nothing in it matches `b`"
    assert files() == {}
    assert bodies.run(extended, value="ab", destination="o").ok
    again = bodies.checked(base, Check("matches", location="${destination}", pattern="b"))
    more = type("More", (again,), {"checks": (Check("matches", location="${destination}", pattern="c"),)})
    assert bodies.run(more, value="ab", destination="o").reason == f"`{root}/o`: nothing in it matches `c`"


def test_what_an_extended_type_calls_a_body_is_none(bodies, root):
    base = type("Posted", (Base,), {"body": "text", "script": "name"})
    assert bodies.run(bodies.checked(base, Check("exists", location="b"))).reason == f"`{root}/b` does not exist"


def test_a_body_takes_the_place_of_the_validation_that_it_extends(bodies):
    assert bodies.run(bodies.shell("true", bases=(ShellTask, Base)), value="wrong").ok
    checked = bodies.checked(Base, Check("exists", location="nothing"))
    assert bodies.run(bodies.shell("true", bases=(ShellTask, checked)), value="wrong").ok
