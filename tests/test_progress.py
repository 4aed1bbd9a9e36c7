"""Bars on a terminal's stderr; nothing elsewhere."""

import pytest

from causalrec.progress import progress, working


def run(name: str) -> list[int]:
    """Use one of the two around some work."""
    if name == "progress":
        return list(progress(iter(range(3)), "counting", total=3))
    with working("counting"):
        return [0, 1, 2]


@pytest.fixture
def terminal(monkeypatch):
    """What makes rich take a pipe for a terminal."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture
def no_terminal(monkeypatch):
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_terminal")
@pytest.mark.parametrize("name", ["progress", "working"])
def test_silent_without_a_terminal(name, capsys):
    assert run(name) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("name", ["progress", "working"])
def test_a_bar_on_stderr_alone(name, capsys):
    assert run(name) == [0, 1, 2]
    out, err = capsys.readouterr()
    assert out == ""
    assert "counting" in err


@pytest.mark.usefixtures("no_terminal")
def test_items_are_taken_one_at_a_time():
    taken = []
    items = progress((taken.append(k) or k for k in range(3)), "counting")
    next(items)
    assert taken == [0]


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("name", ["progress", "working"])
def test_an_error_inside_passes_and_gives_the_cursor_back(name, capsys):
    def fail():
        if name == "working":
            with working("counting"):
                raise KeyError("inside")
        for _ in progress(range(3), "counting"):
            raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        fail()
    assert capsys.readouterr().err.rstrip().endswith("\x1b[2K")
