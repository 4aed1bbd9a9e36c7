"""Parameters of a class by name, as scikit-learn asks for them."""

from __future__ import annotations

import inspect
from typing import Any, Self

from causalrec.errors import DataError

__all__ = ["NamedParameters"]


class NamedParameters:
    """`get_params`, `set_params` and a `repr`, for a class whose `__init__` keeps its parameters untouched."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters as they were given."""
        return {name: getattr(self, name) for name in self._defaults()}

    def set_params(self, **params: Any) -> Self:
        """Change parameters by name.

        Raises
        ------
        DataError : a name that it does not have.
        """
        known = self._defaults()
        for name, value in params.items():
            if name not in known:
                raise DataError(f"{type(self).__name__} has no parameter {name!r}; it has {', '.join(known)}.")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        """Parameters that are not at their defaults."""
        defaults = self._defaults()
        changed = {name: value for name, value in self.get_params().items() if repr(value) != repr(defaults[name])}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in changed.items())})"

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        parameters = inspect.signature(cls).parameters.values()
        return {parameter.name: parameter.default for parameter in parameters}
