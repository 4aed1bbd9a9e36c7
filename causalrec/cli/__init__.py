"""The command line: one command a file. Each parses, calls one public function, and prints."""

from causalrec.cli.main import main

__all__ = ["main"]
