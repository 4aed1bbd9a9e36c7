"""Whether groups that no cluster covers share their errors."""

from __future__ import annotations

import numpy as np

from causalrec.estimation.uncertainty.multiplicity import holm
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.independent_units import column_codes, ordered, units_of
from causalrec.refutation.refutation import Refutation

__all__ = ["shared_groups"]

ASKED = Asked(
    name="shared groups",
    question="Are the errors of rows in one group independent, as the standard error takes them?",
    sees="errors that rows of one group share, the treatment too, where no cluster covers the group",
)
N_SIGNS = 199


def shared_groups(attacked: Attacked) -> Refutation:
    """Compare the error that groups imply with the one that was reported, for each column that may tell groups.

    Columns are that whose groups share the treatment, and the keys of items and users. The statistic is
    the sum over groups of squared sums of influence; under the null signs of the units' own influence may be exchanged
    at random. Several columns are tested together by Holm's method.

    Parameters
    ----------
    attacked : Attacked

    Returns
    -------
    Refutation
        `refuted` is the effect itself; `stderr` the error with groups of the most telling column.

    References
    ----------
    MacKinnon, Nielsen, Webb (2023), J. Econometrics 235(2): tests for the level of clustering.
    """
    effect = attacked.effect
    if effect.influence is None:
        return ASKED.cannot(effect, f"{effect.method} gives no influence of single rows.")
    design, order = ordered(attacked.design)
    base = units_of(attacked, design, order, look=False)
    score = np.bincount(base.codes, effect.influence[order] - effect.influence.mean())
    groups = _groups(attacked, base.codes, order)
    if not groups:
        return ASKED.cannot(effect, "No column of the table tells groups that the error does not allow for already.")
    rng = np.random.default_rng(attacked.random_state)
    found = {name: _tested(score, codes, rng) for name, codes in groups.items()}
    together = holm([p for p, _ in found.values()])
    worst = min(found, key=lambda name: found[name])
    p_value, ratio = float(together.min()), found[worst][1]
    return ASKED.tested(
        effect, p_value, refuted=effect.value, stderr=ratio * effect.stderr,
        reason=f"Errors clustered by {worst!r} would be {ratio:.2f} times those reported.",
        details={f"p of {name}": float(p) for name, p in zip(found, together, strict=True)},
    )  # fmt: skip


def _groups(attacked: Attacked, base: np.ndarray, order: np.ndarray) -> dict[str, np.ndarray]:
    """Group of each unit, by column; columns within whose groups the units do not lie whole are left out."""
    shared = units_of(attacked, attacked.design, np.arange(attacked.design.n))
    names = [] if shared.declared else [shared.name]
    known = set(attacked.data.tables["interactions"].column_names)
    names += [key for key in attacked.data.keys.values() if key in known]
    outcome = attacked.data.column_name(attacked.estimand.outcome)
    found = {}
    for name in dict.fromkeys(names):
        if name in attacked.recipe.clusters or name == outcome:
            continue
        codes = column_codes(attacked, name)[order]
        first = codes[np.unique(base, return_index=True)[1]]
        n_groups = len(np.unique(first))
        if (first[base] == codes).all() and 2 < n_groups < len(first):
            found[name] = np.unique(first, return_inverse=True)[1]
    return found


def _tested(score: np.ndarray, codes: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """P-value, one-sided, and the ratio of the errors."""
    squares = float(score @ score)
    observed = float((np.bincount(codes, score) ** 2).sum())
    beyond = sum(
        float((np.bincount(codes, score * rng.choice((-1.0, 1.0), len(score))) ** 2).sum()) >= observed
        for _ in range(N_SIGNS)
    )
    return (1 + beyond) / (1 + N_SIGNS), (observed / squares) ** 0.5
