"""`causalrec identify`: what to compute, or why it cannot be."""

from __future__ import annotations

import json
from typing import Annotated

import typer

__all__ = ["identify"]


def identify(
    graph: Annotated[str, typer.Argument(help="Name of a shipped graph, or path of a file in dagitty text.")],
    treatment: Annotated[list[str], typer.Option(help="Treatment; several ask for their joint effect.")],
    outcome: Annotated[str, typer.Option(help="Outcome.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say which variables to adjust for, or name the path that stays open."""
    from causalrec import api

    estimand = api.identify(api.load_graph(graph), treatment, outcome)
    typer.echo(json.dumps(estimand.to_dict(), indent=2) if as_json else str(estimand))
