"""What a format cannot say, and the warning that names it."""

import warnings
from collections.abc import Collection, Iterable

from causalrec.graph.formats.document import GraphDocument
from causalrec.graph.formats.scanner import excerpt

__all__ = ["FormatWarning", "warn_of_losses"]

_NAMED = 5


class FormatWarning(UserWarning):
    """A graph was written in a format that cannot say all of it; the message names what is lost."""


def warn_of_losses(what: str, document: GraphDocument, lost: Collection[str]) -> None:
    """Warn of what `document` holds of `lost`: "latent", "roles", "positions".

    Parameters
    ----------
    what : str
        The format's name in a sentence.
    document : GraphDocument
    lost : collection of str
        What the format has no words for.
    """
    graph = document.graph
    clauses = []
    if "latent" in lost and graph.latent:
        clauses.append(f"that {_listed(node for node in graph.nodes if node in graph.latent)} cannot be measured")
    if "roles" in lost and graph.roles:
        given = (f"{' and '.join(sorted(roles))} of {excerpt(node)!r}" for node, roles in graph.roles.items())
        clauses.append(f"roles ({_joined(given, len(graph.roles))})")
    if "positions" in lost and document.positions:
        clauses.append(f"positions of {_listed(document.positions)}")
    if clauses:
        warnings.warn(f"{what} cannot say all of this graph. Lost: {'; '.join(clauses)}.", FormatWarning, stacklevel=4)


def _listed(names: Iterable[str]) -> str:
    names = [repr(excerpt(name)) for name in names]
    return _joined(names, len(names))


def _joined(texts: Iterable[str], n_texts: int) -> str:
    shown = [text for text, _ in zip(texts, range(_NAMED), strict=False)]
    more = n_texts - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
