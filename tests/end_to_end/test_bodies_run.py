"""Bodies from the text to the files that they make, by the real command: both kinds, their checks, hostile values, and what goes wrong."""

from pathlib import Path

import pytest
from command_line import otterdsl, write

PIPELINE = '''\
pipeline p { work_path = "./made" }
param greeting: str = "hello"
param words: list[str] = ["one", "it's"]
param least: int = 1
scratchpad { heading = "of ${greeting}:"  pwned = "$(touch pwned)" }

# Print what is given.
task print_all {
  source:      input
  destination: output
  label:       str
  more:        list[str] = []

  run sh """
    # don't ${stop} here
    {
      printf '[%s]' ${label} "${greeting} ${heading}" ${words} ${more} a${pwned}
      cat <<END
    "${label}" it's ${words}, $(cat ${source})
    END
      echo $(( $(wc -l < ${source}) + ${least} ))
    } > ${destination}
  """

  validate {
    not_empty(destination)
    line_count(destination, at_least = least)
  }
}

task count {
  source:      input
  destination: output
  parts:       into = "parts"

  run python """
    import asyncio
    from pathlib import Path

    note = \'\'\'
  kept ${as_it} is
    \'\'\'
    text = Path(source).read_text()
    await asyncio.sleep(0)
    Path(parts, "note.txt").write_text(note)
    Path(destination).write_text(f"{len(text)} by {self.spec.name}")
  """
  validate { matches(destination, '^[0-9]+ by count') }
}

task loud extends count {
  run python 'open(destination, "w").write(open(source).read().upper()); open(parts + "/loud", "w").close()'
  validate { not_empty(destination) }
}

task kept extends copy { validate { not_empty(destination) } }

step one {
  kept in { source = "./in.txt" destination = "in.txt" }
  print_all "${greeting}" {
    source      = "in.txt"
    destination = "out/all.txt"
    label       = greeting
    more        = ["`x`", "; y"]
  }
  count it { source = "out/all.txt" destination = "count.txt" }
  loud it { source = count.it.destination destination = "loud.txt" parts = "others" }
}
'''
HOSTILE = "a \"b' $(touch pwned) `touch pwned` \\ * ${x} é\t;"


def made(folder: Path) -> Path:
    return folder / "made"


@pytest.mark.parametrize("compiled", [False, True])
def test_bodies_make_what_they_say(compiled: bool, tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": PIPELINE, "in.txt": "1\n2\n"})
    what = "p.otter"
    if compiled:
        assert otterdsl("compile", "p.otter", "-o", "out", folder=tmp_path).code == 0
        what = "out/p"
    done = otterdsl("run", what, "--set", f"greeting={HOSTILE}", "--set", f'words=["{"x" * 3}", "-n", "a b"]', folder=tmp_path)
    assert done.code == 0, done.said
    expected = f'[{HOSTILE}][{HOSTILE} of {HOSTILE}:][xxx][-n][a b][`x`][; y][a$(touch pwned)]"{HOSTILE}" it\'s xxx -n a b, 1\n2\n3\n'
    assert (made(tmp_path) / "out" / "all.txt").read_text() == expected
    assert (made(tmp_path) / "count.txt").read_text() == f"{len(expected)} by count it"
    assert (made(tmp_path) / "parts" / "note.txt").read_text() == "\nkept ${as_it} is\n  "
    assert (made(tmp_path) / "loud.txt").read_text() == f"{len(expected)} BY COUNT IT"
    assert [path.name for path in (made(tmp_path) / "others").iterdir()] == ["loud"]
    assert not list(tmp_path.rglob("pwned"))


def test_folded_params_make_the_same(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": PIPELINE, "in.txt": "1\n2\n"})
    assert otterdsl("compile", "p.otter", "-o", "out", "--set", "least=2", "--set", f"greeting={HOSTILE}", folder=tmp_path).code == 0
    assert "OTTER_least" in (tmp_path / "out" / "p" / "tasks.py").read_text()
    done = otterdsl("run", "out/p", folder=tmp_path)
    assert done.code == 0, done.said
    text = (made(tmp_path) / "out" / "all.txt").read_text()
    assert text.startswith(f"[{HOSTILE}][{HOSTILE} of {HOSTILE}:][one][it's]")
    assert text.endswith("\n4\n")
    assert not list(tmp_path.rglob("pwned"))


def test_nothing_is_left_of_what_a_check_refuses(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": PIPELINE, "in.txt": "1\n2\n"})
    done = otterdsl("run", "p.otter", "--set", "least=100", folder=tmp_path)
    assert done.code == 1
    assert "at least 100" in done.said
    assert not (made(tmp_path) / "out" / "all.txt").exists()
    assert (made(tmp_path) / "in.txt").exists()
    assert not list(made(tmp_path).rglob("*.part"))


def test_a_mistake_of_a_body_is_told_at_its_line(tmp_path: Path) -> None:
    text = PIPELINE.replace("text = Path(source)", "text = Paht(source)").replace("    {\n", "    ( '{\n")
    write(tmp_path, {"p.otter": text, "in.txt": ""})
    said = otterdsl("check", "p.otter", folder=tmp_path).said
    assert "error[OT106]: bash cannot parse this script" in said
    assert "error[OT202]: unknown name `Paht`" in said
    assert "did you mean `Path`?" in said


def test_what_a_script_says_when_it_fails_names_its_line(tmp_path: Path) -> None:
    text = """\
task fail {
  destination: output
  run sh '''
    echo fine > "$OTTER_destination"
    no_such_program
  '''
}
step a { fail now { destination = "x.txt" } }
"""
    write(tmp_path, {"p.otter": text})
    done = otterdsl("run", "p.otter", "--work-path", "made", folder=tmp_path)
    assert done.code == 1
    assert "line 2 of the script failed with exit code 127" in done.said
    assert not (made(tmp_path) / "x.txt").exists()


def test_a_secret_reaches_a_script_and_no_file(tmp_path: Path) -> None:
    text = """\
task ask {
  destination: output
  run sh \"\"\"
    printf '%s' ${secret('token')} | sha256sum > ${destination}
    echo ${secret('token')}
  \"\"\"
}
step a { ask it { destination = "x.txt" } }
"""
    write(tmp_path, {"p.otter": text})
    done = otterdsl("run", "p.otter", "--work-path", "made", folder=tmp_path, OTTERDSL_SECRET_TOKEN="canary bird")
    assert done.code == 0, done.said
    assert (made(tmp_path) / "x.txt").read_text().startswith("a8e4cf6c")  # of `canary bird`
    assert "canary" not in done.said
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]
