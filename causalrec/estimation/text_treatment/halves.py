"""Experiments in two parts: one to search, one to estimate."""

from __future__ import annotations

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.text_treatment.experiments import TextExperiments

__all__ = ["search_part"]

LEAST = 3  # experiments in each part


def search_part(texts: list[str], seen: TextExperiments, share: float, random_state: int) -> np.ndarray:
    """Which rows are searched; bool, shape (n,).

    Experiments that have a text in common go to one side together: what is peculiar to a text would otherwise be found
    in one part and found again in the other.

    Raises
    ------
    EstimationError : fewer than three experiments on a side, as where common texts link nearly all of them.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    text = np.unique(np.array(texts, dtype=object), return_inverse=True)[1]
    has = coo_matrix((np.ones(len(text)), (seen.experiment, text))).tocsr()
    _, linked = connected_components(has @ has.T, directed=False)
    # Numbered by their first experiment, whose numbers follow the experiments' names.
    first = np.unique(linked, return_index=True)[1]
    sizes = np.bincount(linked)
    order = np.random.default_rng(random_state).permutation(np.argsort(first, kind="stable"))
    before = np.cumsum(sizes[order]) - sizes[order]
    searched = np.isin(linked, order[before < share * sizes.sum()])
    if min(searched.sum(), (~searched).sum()) < LEAST:
        raise EstimationError(
            f"{int(searched.sum())} of {len(searched)} experiments would be searched and the rest kept: too few on a "
            f"side. Give more experiments; those that have a text in common go to one side together."
        )
    return searched[seen.experiment]
