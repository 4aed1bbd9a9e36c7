"""What a graph is given, checked once at its door."""

from collections.abc import Iterable, Mapping
from itertools import chain, starmap
from operator import eq

from causalrec.errors import GraphError, nearest, short

__all__ = ["ROLES", "checked_pairs", "checked_roles", "names_of"]

ROLES = (
    "treatment",
    "outcome",
    "mediator",
    "instrument",
    "selected",
    "adjusted",
    "sensitive",
    "domain",
    "block",
    "absorbed",
)
"""What a node can be in a study, beside latent."""


def names_of(names: str | Iterable[str]) -> tuple[str, ...]:
    """One name or several as a tuple; each must be a text that is not empty.

    >>> names_of("display"), names_of(["display", "mailer"])
    (('display',), ('display', 'mailer'))
    """
    try:
        names = (names,) if isinstance(names, str) else tuple(names)
    except TypeError:
        raise GraphError(f"Expected a node's name or several, got {names!r}.") from None
    for name in names:
        if not isinstance(name, str) or not name:
            raise GraphError(f"A node's name is a text that is not empty, got {name!r}.")
    return names


def checked_pairs(pairs: Iterable[tuple[str, str]], argument: str) -> tuple[tuple[str, str], ...]:
    """`pairs` as tuples of two names that differ."""
    if isinstance(pairs, str):
        raise GraphError(f"`{argument}` is a text; give pairs of names, or read the text with read_dagitty.")
    checked = tuple(pairs)
    if not _are_plain(checked):
        checked = tuple(_checked_pair(pair, argument) for pair in checked)
    for one, other in checked if any(starmap(eq, checked)) else ():
        if one == other:
            raise GraphError(f"{short(one)} has an edge to itself: nothing causes itself. Drop it from `{argument}`.")
    return checked


def _are_plain(pairs: tuple[tuple[str, str], ...]) -> bool:
    # Whole passes in C: a graph of 100,000 nodes is checked in a few milliseconds.
    if not set(map(type, pairs)) <= {tuple} or not set(map(len, pairs)) <= {2}:
        return False
    return set(map(type, chain.from_iterable(pairs))) <= {str} and all(chain.from_iterable(pairs))


def _checked_pair(pair: tuple[str, str], argument: str) -> tuple[str, str]:
    names = () if isinstance(pair, str) else names_of(pair)
    if len(names) != 2:
        raise GraphError(f"Each of `{argument}` is a pair of names such as ('price', 'purchased'), got {pair!r}.")
    return names


def checked_roles(roles: Mapping[str, str | Iterable[str]]) -> dict[str, frozenset[str]]:
    """`roles` with a frozen set for each node; nodes without a role are left out."""
    if not isinstance(roles, Mapping):
        raise GraphError(f"`roles` maps nodes to roles, such as {{'price': 'treatment'}}, got {roles!r}.")
    checked = {node: frozenset(names_of(role)) for node, role in roles.items()}
    if "latent" in (unknown := frozenset().union(*checked.values()) - set(ROLES)):
        raise GraphError("'latent' is not a role: name the nodes that are not measured in `latent`.")
    if unknown:
        raise GraphError(f"There is no role {nearest(sorted(unknown), ROLES)}.")
    return {node: role for node, role in checked.items() if role}
