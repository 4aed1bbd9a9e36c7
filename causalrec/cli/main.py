"""The `causalrec` command and how its errors end: a message and an exit code, never a traceback."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from causalrec.cli.counterfactual import counterfactual
from causalrec.cli.demo import INTERRUPTED, demo
from causalrec.cli.embed import embed
from causalrec.cli.estimate import estimate
from causalrec.cli.finetune import finetune
from causalrec.cli.graph import graph
from causalrec.cli.identify import identify
from causalrec.cli.refute import refute
from causalrec.errors import CausalrecError, IdentificationError, UndecidedError

__all__ = ["app", "main"]

NOT_IDENTIFIED = 3
UNDECIDED = 4

app = typer.Typer(
    name="causalrec", help="Causal inference for recommender systems.", no_args_is_help=True,
    pretty_exceptions_enable=False, add_completion=False,
)  # fmt: skip
app.command()(demo)
app.command()(identify)
app.command()(estimate)
app.command()(refute)
app.command()(counterfactual)
app.command()(embed)
app.command()(finetune)
app.add_typer(graph)


def _version(asked: bool) -> None:
    if asked:
        import causalrec

        typer.echo(f"causalrec {causalrec.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """Effects, rankings and explanations from logs and a causal graph."""


def main() -> None:
    """Run the command line.

    Exit codes: 0 done, 1 an error with its message, 2 wrong usage, 3 the graph does not give the
    effect, 4 undecided at the deadline, 130 interrupted.
    """
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except UndecidedError as error:
        _fail(str(error), UNDECIDED)
    except IdentificationError as error:
        _fail(str(error), NOT_IDENTIFIED)
    except CausalrecError as error:
        _fail(str(error), 1)
    except OSError as error:
        _fail(f"the output cannot be written: {error.strerror}.", 1)


def _fail(message: str, code: int) -> None:
    typer.echo(f"causalrec: {message}", err=True)
    sys.exit(code)
