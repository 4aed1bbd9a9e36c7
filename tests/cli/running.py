"""Commands of `causalrec`, in this process and in one of their own."""

import subprocess
import sys

import pytest

from causalrec.cli import main

__all__ = ["runner", "started"]


def runner(command, folder, capsys, monkeypatch):
    """A function that runs the words of a command through `main` here: exit code, output, and what it said of errors.

    A process for each call would take minutes.
    """

    def run_inside(*words):
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["causalrec", command, *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return run_inside


def started(command, *words, cwd):
    """The command in a process of its own, when it has ended."""
    whole = [sys.executable, "-c", "from causalrec.cli import main; main()", command, *words]
    return subprocess.run(whole, capture_output=True, text=True, cwd=cwd, check=False)
