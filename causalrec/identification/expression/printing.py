"""Expressions as plain text and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from causalrec.identification.expression.tree import Expression, Probability, Product, Quotient, Sum

__all__ = ["latex", "text"]

_BARE = re.compile(r"\w[\w.]*")
_ESCAPED = {
    "\\": r"\backslash ",
    "~": r"\sim ",
    "^": r"\wedge ",
    " ": r"\ ",
    **{mark: rf"\{mark}" for mark in "_{}$&#%"},
}


@dataclass(frozen=True, slots=True)
class _Notation:
    """How parts are written.

    Attributes
    ----------
    name : callable
        A node's name and its number of primes, written.
    bar, total, ratio, group : str
        Patterns of the conditioning bar, a sum, a quotient and brackets.
    """

    name: Callable[[str, int], str]
    bar: str
    total: str
    ratio: str
    group: str


def text(expression: Expression) -> str:
    """Plain text, such as ``Σ_{z} P(y | x, z) P(z)``; names with blanks or marks stand in quotes."""
    notation = _Notation(_text_name, " | ", "Σ_{{{}}} {}", "{} / {}", "[{}]")
    return _written(expression, notation, dict.fromkeys(expression.free, 0))


def latex(expression: Expression) -> str:
    """LaTeX for math mode."""
    notation = _Notation(_latex_name, r" \mid ", r"\sum_{{{}}} {}", r"\frac{{{}}}{{{}}}", r"\left[ {} \right]")
    return _written(expression, notation, dict.fromkeys(expression.free, 0))


def _written(part: Expression, notation: _Notation, primes: Mapping[str, int]) -> str:
    if isinstance(part, Probability):
        return _written_probability(part, notation, primes)
    if isinstance(part, Sum):
        # A name that means something outside gets one prime more than it has there.
        inner = {**primes, **{name: primes[name] + 1 if name in primes else 0 for name in part.over}}
        bound = ", ".join(notation.name(name, inner[name]) for name in part.over)
        return notation.total.format(bound, _written(part.term, notation, inner))
    if isinstance(part, Quotient):
        ends = (_ratio_part(end, notation, primes) for end in (part.numerator, part.denominator))
        return notation.ratio.format(*ends)
    return _written_product(part, notation, primes)


def _written_probability(part: Probability, notation: _Notation, primes: Mapping[str, int]) -> str:
    variables, given = (
        ", ".join(notation.name(name, primes[name]) for name in names) for names in (part.variables, part.given)
    )
    return f"P({variables}{notation.bar}{given})" if given else f"P({variables})"


def _ratio_part(part: Expression, notation: _Notation, primes: Mapping[str, int]) -> str:
    written = _written(part, notation, primes)
    is_bare = isinstance(part, Probability) or notation.ratio.startswith("\\") or written == "1"
    return written if is_bare else notation.group.format(written)


def _written_product(part: Expression, notation: _Notation, primes: Mapping[str, int]) -> str:
    factors = part.factors if isinstance(part, Product) else (part,)
    last = len(factors) - 1
    written = []
    for number, factor in enumerate(factors):
        piece = _written(factor, notation, primes)
        # A sum reaches to the end of what follows it, and so does a quotient in text.
        is_open = isinstance(factor, Sum) and number < last
        is_open |= isinstance(factor, Quotient) and notation.ratio.startswith("{}")
        written.append(notation.group.format(piece) if is_open or isinstance(factor, Product) else piece)
    return " ".join(written) or "1"


def _text_name(name: str, n_primes: int) -> str:
    bare = _BARE.fullmatch(name) is not None
    # Quotes keep a name with blanks, or one that ends in a prime, apart from the marks of the formula.
    return (name if bare else '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"') + "'" * n_primes


def _latex_name(name: str, n_primes: int) -> str:
    escaped = "".join(_ESCAPED.get(character, character) for character in name.replace("\n", " "))
    return (escaped if len(name) == 1 and name.isalpha() else rf"\mathrm{{{escaped}}}") + "'" * n_primes
