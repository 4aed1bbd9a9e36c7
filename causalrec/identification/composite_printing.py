"""Formulas of several distributions as plain text and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping

from causalrec.identification.composite import Composite, Factor
from causalrec.identification.expression import Expression, Probability, Product, Quotient, Sum

__all__ = ["composite_text", "factor_text"]

DOMAINS = ("source", "target")
"""Populations between which an effect is transported: written at each factor."""

# The head of a probability in a printed expression, outside of names.
_PROBABILITY = re.compile(r"""("(?:\\.|[^"\\])*"|\\mathrm\{(?:\\.|[^}\\])*\})|P\(""")
_REFERENCE_NAME = re.compile(r"\\mathrm\{((?:\\.|[^}\\])*)₀\}")


def composite_text(composite: Composite, as_latex: bool = False) -> str:
    """Text of a sum of factors."""
    if as_latex:
        return _subscripted(_joined(composite, r"\sum_{{{}}} {}", r"\left[ {} \right]", True))
    return _joined(composite, "Σ_{{{}}} {}", "[{}]", False)


def factor_text(factor: Factor, as_latex: bool = False) -> str:
    """Text of one factor."""
    written = _text(factor, as_latex)
    return _subscripted(written) if as_latex else written


def _joined(composite: Composite, total: str, group: str, as_latex: bool) -> str:
    # A sum reaches to the end of what follows it, so it stands last or in brackets; a quotient always in brackets.
    factors = sorted(composite.factors, key=lambda factor: _ends_in_sum(factor.expression))
    pieces = []
    for number, factor in enumerate(factors):
        piece = _text(factor, as_latex)
        is_open = isinstance(factor.expression, Quotient) and len(factors) > 1
        is_open |= _ends_in_sum(factor.expression) and number < len(factors) - 1
        pieces.append(group.format(piece) if is_open else piece)
    inside = " ".join(pieces)
    names = ", ".join(_name(name, as_latex) for name in composite.over)
    return total.format(names, inside) if composite.over else inside


def _ends_in_sum(expression: Expression) -> bool:
    parts = expression.factors if isinstance(expression, Product) else (expression,)
    return any(isinstance(part, Sum) for part in parts)


def _text(factor: Factor, as_latex: bool) -> str:
    expression = _renamed(factor.expression, {name: factor.written(name) for name in factor.reference})
    if not isinstance(expression, Probability):
        written = expression.latex() if as_latex else str(expression)
        return _PROBABILITY.sub(lambda found: found[1] or f"P{_subscript(factor, as_latex)}(", written)
    done = ", ".join(_name(name, as_latex) for name in factor.do)
    do = [rf"\mathrm{{do}}({done})" if as_latex else f"do({done})"] if done else []
    given = [*do, *(_name(name, as_latex) for name in expression.given if name not in factor.do)]
    given += [f"{_name(name, as_latex)}=1" for name in factor.among]
    variables = ", ".join(_name(name, as_latex) for name in expression.variables)
    bar = r" \mid " if as_latex else " | "
    return f"P{_subscript(factor, as_latex)}({variables}{bar if given else ''}{', '.join(given)})"


def _subscript(factor: Factor, as_latex: bool) -> str:
    if factor.source not in DOMAINS:
        return ""
    return rf"_{{\mathrm{{{factor.source}}}}}" if as_latex else f"_{factor.source}"


def _subscripted(latex: str) -> str:
    return _REFERENCE_NAME.sub(lambda found: f"{found[1] if len(found[1]) == 1 else found[0][:-2] + '}'}_0", latex)


def _name(name: str, as_latex: bool) -> str:
    probability = Probability((name,))
    return (probability.latex() if as_latex else str(probability))[2:-1]


def _renamed(part: Expression, names: Mapping[str, str]) -> Expression:
    if not names or not part.free.intersection(names):
        return part
    if isinstance(part, Probability):
        return Probability(*(tuple(names.get(name, name) for name in group) for group in (part.variables, part.given)))
    if isinstance(part, Quotient):
        return Quotient(_renamed(part.numerator, names), _renamed(part.denominator, names))
    if isinstance(part, Sum):
        free = {name: new for name, new in names.items() if name not in part.over}
        return Sum(part.over, _renamed(part.term, free))
    if isinstance(part, Product):
        return Product(tuple(_renamed(factor, names) for factor in part.factors))
    return part
