"""A reader sees a whole file or none."""

import os

import pytest

from causalrec.errors import OutputError
from causalrec.files import replace_atomically


def test_the_file_appears_whole_and_alone(tmp_path):
    path = replace_atomically(tmp_path / "a.txt", lambda part: part.write_text("all of it"))
    assert path.read_text() == "all of it"
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644


def test_while_it_is_written_the_old_file_stands(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write(part):
        part.write_text("ne")
        assert path.read_text() == "old"
        part.write_text("new")

    replace_atomically(str(path), write)
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_write_that_fails_leaves_no_file(tmp_path, error):
    def write(part):
        part.write_text("half")
        raise error

    expected = OutputError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        replace_atomically(tmp_path / "a.txt", write)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OutputError, match=r"Cannot write '.*nowhere/a\.txt': No such file or directory"):
        replace_atomically(tmp_path / "nowhere" / "a.txt", lambda part: part.write_text(""))


def test_a_folder_in_its_place_is_refused(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(OutputError, match="directory"):
        replace_atomically(tmp_path / "a.txt", lambda part: part.write_text(""))
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        replace_atomically(tmp_path / "a.txt", lambda part: part.write_text(""))
