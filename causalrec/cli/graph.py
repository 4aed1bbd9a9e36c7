"""`causalrec graph`: check a graph's file, turn it into another format, draw it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from causalrec.graph.formats import GraphDocument

__all__ = ["graph"]

graph = typer.Typer(name="graph", help="Check, convert and draw causal graphs.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(help="Name of a shipped graph, or path of a file in any format.")]


@graph.command()
def check(source: Source) -> None:
    """Read a graph and say what it holds; exit code 1 and a message if it cannot be read."""
    from causalrec.graph.catalogue import load_document

    for line in _summary(load_document(source)):
        typer.echo(line)


@graph.command()
def convert(
    source: Source,
    to: Annotated[str, typer.Option(help="dagitty, json, dot, gml, mermaid, lavaan, csv or parquet.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write; default: print.")] = None,
) -> None:
    """Write a graph in another format, and warn of what that format cannot say."""
    from causalrec.errors import GraphError
    from causalrec.files import replace_atomically
    from causalrec.graph.catalogue import load_document
    from causalrec.graph.formats import write_graph, write_parquet

    document = load_document(source)
    if to == "parquet" and out is None:
        raise GraphError("A Parquet file is not text to print: name the file with -o.")
    with _told_warnings():
        content = write_parquet(document) if to == "parquet" else _encoded(write_graph(document, to) + "\n")
    if out is None:
        typer.echo(content, nl=False)
    else:
        replace_atomically(out, lambda part: part.write_bytes(content))


@graph.command()
def draw(
    source: Source,
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write: .svg, .png or .pdf.")],
    treatment: Annotated[list[str] | None, typer.Option(help="Treatment; default: what has that role.")] = None,
    outcome: Annotated[list[str] | None, typer.Option(help="Outcome; default: what has that role.")] = None,
    adjustment: Annotated[list[str] | None, typer.Option(help="Node to ring; repeatable.")] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Nodes where the file says, not in layers.")] = False,
) -> None:
    """Draw a graph in layers: roles in colour, latent nodes dashed, biasing paths in red."""
    from causalrec.graph.catalogue import load_document
    from causalrec.graph.drawing import draw as drawn

    document = load_document(source)
    picture = drawn(
        document.graph, treatment=treatment or None, outcome=outcome or None, adjustment=adjustment or None,
        positions=document.positions if in_place else None,
    )  # fmt: skip
    picture.save(out)


def _summary(document: GraphDocument) -> Iterator[str]:
    graph = document.graph
    yield f"format       {document.format}"
    yield f"nodes        {len(graph):,}"
    yield f"edges        {len(graph.edges):,} directed, {len(graph.bidirected):,} bidirected"
    roles = sorted({role for roles in graph.roles.values() for role in roles})
    named = [(role, graph.nodes_with(role)) for role in roles]
    named.append(("latent", tuple(node for node in graph.nodes if node in graph.latent)))
    for word, nodes in named:
        if nodes:
            more = f" and {len(nodes) - 20} more" if len(nodes) > 20 else ""
            yield f"{word:<12} {', '.join(map(_one_line, nodes[:20]))}{more}"


def _one_line(name: str) -> str:
    # A name may hold anything: characters that move a terminal's cursor are written out.
    shown = name if name.isprintable() else repr(name)
    return shown if len(shown) <= 80 else f"{shown[:80]}..."


def _encoded(text: str) -> bytes:
    from causalrec.errors import GraphError

    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise GraphError(f"A name holds {text[error.start]!r}, which is no character: rename the node.") from error


@contextmanager
def _told_warnings() -> Iterator[None]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        typer.echo(f"causalrec: {warning.message}", err=True)
