"""The box of a node."""

from dataclasses import dataclass

__all__ = ["Box"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its centre and size, in pixels; y grows downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """Smallest x."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Largest x."""
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        """Smallest y."""
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        """Largest y."""
        return self.y + self.height / 2

    def moved(self, dx: float, dy: float) -> "Box":
        """The box elsewhere."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def flipped(self) -> "Box":
        """The box with x and y exchanged."""
        return Box(self.y, self.x, self.height, self.width)

    def grown(self, by: float) -> "Box":
        """The box with `by` pixels more on each side."""
        return Box(self.x, self.y, self.width + 2 * by, self.height + 2 * by)
