"""`causalrec identify`: what to compute, or why it cannot be."""

from __future__ import annotations

import json
from typing import Annotated

import typer

__all__ = ["identify"]


def identify(
    graph: Annotated[str, typer.Argument(help="Name of a shipped graph, or path of a file in any format.")],
    treatment: Annotated[list[str], typer.Option(help="Treatment; several ask for their joint effect.")],
    outcome: Annotated[str, typer.Option(help="Outcome.")],
    conditional: Annotated[
        list[str] | None, typer.Option(help="Variable within whose values the effect is asked for; repeatable.")
    ] = None,
    selected: Annotated[
        list[str] | None, typer.Option(help="Variable that every row has; default: those with that role.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--no-selection", help="The data are not selected.")] = False,
    strategy: Annotated[str, typer.Option(help="auto, adjustment, frontdoor, id or instrument.")] = "auto",
    deadline: Annotated[float | None, typer.Option(help="Seconds that a long search may take.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what to compute for an effect, or name what stays open."""
    from causalrec import api

    estimand = api.identify(
        api.load_graph(graph),
        treatment,
        outcome,
        conditional=conditional or (),
        selected=() if everybody else selected or None,
        strategy=strategy,
        deadline=deadline,
    )
    typer.echo(json.dumps(estimand.to_dict(), indent=2, ensure_ascii=False) if as_json else str(estimand))
