"""A path between two nodes, which prints with its arrows drawn."""

from collections.abc import Iterable, Sequence

__all__ = ["NamedPath"]


class NamedPath(tuple[str, ...]):
    """Names of the nodes along a path: an ordinary tuple, and ``str`` draws the arrows.

    Attributes
    ----------
    arrows : tuple of {"->", "<-", "<->", "--"}
        Edge between each node and the next; one fewer than there are nodes.

    Examples
    --------
    >>> path = NamedPath(["exposed", "taste", "watched"], ["<-", "->"])
    >>> path
    ('exposed', 'taste', 'watched')
    >>> print(path)
    exposed <- taste -> watched
    """

    arrows: tuple[str, ...]

    def __new__(cls, nodes: Iterable[str] = (), arrows: Sequence[str] = ()) -> "NamedPath":
        path = super().__new__(cls, nodes)
        path.arrows = tuple(arrows)
        return path

    def __getnewargs__(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple(self), self.arrows

    def __str__(self) -> str:
        return "".join(f"{node} {arrow} " for node, arrow in zip(self, self.arrows, strict=False)) + "".join(self[-1:])

    def colliders(self) -> tuple[str, ...]:
        """Inner nodes at which two arrowheads meet."""
        ends = zip(self.arrows, self.arrows[1:], strict=False)
        meets = [left.endswith(">") and right.startswith("<") for left, right in ends]
        return tuple(node for node, meet in zip(self[1:-1], meets, strict=True) if meet)
