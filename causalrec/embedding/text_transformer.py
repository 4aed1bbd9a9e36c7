"""scikit-learn's side of an encoder: a transformer of texts that has nothing to learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from causalrec.embedding.parameters import NamedParameters
from causalrec.training.ranges import check_choice

__all__ = ["TextTransformer"]

_CONTAINERS = ("default", "pandas", "polars")


class TextTransformer(NamedParameters):
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
            check_choice("transform", transform, _CONTAINERS)
            self._sklearn_output_config = {"transform": transform}  # the name that `clone` carries over
        return self

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Class name and number of each dimension; object, shape (n_dimensions,)."""
        prefix = type(self).__name__.lower()
        return np.array([f"{prefix}{number}" for number in range(self.n_dimensions)], dtype=object)

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
