"""Sizes of the parts of effects, under the fitted mechanisms and under each refit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from causalrec.structural.influence.contrast import Contrast
from causalrec.structural.influence.decomposition import PathDecomposition
from causalrec.structural.influence.linear import LinearPaths, is_linear, linear_paths
from causalrec.structural.influence.nested import NestedWorlds, nested_worlds
from causalrec.structural.influence.size import Size, size_of
from causalrec.structural.interventional import NOTED
from causalrec.structural.outcome_means import simulation
from causalrec.structural.setting import between, outside_shares

if TYPE_CHECKING:
    from causalrec.structural.questions import Questions

__all__ = ["Parts", "assembled", "decomposed", "engines", "no_effect"]

Parts = Mapping[str, frozenset[str]]
"""Name of a part -> first steps of the treatment on which it alone acts anew."""

ROUNDING = 1e-10  # share of the total below which an interaction is that of the arithmetic
PRODUCTS = "products of coefficients"


def engines(model: Questions, outcome: str, n_samples: int) -> Sequence[LinearPaths | NestedWorlds]:
    """What gives the sizes: of the mechanisms as fitted, then of each refit."""
    models = [one.above(outcome) for one in (model.equations_, *model.refits_)]
    if is_linear(models[0], model.nodes_):
        return [linear_paths(one) for one in models]
    return [
        nested_worlds(one, model.nodes_, outcome, n_samples, simulation(model.random_state, number))
        for number, one in enumerate(models)
    ]


def decomposed(
    model: Questions, outcome: str, asked: Sequence[tuple[Contrast, Parts]], n_samples: int
) -> list[PathDecomposition]:
    """One decomposition for each contrast of a cause of the outcome."""
    rows: list[list[np.ndarray]] = [[] for _ in asked]
    for engine in (found := engines(model, outcome, n_samples)):
        for place, (contrast, parts) in enumerate(asked):
            rows[place].append(np.append(engine.changes(contrast, list(parts.values())), engine.scale(contrast)))
    return [
        assembled(model, contrast, outcome, list(parts), np.array(some), n_samples * (not _is_exact(found)))
        for (contrast, parts), some in zip(asked, rows, strict=True)
    ]


def _is_exact(found: Sequence[LinearPaths | NestedWorlds]) -> bool:
    return isinstance(found[0], LinearPaths)


def assembled(
    model: Questions, contrast: Contrast, outcome: str, names: Sequence[str], rows: np.ndarray, n_samples: int,
    notes: tuple[str, ...] = (),
) -> PathDecomposition:  # fmt: skip
    """A decomposition from its numbers.

    Parameters
    ----------
    rows : float64, shape (1 + n_refits, 2 + n_parts)
        Total, parts, and what makes the total a standardised one; the mechanisms as fitted first.
    n_samples : int
        Simulated units; 0 for closed forms.
    """
    total, parts, scale = rows[:, 0], rows[:, 1:-1], rows[:, -1]
    interaction = total - parts.sum(axis=1)
    if np.abs(interaction).max() <= ROUNDING * np.abs(rows[:, :-1]).max():
        interaction = np.zeros_like(total)
    return PathDecomposition(
        contrast.node.name, outcome, contrast.start, contrast.to, size_of(total),
        {name: size_of(part) for name, part in zip(names, parts.T, strict=True)}, size_of(interaction),
        size_of(total - parts[:, 0]), size_of(total * scale), float(scale[0]),
        f"nested counterfactuals, {n_samples:,} simulated units" if n_samples else PRODUCTS,
        model.n_, len(model.refits_), model.n_clusters_, (*notes, *_extrapolated(model, contrast, outcome)),
    )  # fmt: skip


def no_effect(model: Questions, contrast: Contrast, outcome: str, names: Sequence[str]) -> PathDecomposition:
    """What the graph says of a treatment with no directed path to the outcome."""
    nothing = Size(0.0, 0.0, len(model.refits_))
    note = f"0 by the graph, not by the data: no directed path leads from {contrast.node.name} to {outcome}"
    return PathDecomposition(
        contrast.node.name, outcome, contrast.start, contrast.to, nothing, dict.fromkeys(names, nothing), nothing,
        nothing, nothing, 1.0, "no path", model.n_, len(model.refits_), model.n_clusters_, (note,),
    )  # fmt: skip


def _extrapolated(model: Questions, contrast: Contrast, outcome: str) -> tuple[str, ...]:
    told = between(model.equations_, contrast.node.name, outcome)
    shares = outside_shares(model, contrast.node.name, contrast.codes, told, 1_000)
    listed = ", ".join(f"{node} {share:.1%}" for node, share in shares.items() if share > NOTED)
    return (f"extrapolated: {listed} of simulated units, told {contrast.node.name}",) if listed else ()
