"""`causalrec estimate`: an effect from a graph and a table."""

from __future__ import annotations

import warnings
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from causalrec.cli.files import read_table, write_text

if TYPE_CHECKING:
    from causalrec.estimation.written import Written

__all__ = ["estimate"]


class Format(StrEnum):
    """How an effect is written."""

    text = "text"
    json = "json"
    markdown = "markdown"
    latex = "latex"


def estimate(
    graph: Annotated[str, typer.Argument(help="Name of a shipped graph, or path of a file in any format.")],
    data: Annotated[str, typer.Argument(help="Table, one row a unit: .parquet, .csv or .tsv.")],
    treatment: Annotated[list[str], typer.Option(help="Treatment; several ask for their joint effect.")],
    outcome: Annotated[str, typer.Option(help="Outcome.")],
    cluster: Annotated[
        list[str] | None, typer.Option(help="Column within which units depend on each other; repeatable.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="Column that says how much each row counts.")] = None,
    missing: Annotated[str, typer.Option(help="Missing covariates: refuse, drop, indicator or impute.")] = "refuse",
    target: Annotated[str, typer.Option(help="Whose effect: ATE, ATT or ATO.")] = "ATE",
    scale: Annotated[str, typer.Option(help="difference, risk ratio or odds ratio.")] = "difference",
    conditional: Annotated[
        list[str] | None, typer.Option(help="Node within whose values the effect is asked for; repeatable.")
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Threads to use; all cores where not given.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print the effect.")] = Format.text,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    output: Annotated[str | None, typer.Option(help="File to write instead of printing.")] = None,
) -> None:
    """Estimate an effect, with its standard error."""
    from causalrec import api
    from causalrec.data.shared_treatment import SharedTreatmentWarning

    estimand = api.identify(api.load_graph(graph), treatment, outcome, conditional=conditional or ())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SharedTreatmentWarning)  # every format has it among the notes
        effect = api.estimate(
            estimand, read_table(data), clusters=cluster or (), weights=weights, missing=missing, target=target,
            scale=scale, n_threads=threads,
        )  # fmt: skip
    write_text(_worded(effect, Format.json if as_json else form), output)


def _worded(effect: Written, form: Format) -> str:
    write = {
        Format.text: effect.__str__, Format.json: effect.to_json, Format.markdown: effect.to_markdown,
        Format.latex: effect.to_latex,
    }  # fmt: skip
    return write[form]()
