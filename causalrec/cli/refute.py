"""`causalrec refute`: attacks on an effect, from a graph and a table."""

from __future__ import annotations

import json
import warnings
from typing import Annotated

import typer

from causalrec.cli.files import read_table, write_text

__all__ = ["refute"]


def refute(
    graph: Annotated[str, typer.Argument(help="Name of a shipped graph, or path of a file in any format.")],
    data: Annotated[str, typer.Argument(help="Table, one row a unit: .parquet, .csv or .tsv.")],
    treatment: Annotated[str, typer.Option(help="Treatment.")],
    outcome: Annotated[str, typer.Option(help="Outcome.")],
    cluster: Annotated[
        list[str] | None, typer.Option(help="Column within which units depend on each other; repeatable.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="Column that says how much each row counts.")] = None,
    missing: Annotated[str, typer.Option(help="Missing covariates: refuse, drop, indicator or impute.")] = "refuse",
    target: Annotated[str, typer.Option(help="Whose effect: ATE, ATT or ATO.")] = "ATE",
    attack: Annotated[list[str] | None, typer.Option(help="Attack to make; repeatable; all by default.")] = None,
    budget: Annotated[float | None, typer.Option(help="Seconds; what would not end in time is left out.")] = None,
    draws: Annotated[int | None, typer.Option(help="Draws of each reference distribution.")] = None,
    jobs: Annotated[int, typer.Option(help="Processes that share the draws.")] = 1,
    seed: Annotated[int, typer.Option(help="Random state of the draws.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Effect and attacks as JSON.")] = False,
    output: Annotated[str | None, typer.Option(help="File to write instead of printing.")] = None,
) -> None:
    """Estimate an effect and attack it; a failed attack is a result, and no error."""
    from causalrec import api
    from causalrec.data.shared_treatment import SharedTreatmentWarning
    from causalrec.estimation import EffectEstimate

    causal, table = api.load_graph(graph), read_table(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SharedTreatmentWarning)  # the effect has it among its notes
        effect = api.estimate(
            api.identify(causal, treatment, outcome), table, clusters=cluster or (), weights=weights, missing=missing,
            target=target,
        )  # fmt: skip
        assert isinstance(effect, EffectEstimate)  # nothing that is asked for here gives another kind
        battery = api.refute(
            effect, table, graph=causal, attacks=attack or None, budget=budget, n_draws=draws, n_jobs=jobs,
            random_state=seed,
        )  # fmt: skip
    if as_json:
        write_text(json.dumps({"effect": json.loads(effect.to_json()), **battery.to_dict()}, indent=2), output)
    else:
        write_text(f"{effect}\n\n{battery}", output)
