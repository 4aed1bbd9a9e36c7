"""scikit-learn's side of an encoder: a transformer of texts that has nothing to learn."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from causalrec.errors import DataError

__all__ = ["TextTransformer"]

_CONTAINERS = ("default", "pandas", "polars")


class TextTransformer:
    """`fit`, `transform` and parameters by name, for a class that has `encode` and `n_dimensions`.

    It stands in pipelines and in a ColumnTransformer, without scikit-learn being imported for it.
    """

    def encode(self, texts: Sequence[str | None]) -> np.ndarray:
        """Each class has its own."""
        raise NotImplementedError(f"{type(self).__name__} has no `encode`.")

    @property
    def n_dimensions(self) -> int:
        """Each class has its own."""
        raise NotImplementedError(f"{type(self).__name__} has no `n_dimensions`.")

    def fit(self, texts: Sequence[str | None], y: object = None) -> Self:
        """Learn nothing; a model that cannot be found or a parameter out of its range is told here."""
        self.n_dimensions  # noqa: B018  looks at the model and the parameters
        return self

    def transform(self, texts: Sequence[str | None]) -> Any:
        """The same as `encode`; in a table where `set_output` says so."""
        vectors = self.encode(texts)
        container = getattr(self, "_sklearn_output_config", {}).get("transform", "default")
        if container == "default":
            return vectors
        names = list(self.get_feature_names_out())
        if container == "pandas":
            import pandas as pd

            index = getattr(texts, "index", None)
            return pd.DataFrame(vectors, columns=names, index=index if isinstance(index, pd.Index) else None)
        import polars as pl

        return pl.DataFrame(vectors, schema=names, orient="row")

    def fit_transform(self, texts: Sequence[str | None], y: object = None) -> Any:
        """`fit`, then `transform`."""
        return self.fit(texts).transform(texts)

    def set_output(self, *, transform: str | None = None) -> Self:
        """What `transform` gives: "default" (an array), "pandas" or "polars".

        Raises
        ------
        DataError : another name.
        """
        if transform is not None:
            if transform not in _CONTAINERS:
                raise DataError(f"transform is {transform!r}; it is one of {', '.join(map(repr, _CONTAINERS))}.")
            self._sklearn_output_config = {"transform": transform}  # the name that `clone` carries over
        return self

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Class name and number of each dimension; object, shape (n_dimensions,)."""
        prefix = type(self).__name__.lower()
        return np.array([f"{prefix}{number}" for number in range(self.n_dimensions)], dtype=object)

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

    def __getstate__(self) -> dict[str, object]:
        """Parameters alone travel: the weights are read again where they are needed."""
        kept = {*self._defaults(), "_sklearn_output_config"}
        return {name: value for name, value in vars(self).items() if name in kept}

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type="transformer", target_tags=TargetTags(required=False), requires_fit=False,
            transformer_tags=TransformerTags(preserves_dtype=[]), no_validation=True,
            input_tags=InputTags(one_d_array=True, two_d_array=False, string=True, allow_nan=True),
        )  # fmt: skip

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        parameters = inspect.signature(cls).parameters.values()
        return {parameter.name: parameter.default for parameter in parameters}
