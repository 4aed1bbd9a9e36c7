"""ID against all hedges, enumerated from their definition, on random graphs of 4 to 6 nodes."""

from __future__ import annotations

import numpy as np

from causalrec.errors import NotIdentifiableError
from causalrec.identification import id_expression
from tests.identification.test_id_algorithm import assert_hedge, brute_force, random_query

TITLE = "ID against hedges"
N_RUNS = 2_000


def run(seed: int) -> dict:
    """Whether ID answers, whether a hedge exists, whether the one it names is one."""
    rng = np.random.default_rng(10_000 + seed)
    graph, x, y, _ = random_query(rng, n_nodes=(4, 7), n_latent=0, twins=(0.2, 0.7))
    exists = brute_force(graph, x, y)
    try:
        id_expression(graph, x, y)
    except NotIdentifiableError as error:
        try:
            assert_hedge(graph, x, y, *error.hedge)
        except AssertionError:
            return {"identified": 0, "wrong": 1}
        return {"identified": 0, "wrong": int(not exists)}
    return {"identified": 1, "wrong": int(exists)}


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row."""
    identified, wrong = (sum(result[name] for result in results) for name in ("identified", "wrong"))
    return [
        {"method": "ID", "questions": len(results), "identified": identified,
         "a hedge, verified": len(results) - identified, "disagree": wrong}
    ]  # fmt: skip
