"""Every error that causalrec raises on purpose.

One root, and each error is also the builtin that a caller would expect::

    CausalrecError
    ├── GraphError (ValueError)            a graph, or a text of one, that cannot be read or is not causal
    │   ├── GraphSyntaxError               malformed text: line, column, what was found and expected
    │   ├── CycleError                     directed cycle, named
    │   └── UnknownNodeError (KeyError)    a name that the graph does not have, with the nearest ones
    ├── IdentificationError (ValueError)
    │   ├── NotIdentifiableError           no function of the observed distribution equals the effect
    │   ├── UndecidedError (TimeoutError)  a search ended at its deadline: neither yes nor no
    │   └── AdjustmentError                a set that violates the adjustment criterion
    ├── DataError (ValueError)
    │   ├── MissingColumnsError (KeyError) columns that a table lacks, all of them, with the nearest ones
    │   ├── MissingDataError (FileNotFoundError)  a data set or a model that is not installed
    │   └── ShapeError                     arrays that do not fit each other
    ├── EstimationError (ValueError)       data that carry no information on the effect
    │   └── ImpossibleEvidenceError        a network is asked for what it holds impossible
    ├── OutputError (OSError)              a folder or file that cannot be written
    ├── NotFittedError (ValueError, AttributeError)
    └── MissingExtraError (ImportError)    an optional dependency, with the pip line
"""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "AdjustmentError",
    "CausalrecError",
    "CycleError",
    "DataError",
    "EstimationError",
    "GraphError",
    "GraphSyntaxError",
    "IdentificationError",
    "ImpossibleEvidenceError",
    "MissingColumnsError",
    "MissingDataError",
    "MissingExtraError",
    "NotFittedError",
    "NotIdentifiableError",
    "OutputError",
    "ShapeError",
    "UndecidedError",
    "UnknownNodeError",
]

N_LISTED = 20
"""Names that a message lists before it only counts."""


class CausalrecError(Exception):
    """Root of all errors that causalrec raises on purpose."""

    def __str__(self) -> str:
        # KeyError.__str__ would show the repr of the message, quotes and all.
        return Exception.__str__(self)


class GraphError(CausalrecError, ValueError):
    """A graph, or a text of one, that cannot be read or is not causal."""


class GraphSyntaxError(GraphError):
    """A text that is not a graph in its format.

    Attributes
    ----------
    line, column : int
        Where reading stopped, counted from 1.
    """

    def __init__(self, message: str, *, line: int, column: int):
        self.line, self.column = line, column
        super().__init__(f"line {line}, column {column}: {message}")


class CycleError(GraphError):
    """The directed edges contain a cycle.

    Attributes
    ----------
    cycle : tuple of str
        One directed cycle, its first node not repeated.
    """

    def __init__(self, cycle: Iterable[str]):
        self.cycle = tuple(cycle)
        few = self.cycle if len(self.cycle) <= N_LISTED else (*self.cycle[:10], "...", *self.cycle[-5:])
        names = (name if len(name) <= 100 else f"{name[:80]}..." for name in (*few, self.cycle[0]))
        path = " -> ".join(names)
        super().__init__(f"A causal graph has no directed cycle, but {path} is one. Drop or turn one of its edges.")


class UnknownNodeError(GraphError, KeyError):
    """Names that the graph does not have; all of them, each with the nearest names."""

    def __init__(self, unknown: Iterable[str], known: Iterable[str]):
        self.unknown = tuple(unknown)
        super().__init__(f"The graph has no node {nearest(self.unknown, known)}.")


class IdentificationError(CausalrecError, ValueError):
    """The graph does not give the queried effect."""


class NotIdentifiableError(IdentificationError):
    """No function of the observed distribution equals the queried effect.

    Attributes
    ----------
    treatment, outcome : tuple of str
    open_path : tuple of str
        Nodes of a path that no observed set closes; empty where there is no single one.
    latent : frozenset of str
        Unmeasured nodes on that path.
    hedge : tuple of frozenset of str
        The two sets of nodes of a hedge, the larger first; empty where no hedge was looked for.
    measure : tuple of str
        A smallest set of unmeasured causes whose measurement would make adjustment possible; empty
        where there is none, or none was looked for.
    """

    def __init__(
        self,
        message: str,
        *,
        treatment: Iterable[str],
        outcome: Iterable[str],
        open_path: Iterable[str] = (),
        latent: Iterable[str] = (),
        hedge: Iterable[frozenset[str]] = (),
        measure: Iterable[str] = (),
    ):
        self.treatment, self.outcome = tuple(treatment), tuple(outcome)
        # A tuple is kept as it is: a path of the graph draws its arrows when it is printed.
        self.open_path = open_path if isinstance(open_path, tuple) else tuple(open_path)
        self.latent = frozenset(latent)
        self.hedge, self.measure = tuple(hedge), tuple(measure)
        super().__init__(message)


class UndecidedError(IdentificationError, TimeoutError):
    """A search reached its deadline before it had an answer: this says neither yes nor no."""


class AdjustmentError(IdentificationError):
    """A set that violates the generalized adjustment criterion, with the reason."""


class DataError(CausalrecError, ValueError):
    """A table that does not fit the question."""


class MissingColumnsError(DataError, KeyError):
    """Columns that a table lacks; all of them, each with the nearest names."""

    def __init__(self, missing: Iterable[str], table: str, known: Iterable[str]):
        self.missing = tuple(missing)
        super().__init__(f"Table {table!r} has no column {nearest(self.missing, known)}.")


class MissingDataError(DataError, FileNotFoundError):
    """A data set or a model that is not on this machine, with the way to get it."""


class ShapeError(DataError):
    """Arrays that do not fit each other."""


class EstimationError(CausalrecError, ValueError):
    """Data that carry no information on the effect, or estimates that did not converge."""


class ImpossibleEvidenceError(EstimationError):
    """Evidence that a network gives probability zero."""


class OutputError(CausalrecError, OSError):
    """A folder or a file that cannot be written."""


class NotFittedError(CausalrecError, ValueError, AttributeError):
    """A model was asked before it was fitted."""


class MissingExtraError(CausalrecError, ImportError):
    """An optional dependency that is not installed.

    Raised on use, never at import, and it says the pip line.
    """

    def __init__(self, package: str, extra: str):
        self.package, self.extra = package, extra
        super().__init__(f"{package!r} is not installed and this needs it: pip install 'causalrec-toolkit[{extra}]'.")


def nearest(names: Iterable[str], known: Iterable[str]) -> str:
    """Each unknown name with the known ones that look like it, as one clause of a sentence.

    Of more than 20 unknown names the others are counted only, and long names are cut.
    """
    names, known = list(names), sorted(known)
    clauses = []
    for name in names[:N_LISTED]:
        close = get_close_matches(name, known, n=3, cutoff=0.6)
        hint = f" (did you mean {' or '.join(map(short, close))}?)" if close else ""
        clauses.append(f"{short(name)}{hint}")
    clauses += [f"{len(names) - N_LISTED:,} others"] if len(names) > N_LISTED else []
    listed = ", nor ".join(clauses)
    return listed if len(known) > 30 else f"{listed}; it has {', '.join(map(short, known))}"


def short(name: str) -> str:
    """`name` in quotes, cut where it is longer than a line."""
    return repr(name) if len(name) <= 100 else f"{name[:80]!r}... ({len(name):,} characters)"
