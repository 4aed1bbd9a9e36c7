"""What a unit is exposed to: how many of its friends, or of its competitors, are treated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.interference.network import Network
from causalrec.estimation.interference.slates import Slates

__all__ = ["KINDS", "Exposure", "Neighbours", "binary_treatment", "exposure", "mapped", "neighbours_at", "refuse_kind"]

KINDS = ("share", "count", "any")
Neighbours = Network | Slates


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """Exposure of each unit to the treatment of others.

    Attributes
    ----------
    value : float64, shape (n,)
        Share of friends treated in [0, 1], their number (summed weights), or whether there is any; 0 for a unit
        without friends.
    kind : {"share", "count", "any"}
    hops : int
        1 friends, 2 friends of friends who are no friends.
    alone : bool, shape (n,)
        Units without friends, whose exposure cannot vary.
    words : str
        What it is, such as "share of friends treated".
    """

    value: np.ndarray
    kind: str
    hops: int
    alone: np.ndarray
    words: str

    def __str__(self) -> str:
        some = self.value[~self.alone]
        return (
            f"{self.words}: mean {some.mean():.3f}, {some.min():.3f} to {some.max():.3f} of {len(some):,} units; "
            f"{int(self.alone.sum()):,} units have none"
        )


def exposure(network: Neighbours, treatment: np.ndarray, *, kind: str = "share", hops: int = 1) -> Exposure:
    """Exposure of each unit to the treatment of its friends, or of its competitors in a slate.

    The unit's own treatment plays no part. A unit without friends has exposure 0 and is marked `alone`.

    Parameters
    ----------
    network : Network or Slates
    treatment : shape (n,)
        0 or 1.
    kind : {"share", "count", "any"}
        Share (by weight) or number (summed weights) of friends that are treated, or whether any is.
    hops : {1, 2}
        Friends, or friends of friends who are no friends themselves.

    Raises
    ------
    DataError : a treatment that is not 0 and 1, of another length, or an unknown kind.

    Examples
    --------
    >>> from causalrec.estimation.interference.network import network_of
    >>> path = network_of([0, 1], [1, 2], n=4)
    >>> exposure(path, np.array([1, 0, 0, 1])).value.tolist()
    [0.0, 0.5, 0.0, 0.0]
    >>> exposure(path, np.array([1, 0, 0, 1]), kind="any", hops=2).value.tolist()
    [0.0, 0.0, 1.0, 0.0]
    """
    refuse_kind(kind)
    near = neighbours_at(network, hops)
    treated = binary_treatment(treatment, near.n)
    whole = near.all_friends()
    if not whole.any():
        raise EstimationError("No unit has friends at this distance, so that nobody is exposed to anybody.")
    value = mapped(near.treated_friends(treated), whole, kind)
    return Exposure(value, kind, hops, whole == 0, _words(near, kind, hops))


def mapped(treated: np.ndarray, whole: np.ndarray, kind: str) -> np.ndarray:
    """Exposure from the weight of treated friends and of all friends; shapes (n,) or (n, m), and (n,)."""
    if kind == "count":
        return treated
    if kind == "any":
        return (treated > 0).astype(float)
    least = np.where(whole > 0, whole, 1.0)
    return treated / (least if treated.ndim == 1 else least[:, None])


def neighbours_at(network: Neighbours, hops: int) -> Neighbours:
    """The friends, or the friends of friends.

    Raises
    ------
    DataError : another number of hops, or two in a slate, or what is no network.
    """
    if not isinstance(network, Neighbours):
        raise DataError(
            f"Expected a network or slates, got {type(network).__name__}. Make one with social_network(data) or "
            f"slates_of(data, by)."
        )
    if hops not in (1, 2) or (hops == 2 and isinstance(network, Slates)):
        raise DataError(f"hops is {hops!r}; it is 1 (friends) or, in a network, 2 (friends of friends).")
    return network if hops == 1 or isinstance(network, Slates) else network.two_hops()


def refuse_kind(kind: str) -> None:
    """Refuse a kind of exposure that there is not.

    Raises
    ------
    DataError
    """
    if kind not in KINDS:
        raise DataError(f"The kind of exposure is {kind!r}; it is one of {', '.join(KINDS)}.")


def binary_treatment(treatment: np.ndarray, n: int, name: str = "treatment") -> np.ndarray:
    """The treatment as float64, shape (n,).

    Raises
    ------
    ShapeError : another length than the units.
    DataError : values that are not 0 or 1.
    """
    found = np.asarray(treatment)
    if found.shape != (n,):
        raise ShapeError(f"{name!r} {found.shape} must have one value for each of the {n:,} units.")
    if found.dtype.kind not in "biuf" or not np.isin(found, (0, 1)).all():
        bad = [value for value in np.unique(found.astype(str)) if value not in ("0", "1", "0.0", "1.0")]
        raise DataError(f"{name!r} must be 0 or 1 for exposures; it also holds {', '.join(bad[:3])}.")
    return found.astype(float)


def _words(near: Neighbours, kind: str, hops: int) -> str:
    who = "others of the " + near.name if isinstance(near, Slates) else "friends" if hops == 1 else "friends of friends"
    return f"{'number' if kind == 'count' else kind} of {who} treated"
