"""Public data sets, each a function that returns a `Dataset`."""

from causalrec.data.complete_journey import complete_journey

__all__ = ["complete_journey"]
