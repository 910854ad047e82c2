import os
from pathlib import Path

import pytest

from otterdsl.runtime import Check, ShellTask
from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.storage import drafts
from otterdsl.runtime.tasks._transfer import MirroredArtifact

COPY = 'cat "${OTTER_source}" > "${OTTER_destination}"'


def test_a_local_input_is_read_where_it_is(bodies, root, files):
    (root / "a.txt").write_text("text")
    ran = bodies.sh(f'{COPY}\necho "${{OTTER_source}}"', source="a.txt", destination="deep/er/b.txt.gz")
    assert ran.lines == [str(root / "a.txt")]
    assert files() == {"a.txt": "text", "deep/er/b.txt.gz": "text"}
    assert ran.record.artifacts == [Artifact(source=str(root / "a.txt"), destination=str(root / "deep/er/b.txt.gz"))]


def test_an_input_may_be_a_folder(bodies, root):
    (root / "in").mkdir()
    (root / "in" / "a").write_text("")
    assert bodies.sh('ls "${OTTER_source}"', source="in").lines == ["a"]


def test_an_output_has_its_own_name_on_the_way(bodies, root):
    ran = bodies.sh(
        'echo "${OTTER_destination##*/}"\necho x > "${OTTER_destination}"\necho junk > "${OTTER_destination}.tmp"', destination="o/b.tar.gz"
    )
    assert ran.lines == ["b.tar.gz"]
    assert os.listdir(root / "o") == ["b.tar.gz"]


def test_remote_inputs_are_fetched_under_their_names(bodies, server, root, files):
    server.files |= {"/x/a.csv": b"one", "/y/a.csv": b"two", "/": b"three"}
    urls = [server.url("/x/a.csv"), server.url("/y/a.csv?v=1"), server.url("/")]
    ran = bodies.sh('for s in "${OTTER_sources[@]}"; do echo "$s"; cat "$s" >> "${OTTER_destination}"; done', sources=urls, destination="out")
    assert [Path(line).name for line in ran.lines] == ["a.csv", "a.csv", "input"]
    assert all(Path(line).is_relative_to(root) for line in ran.lines)
    assert files() == {"out": "onetwothree"}
    assert os.listdir(root) == ["out"]
    assert ran.record.artifacts == [Artifact(source=urls, destination=str(root / "out"))]


def test_a_mirror_is_read_in_place(bodies, server, root, tmp_path):
    server.files["/m/a"] = b"mirrored"
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "b").write_text("local")
    mirrors = {"https://far.example/": server.url("/m/"), "https://near.example/": f"{tmp_path}/local/"}
    bodies.config = bodies.config.model_copy(update={"mirrors": mirrors})
    ran = bodies.sh(COPY, source="https://far.example/a", destination="out")
    assert (root / "out").read_text() == "mirrored"
    assert ran.record.artifacts == [MirroredArtifact(source="https://far.example/a", destination=f"{root}/out", mirror=server.url("/m/a"))]
    assert bodies.sh('echo "${OTTER_source}"', source="https://near.example/b").lines == [f"{tmp_path}/local/b"]


def test_a_pattern_in_a_list_is_the_files_that_match(bodies, root):
    for name in ("b.csv", "a.csv", "c[1].txt"):
        (root / name).write_text("")
    assert bodies.sh('printf "%s\\n" "${OTTER_sources[@]##*/}"', sources=["*.csv", "c[1].txt"]).lines == ["a.csv", "b.csv", "c[1].txt"]
    assert bodies.sh("true", sources=["*.tsv"]).reason == "`sources`: no file matches `*.tsv`"
    assert bodies.sh("true", source="*.csv").reason == "`source`: `*.csv` is a pattern, where one file was expected: declare the field `list[input]`"
    assert bodies.sh('echo "${OTTER_source##*/}"', source="c[1].txt").lines == ["c[1].txt"]


@pytest.mark.parametrize("fields", [{"source": "no"}, {"sources": ["no"]}])
def test_an_input_that_is_not_there_is_named(bodies, root, fields):
    ran = bodies.sh("echo ran", **fields)
    assert ran.reason == f"`{next(iter(fields))}`: `{root}/no` does not exist"
    assert "ran" not in ran.lines


def test_an_input_that_cannot_be_fetched_leaves_nothing(bodies, server, files, root):
    server.files["/ok"] = b"ok"
    ran = bodies.sh("echo ran", sources=[server.url("/ok"), server.url("/cut"), server.url("/nope")], destination="out")
    assert not ran.ok
    assert "127.0.0.1" in ran.reason
    assert os.listdir(root) == []


def test_an_output_that_was_not_made_is_named(bodies, root, files):
    (root / "b").write_text("old")
    ran = bodies.sh('echo x > "${OTTER_destination}"', destination="b", second="c")
    assert ran.reason == f"`second`: no file was made at `{root}/c`"
    assert files() == {"b": "old"}


@pytest.mark.parametrize("script", ["exit 1", "exit 1 & wait $!", "kill -9 $$", 'rm -r "$(dirname "${OTTER_destination}")"; exit 1'])
def test_a_failure_leaves_everything_as_it_was(bodies, root, files, script):
    (root / "b").write_text("old")
    ran = bodies.sh(f'echo new > "${{OTTER_destination}}"\n{script}', destination="b", folder="f")
    assert not ran.ok
    assert files() == {"b": "old"}
    assert not list(root.rglob(".otter*"))
    assert ran.record.artifacts == []


def test_what_is_no_file_is_no_output(bodies, root, tmp_path, files):
    (tmp_path / "secret").write_text("s")
    for make, what in (
        (f'ln -s {tmp_path}/secret "${{OTTER_destination}}"', "a link"),
        ('mkdir "${OTTER_destination}"', "a folder"),
        ('mkfifo "${OTTER_destination}"', "not a regular file"),
    ):
        assert bodies.sh(make, destination="b").reason == f"`destination`: `{root}/b` was made as {what}, where a file was expected"
        assert files() == {}


@pytest.mark.parametrize("destination", ["../out", "/etc/otter-was-here", "a/../../out", "manifest.json", "https://example.org/x", "s3://bucket/x"])
def test_an_output_cannot_leave_the_release(bodies, destination):
    ran = bodies.sh('echo ran\necho x > "${OTTER_destination}"', destination=destination)
    assert ran.reason.startswith("`destination`: ")
    assert "ran" not in ran.lines


@pytest.mark.parametrize("field", ["destination", "folder"])
def test_links_cannot_lead_out_of_the_release(bodies, root, tmp_path, field):
    (tmp_path / "outside").mkdir()
    (root / "way").symlink_to(tmp_path / "outside")
    ran = bodies.sh("echo ran", **{field: "way/x"})
    assert "leaves the release root" in ran.reason
    assert "ran" not in ran.lines
    assert os.listdir(tmp_path / "outside") == []


def test_a_link_made_meanwhile_cannot_lead_out_either(bodies, root, tmp_path):
    (tmp_path / "outside").mkdir()
    script = f'echo x > "${{OTTER_destination}}"\nmv {root}/d {root}/moved\nln -s {tmp_path}/outside {root}/d\ncp -r {root}/moved/. {root}/d/'
    ran = bodies.sh(script, destination="d/x")
    assert "its folder was moved or linked away" in ran.reason
    assert not (tmp_path / "outside" / "x").exists()


@pytest.mark.parametrize("field", ["destination", "folder"])
def test_what_stands_in_the_way_is_left_alone(bodies, root, files, field):
    (root / "file").write_text("old")
    (root / "dir").mkdir()
    (root / "dir" / "x").write_text("old")
    assert "a file stands where one of its folders should be" in bodies.sh("true", **{field: "file/x"}).reason
    if field == "destination":
        assert "is a folder, so that no file can be written there" in bodies.sh("true", destination="dir").reason
    else:
        assert "is a file, so that no folder can be there" in bodies.sh("true", folder="file").reason
    assert files() == {"file": "old", "dir/x": "old"}


def test_two_fields_cannot_be_one_file(bodies, root):
    assert bodies.sh("true", destination="a/x", second="a/./x").reason == f"`destination` and `second` name one file, `{root}/a/x`"


def test_a_file_may_be_made_anew_from_itself(bodies, root, files):
    (root / "a").write_text("1")
    assert bodies.sh(f'{COPY}\necho 2 >> "${{OTTER_destination}}"', source="a", destination="a").ok
    assert files() == {"a": "12\n"}


def test_files_go_into_a_folder_one_by_one(bodies, root, files):
    (root / "f" / "sub").mkdir(parents=True)
    (root / "f" / "old").write_text("old")
    (root / "f" / "sub" / "a").write_text("old")
    script = 'cd "${OTTER_folder}"\nls -A\nbasename "$PWD"\nmkdir -p sub/deep empty\necho 1 > sub/a\necho 2 > sub/deep/b\necho 3 > .hidden'
    ran = bodies.sh(script, folder="f/")
    assert ran.ok, ran.reason
    assert ran.lines == ["f"]
    assert files() == {"f/old": "old", "f/sub/a": "1\n", "f/sub/deep/b": "2\n", "f/.hidden": "3\n"}
    assert not (root / "f" / "empty").exists()
    assert ran.record.artifacts == [Artifact(source=[], destination=[f"{root}/f/{name}" for name in (".hidden", "sub/a", "sub/deep/b")])]


def test_a_folder_may_be_the_whole_release_but_for_its_manifest(bodies, root, files):
    assert bodies.sh('echo x > "${OTTER_folder}/x"', folder=".").ok
    assert files() == {"x": "x\n"}
    ran = bodies.sh('echo y > "${OTTER_folder}/x"; echo y > "${OTTER_folder}/manifest.json"', folder=".")
    assert "a task cannot write its manifest" in ran.reason
    assert files() == {"x": "x\n"}


def test_nothing_goes_into_a_folder_where_one_file_cannot(bodies, root, files, tmp_path):
    (root / "f" / "b").mkdir(parents=True)
    assert "is a folder" in bodies.sh('echo x > "${OTTER_folder}/a"; echo x > "${OTTER_folder}/b"', folder="f").reason
    assert "as a link" in bodies.sh('echo x > "${OTTER_folder}/a"; ln -s / "${OTTER_folder}/c"', folder="f").reason
    assert bodies.sh('mkdir "${OTTER_folder}/d"', folder="f").reason == f"`folder`: no file was put into `{root}/f`"
    assert bodies.sh('rm -r "${OTTER_folder}"', folder="f").reason == f"`folder`: no file was put into `{root}/f`"
    ran = bodies.sh(f'rmdir "${{OTTER_folder}}"; ln -s {tmp_path} "${{OTTER_folder}}"', folder="f")
    assert ran.reason == f"`folder`: `{root}/f` was made as a file or a link, where a folder was expected"
    assert files() == {}


def test_an_error_speaks_of_files_by_the_names_that_people_know(bodies, server, root):
    server.files["/in.csv"] = b"x"
    script = 'echo "bad: ${OTTER_source} ${OTTER_destination} ${OTTER_folder}/q" >&2\nfalse'
    ran = bodies.sh(script, source=server.url("/in.csv"), destination="d/out.csv", folder="f")
    assert ran.reason == f"line 2 of the script failed with exit code 1: bad: {server.url('/in.csv')} {root}/d/out.csv {root}/f/q"


def test_a_check_may_look_at_what_is_beside_an_output(bodies, root):
    script = 'echo x > "${OTTER_destination}"\necho i > "${OTTER_destination}.idx"'
    assert bodies.sh(script, checks=[Check("not_empty", location="${destination}.idx")], destination="b").ok
    assert os.listdir(root) == ["b"]


def test_a_folder_that_was_locked_is_removed(tmp_path):
    locked = tmp_path / "x"
    (locked / "y").mkdir(parents=True)
    (locked / "y" / "z").write_text("")
    os.chmod(locked / "y", 0o500)
    os.chmod(locked, 0o500)
    drafts._open_up(str(locked))
    assert os.stat(locked / "y").st_mode & 0o777 == 0o700
    drafts._remove(str(locked))
    assert not locked.exists()
    drafts._remove(str(locked))


def test_a_long_name_from_an_address_is_cut_but_for_its_end(bodies, server):
    path = f"/{'n' * 240}.csv.gz"
    server.files[path] = b"x"
    assert [Path(line).name for line in bodies.sh('echo "${OTTER_source}"', source=server.url(path)).lines] == ["input.csv.gz"]


def test_a_type_without_a_body_says_so(bodies):
    assert bodies.run(type("Made", (ShellTask,), {})).reason == "`Made` has no body: it needs a `script` or a `body`"
