"""Expressions of the effects that adjustment and the front door identify."""

from __future__ import annotations

from collections.abc import Iterable

from causalrec.errors import IdentificationError
from causalrec.graph.validation import names_of
from causalrec.identification.expression.algebra import product, summed
from causalrec.identification.expression.tree import Expression, Probability

__all__ = ["adjustment_expression", "frontdoor_expression"]

Names = str | Iterable[str]


def adjustment_expression(treatment: Names, outcome: Names, adjustment: Names, kept: Names = ()) -> Expression:
    """P(outcome | do(treatment), kept) by adjustment: Σ_z P(y | x, z, kept) P(z | kept).

    Parameters
    ----------
    treatment, outcome : str or iterable of str
    adjustment : str or iterable of str
        Nodes to sum over, in the order in which they are written; none gives P(y | x, kept).
    kept : str or iterable of str
        Nodes that every row has, or within whose values the effect is asked for.

    Raises
    ------
    IdentificationError : treatment or outcome is empty, or a node is in two of the sets.

    Examples
    --------
    >>> print(adjustment_expression("display", "purchased", ["season"]))
    Σ_{season} P(purchased | display, season) P(season)
    """
    x, y, z, kept = _sets(treatment=treatment, outcome=outcome, adjustment=adjustment, kept=kept)
    if not z:
        return Probability(y, (*x, *kept))
    return summed(z, product([Probability(y, (*x, *z, *kept)), Probability(z, kept)]))


def frontdoor_expression(treatment: Names, outcome: Names, mediators: Names) -> Expression:
    """P(outcome | do(treatment)) through mediators: Σ_z P(z | x) Σ_x' P(y | x', z) P(x').

    Without mediators the treatment has no effect, and it is P(y).

    Raises
    ------
    IdentificationError : treatment or outcome is empty, or a node is in two of the sets.

    References
    ----------
    Pearl (1995), Biometrika 82(4), 669-688.

    Examples
    --------
    >>> print(frontdoor_expression("exposed", "purchased", ["click"]))
    Σ_{click} P(click | exposed) Σ_{exposed'} P(purchased | exposed', click) P(exposed')
    """
    x, y, z = _sets(treatment=treatment, outcome=outcome, mediators=mediators)
    if not z:
        return Probability(y)
    through = summed(x, product([Probability(y, (*x, *z)), Probability(x)]))
    return summed(z, product([Probability(z, x), through]))


def _sets(**sets: Names) -> list[tuple[str, ...]]:
    found = {argument: tuple(dict.fromkeys(names_of(names))) for argument, names in sets.items()}
    if empty := [argument for argument in ("treatment", "outcome") if not found[argument]]:
        raise IdentificationError(f"`{empty[0]}` is empty: name at least one node.")
    owner: dict[str, str] = {}
    for argument, names in found.items():
        for name in names:
            if owner.setdefault(name, argument) != argument:
                raise IdentificationError(f"{name!r} is in both `{owner[name]}` and `{argument}`.")
    return list(found.values())
