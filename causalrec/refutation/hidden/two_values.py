"""Whether two arms can be compared as these attacks do."""

from __future__ import annotations

import numpy as np

from causalrec.refutation.attacked import Attacked

__all__ = ["cannot_compare"]


def cannot_compare(attacked: Attacked) -> str:
    """Why two arms within an adjustment set are not what this effect is; empty where they are."""
    if attacked.estimand.strategy != "adjustment":
        return f"The effect is identified by {attacked.estimand.strategy}; this is for adjustment."
    if attacked.effect.target not in ("ATE", "ATT"):
        return f"The target is {attacked.effect.target}; this is for the ATE and the ATT."
    if attacked.design.n_absorbed:
        return "Effects of groups are held fixed, and this compares two arms within covariates."
    if not np.isin(attacked.design.treatments, (0.0, 1.0)).all():
        return f"{attacked.treatment!r} has values other than 0 and 1."
    return ""
