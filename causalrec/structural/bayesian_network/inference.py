"""Exact distributions of some nodes given others, seen or set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from causalrec.errors import EstimationError, ImpossibleEvidenceError
from causalrec.structural.bayesian_network.contraction import DRAW, Factor, contracted
from causalrec.structural.bayesian_network.structure import Structure

__all__ = ["conditional", "factors_of", "log_evidence", "relevant"]


def conditional(
    structure: Structure,
    tables: Sequence[np.ndarray],
    query: tuple[int, ...],
    evidence: Mapping[int, int],
    do: Mapping[int, int],
    *,
    drawn: bool = False,
) -> np.ndarray:
    """P(query | evidence, do), exact; one axis a node of `query`, that of the draws first where `drawn`.

    Setting nodes drops their tables and fixes their value in those of their children (truncated
    factorisation); evidence is what is then seen.

    Raises
    ------
    ImpossibleEvidenceError : the evidence has probability zero.

    References
    ----------
    Pearl (2009), Causality, 2nd ed., section 3.2.3; Dechter (1999), Artif. Intell. 113, 41-85.
    """
    factors, constants = factors_of(structure, tables, (*query, *evidence), evidence, do, drawn)
    output = (DRAW, *query) if drawn else query
    joint = contracted(factors, output)
    axes = tuple(range(int(drawn), joint.ndim))
    total = joint.sum(axis=axes, keepdims=True)
    if not (total > 0).all() or not all((constant > 0).all() for constant in constants):
        refuse_impossible(structure, tables, evidence, do, drawn)
    return joint / total


def log_evidence(
    structure: Structure, tables: Sequence[np.ndarray], evidence: Mapping[int, int], do: Mapping[int, int], *,
    drawn: bool = False,
) -> np.ndarray:  # fmt: skip
    """Log P(evidence | do), of each draw where `drawn`; shape () or (n_draws,)."""
    factors, constants = factors_of(structure, tables, tuple(evidence), evidence, do, drawn)
    with np.errstate(divide="ignore"):
        total = sum((np.log(constant) for constant in constants), np.zeros(()))
        if factors:
            total = total + np.log(contracted(factors, (DRAW,) if drawn else ()))
    if not np.isfinite(total).all():
        refuse_impossible(structure, tables, evidence, do, drawn)
    return total


def factors_of(
    structure: Structure, tables: Sequence[np.ndarray], nodes: tuple[int, ...], evidence: Mapping[int, int],
    do: Mapping[int, int], drawn: bool,
) -> tuple[list[Factor], list[np.ndarray]]:  # fmt: skip
    """Tables that matter to `nodes` with all fixed axes taken out; those without any other axis apart."""
    fixed = {**evidence, **do}
    factors, constants = [], []
    for node in relevant(structure, nodes, do):
        family = structure.family(node)
        place = tuple(fixed.get(member, slice(None)) for member in family)
        axes = tuple(member for member in family if member not in fixed)
        values = tables[node][(slice(None), *place) if drawn else place]
        if axes:
            factors.append((values, (DRAW, *axes) if drawn else axes))
        else:
            constants.append(np.asarray(values))
    return factors, constants


def relevant(structure: Structure, nodes: Sequence[int], do: Mapping[int, int]) -> list[int]:
    """`nodes` and their causes that are not set, those above set nodes left out; ascending."""
    found, stack = set(), [node for node in nodes if node not in do]
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(cause for cause in structure.parents[node] if cause not in do)
    return sorted(found)


def refuse_impossible(
    structure: Structure, tables: Sequence[np.ndarray], evidence: Mapping[int, int], do: Mapping[int, int], drawn: bool
) -> None:
    """Say whether the evidence is impossible, or only too improbable for the arithmetic."""
    said = ", ".join(f"{structure.names[node]}={structure.levels[node][code]}" for node, code in evidence.items())
    under = ", ".join(f"{structure.names[node]}={structure.levels[node][code]}" for node, code in do.items())
    clause = f"{said} under do({under})" if do else said
    allowed = [(table > 0).astype(float) for table in tables]
    factors, constants = factors_of(structure, allowed, tuple(evidence), evidence, do, drawn)
    output = (DRAW,) if drawn else ()
    possible = all(constant.all() for constant in constants) and (not factors or contracted(factors, output).all())
    if possible:
        raise EstimationError(
            f"The probability of {clause} is too small for the arithmetic of 64 bits. Give less evidence at once."
        )
    raise ImpossibleEvidenceError(
        f"The evidence {clause} has probability 0 in this network, so nothing can be said given it. Look for the level "
        f"that its causes exclude, or learn the tables with a `prior`."
    )
