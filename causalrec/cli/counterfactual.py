"""`causalrec counterfactual`: what units would have been under an action."""

from __future__ import annotations

from typing import Annotated

import typer

from causalrec.cli.files import read_table, write_text

__all__ = ["counterfactual"]


def counterfactual(
    graph: Annotated[str, typer.Argument(help="Name of a shipped graph, or path of a file in any format.")],
    data: Annotated[str, typer.Argument(help="Table, one row a unit: .parquet, .csv or .tsv.")],
    do: Annotated[list[str], typer.Option(help="NODE=VALUE, what is set; repeatable.")],
    outcome: Annotated[str, typer.Option(help="Node that is asked for.")],
    unit: Annotated[list[int] | None, typer.Option(help="Row of the table, counted from 0; repeatable.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="COLUMN=VALUE, rows to ask for; repeatable.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Column within which units depend on each other.")] = None,
    refits: Annotated[int, typer.Option(help="Refits on resampled rows, behind the intervals.")] = 100,
    draws: Annotated[int, typer.Option(help="Draws of what a unit's values leave open.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    output: Annotated[str | None, typer.Option(help="File to write instead of printing.")] = None,
) -> None:
    """Say what units would have been, had something been set otherwise."""
    from causalrec import api
    from causalrec.cli.asked_units import asked_units, assignments
    from causalrec.structural import StructuralModel

    dataset = read_table(data)
    units = asked_units(dataset, unit or (), assignments(where or (), "--where"))
    model = StructuralModel(api.load_graph(graph), n_refits=refits).fit(dataset, clusters=cluster)
    found = model.counterfactual(units, assignments(do, "--do"), outcome=outcome, n_draws=draws)
    write_text(found.to_json() if as_json else str(found), output)
