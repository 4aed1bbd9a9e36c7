"""Bars on a terminal's stderr; nothing elsewhere."""

import time

import pytest

from causalrec.progress import DELAY, progress, working


def run(name: str, delay: float = 0.0, pause: float = 0.0) -> list[int]:
    """Use one of the two around some work."""
    if name == "progress":
        return [time.sleep(pause) or k for k in progress(iter(range(3)), "counting", total=3, delay=delay)]
    with working("counting", delay=delay):
        time.sleep(3 * pause)
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
            with working("counting", delay=0):
                raise KeyError("inside")
        for _ in progress(range(3), "counting", delay=0):
            raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        fail()
    assert capsys.readouterr().err.rstrip().endswith("\x1b[2K")


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("name", ["progress", "working"])
def test_short_work_shows_nothing_and_long_work_does(name, capsys):
    assert DELAY == 2
    assert run(name, delay=DELAY) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")
    assert run(name, delay=0.1, pause=0.15) == [0, 1, 2]
    out, err = capsys.readouterr()
    assert out == ""
    assert "counting" in err


@pytest.mark.usefixtures("terminal")
def test_what_is_worked_at_inside_is_a_line_of_the_same_display(capsys):
    with working("estimating", delay=0):
        assert list(progress(range(3), "reading", total=3, delay=0)) == [0, 1, 2]
        with working("resampling", delay=0):
            pass
    err = capsys.readouterr().err
    assert all(word in err for word in ("estimating", "reading"))
    assert err.count("\x1b[?25l") == 1  # the cursor is hidden once: one display


@pytest.mark.usefixtures("terminal")
def test_a_short_estimate_shows_nothing_and_a_long_one_does(capsys):
    import numpy as np

    from causalrec.data import Dataset
    from causalrec.estimation import OLS, estimate_effect
    from causalrec.identification import Estimand

    class Slow(OLS):
        def fit(self, design):
            time.sleep(2.3)
            return super().fit(design)

    data = Dataset.from_frames({"shown": np.arange(40.0), "bought": np.arange(40.0) ** 2})
    estimand = Estimand(("shown",), "bought", "adjustment")
    estimate_effect(estimand, data)
    assert capsys.readouterr() == ("", "")
    estimate_effect(estimand, data, estimator=Slow())
    assert "estimating" in capsys.readouterr().err
