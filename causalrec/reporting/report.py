"""`Report`: sections in order, written as one HTML file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from causalrec.files import replace_atomically
from causalrec.reporting.content import Headline, Section
from causalrec.reporting.rendering import render

__all__ = ["Report"]


@dataclass(frozen=True, slots=True)
class Report:
    """A page that needs no other file, no network and no script.

    Attributes
    ----------
    title : str
    sections : tuple of Section
    headline : Headline or None
        Shown first.
    subtitle : str
        What data and which question.

    Examples
    --------
    >>> "<h2" in Report("A report", (Section("An effect", ("It works.",)),)).html()
    True
    """

    title: str
    sections: tuple[Section, ...] = ()
    headline: Headline | None = None
    subtitle: str = ""

    def html(self) -> str:
        """The page as text; whatever comes from data is escaped."""
        return render(self)

    def save(self, path: str | Path) -> Path:
        """Write the page as UTF-8; a file that exists is replaced as a whole.

        Raises
        ------
        OutputError : the folder is missing, read-only or full.
        """
        page = self.html()
        return replace_atomically(path, lambda temporary: temporary.write_text(page, "utf-8"))

    def __repr__(self) -> str:
        return f"<Report {self.title!r}: {', '.join(section.title for section in self.sections)}>"
