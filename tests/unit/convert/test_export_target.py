"""Where an export goes: whole or not at all, and over nothing that people wrote."""

import os
from pathlib import Path

from otterdsl.convert.export_target import write_export

TEXT = "# Exported by otterdsl from p.otter\nsteps: {}\n"


def test_it_is_written_and_written_again(tmp_path: Path) -> None:
    target = tmp_path / "config.yaml"
    assert write_export(target, TEXT) == ()
    assert target.read_text() == TEXT
    assert write_export(target, f"{TEXT}# more\n") == ()
    assert target.read_text() == f"{TEXT}# more\n"
    assert os.listdir(tmp_path) == ["config.yaml"]


def test_what_people_wrote_is_not_overwritten_unasked(tmp_path: Path) -> None:
    target = tmp_path / "config.yaml"
    target.write_text("steps: {}\n")
    (found,) = write_export(target, TEXT)
    assert (found.code, found.file) == ("OT601", str(target))
    assert target.read_text() == "steps: {}\n"
    assert write_export(target, TEXT, force=True) == ()
    assert target.read_text() == TEXT


def test_what_is_so_already_keeps_its_time(tmp_path: Path) -> None:
    target = tmp_path / "config.yaml"
    write_export(target, TEXT)
    os.utime(target, (1, 1))
    assert write_export(target, TEXT) == ()
    assert target.stat().st_mtime == 1


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (folder,) = write_export(tmp_path, TEXT, force=True)
    assert (folder.code, folder.message) == ("OT602", f"`{tmp_path}` cannot be written: it is a folder")
    (absent,) = write_export(tmp_path / "no" / "config.yaml", TEXT)
    assert absent.code == "OT602"
    assert os.listdir(tmp_path) == []


def test_a_link_stays_one_and_rights_stay_too(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    write_export(real, TEXT)
    real.chmod(0o640)
    link.symlink_to(real)
    assert write_export(link, f"{TEXT}# more\n") == ()
    assert link.is_symlink()
    assert real.read_text() == f"{TEXT}# more\n"
    assert real.stat().st_mode & 0o777 == 0o640
