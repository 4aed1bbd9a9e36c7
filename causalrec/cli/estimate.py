"""`causalrec estimate`: an effect from a graph and a table."""

from __future__ import annotations

import json
from typing import Annotated

import typer

__all__ = ["estimate"]


def estimate(
    graph: Annotated[str, typer.Argument(help="Name of a shipped graph, or path of a file in any format.")],
    data: Annotated[str, typer.Argument(help="Table, one row a unit: .parquet or .csv.")],
    treatment: Annotated[list[str], typer.Option(help="Treatment; several ask for their joint effect.")],
    outcome: Annotated[str, typer.Option(help="Outcome.")],
    cluster: Annotated[
        list[str] | None, typer.Option(help="Column within which units depend on each other; repeatable.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="Column that says how much each row counts.")] = None,
    missing: Annotated[str, typer.Option(help="Missing covariates: refuse, drop, indicator or impute.")] = "refuse",
    target: Annotated[str, typer.Option(help="Whose effect: ATE, ATT or ATO.")] = "ATE",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Estimate an effect, with its standard error."""
    from causalrec import api
    from causalrec.data import Dataset

    estimand = api.identify(api.load_graph(graph), treatment, outcome)
    read = Dataset.from_csv if data.endswith((".csv", ".tsv")) else Dataset.from_parquet
    effect = api.estimate(estimand, read(data), clusters=cluster or (), weights=weights, missing=missing, target=target)
    typer.echo(json.dumps(effect.to_dict(), indent=2, ensure_ascii=False) if as_json else str(effect))
