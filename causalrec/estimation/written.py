"""Estimates as Markdown, LaTeX, HTML and JSON: one form for effects, groups, ratios and curves."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["Written", "aligned", "decimals", "percent", "row_remarks"]

LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


class Written:
    """What an estimate needs to be written down: `to_dict(level)`, the rows of its table, and remarks below it."""

    __slots__ = ()

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        raise NotImplementedError

    def _rows(self, level: float) -> list[dict[str, str]]:
        """Rows of the table, name of a column to text; the same columns in each."""
        raise NotImplementedError

    def _remarks(self) -> list[str]:
        """What a reader must know beside the table, one line each."""
        raise NotImplementedError

    @property
    def _clusters(self) -> str:
        """Clusters of each kind in words, of estimates that have `n_clusters`."""
        return " and ".join(f"{count:,} {kind}" for kind, count in self.n_clusters.items())  # type: ignore[attr-defined]

    def to_json(self, level: float = 0.95) -> str:
        """`to_dict` as JSON; what is not finite becomes null, for the standard has no word for it."""
        return json.dumps(_finite(self.to_dict(level)), indent=2, ensure_ascii=False, allow_nan=False)

    def to_markdown(self, level: float = 0.95) -> str:
        """A pipe table, and the remarks as a list below it."""
        rows = [{_markdown(name): _markdown(text) for name, text in row.items()} for row in self._rows(level)]
        table = [_row(rows[0]), _row("---" for _ in rows[0]), *(_row(row.values()) for row in rows)]
        remarks = [f"- {_markdown(remark)}" for remark in self._remarks()]
        return "\n".join([*table, *([""] if remarks else []), *remarks])

    def to_latex(self, level: float = 0.95) -> str:
        """A tabular for the package booktabs, and a line of small print for each remark."""
        rows = [{_latex(name): _latex(text) for name, text in row.items()} for row in self._rows(level)]
        lines = [
            rf"\begin{{tabular}}{{{'l' * len(rows[0])}}}", r"\toprule", " & ".join(rows[0]) + r" \\", r"\midrule",
            *(" & ".join(row.values()) + r" \\" for row in rows), r"\bottomrule", r"\end{tabular}",
        ]  # fmt: skip
        return "\n".join([*lines, *(rf"\par{{\footnotesize {_latex(remark)}}}" for remark in self._remarks())])

    def _repr_html_(self) -> str:
        rows = self._rows(0.95)
        head = _tagged("th", rows[0])
        body = "".join(f"<tr>{_tagged('td', row.values())}</tr>" for row in rows)
        remarks = "".join(f"<li>{escape(remark)}</li>" for remark in self._remarks())
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"<div>{table}{f'<ul>{remarks}</ul>' if remarks else ''}</div>"


def aligned(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Rows as lines of text whose columns stand below each other, a line of names first; none for no rows.

    >>> aligned([{"unit": "0", "was": "2.5"}, {"unit": "10", "was": "3"}])
    ['unit  was', '0     2.5', '10    3']
    """
    cells = [list(rows[0]), *(list(row.values()) for row in rows)] if rows else []
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(f"{cell:{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in cells]


def row_remarks(n_dropped: int, dropped: Mapping[str, int], filled: Mapping[str, int], notes: Sequence[str]) -> list:
    """What was dropped and filled in, and what to know of the error."""
    lines = []
    if n_dropped or dropped:
        lines.append(f"{n_dropped:,} rows dropped for missing values: {_counts(dropped)}")
    if filled:
        lines.append(f"missing values filled in: {_counts(filled)}")
    return [*lines, *(f"note: {note}" for note in notes)]


def decimals(stderr: float) -> int:
    """Four, or as many as show two digits of a smaller error."""
    return min(15, max(4, 1 - math.floor(math.log10(stderr)))) if stderr > 0 else 4


def percent(level: float) -> str:
    """A level in per cent."""
    return f"{100 * level:g}%"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _tagged(tag: str, cells: Iterable[str]) -> str:
    return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)


def _markdown(text: str) -> str:
    """A text that keeps its cell and brings no markup of its own."""
    return re.sub(r"([\\|*`\[\]])", r"\\\1", escape(" ".join(text.split()), quote=False))


def _latex(text: str) -> str:
    return "".join(LATEX.get(sign, sign) for sign in " ".join(text.split()))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
