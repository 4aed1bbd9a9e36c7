"""The `causalrec` command and how its errors end: a message and an exit code, never a traceback."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from click import ClickException

from causalrec.cli.demo import demo
from causalrec.cli.identify import identify
from causalrec.errors import CausalrecError, IdentificationError

__all__ = ["app", "main"]

NOT_IDENTIFIED = 3
INTERRUPTED = 130

app = typer.Typer(
    name="causalrec", help="Causal inference for recommender systems.", no_args_is_help=True,
    pretty_exceptions_enable=False, add_completion=False,
)  # fmt: skip
app.command()(demo)
app.command()(identify)


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)] = False,
) -> None:
    """Effects, rankings and explanations from logs and a causal graph."""
    if version:
        import causalrec

        typer.echo(f"causalrec {causalrec.__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line.

    Exit codes: 0 done, 1 an error with its message, 2 wrong usage, 3 the graph does not give the
    effect, 130 interrupted.
    """
    try:
        app(standalone_mode=False)
    except typer.Exit as stop:
        sys.exit(stop.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _fail("Interrupted. The same command with --resume goes on from the last finished stage.", INTERRUPTED)
    except IdentificationError as error:
        _fail(str(error), NOT_IDENTIFIED)
    except CausalrecError as error:
        _fail(str(error), 1)
    except ClickException as error:
        error.show()
        sys.exit(error.exit_code)


def _fail(message: str, code: int) -> None:
    typer.echo(f"causalrec: {message}", err=True)
    sys.exit(code)
