"""Fits of one classifier to several sets of texts, each a copy of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from causalrec.embedding.classification import TextClassifier
from causalrec.embedding.classification.reading import trunk_vectors
from causalrec.embedding.encoder import Encoder, encoded, is_encoder
from causalrec.embedding.parameters import NamedParameters
from causalrec.errors import DataError

__all__ = ["TextModel", "check_classifier", "fitted_copy", "kept_vectors", "text_vectors"]


class TextModel(Protocol):
    """A classifier that reads texts: `TextClassifier`, or a pipeline of scikit-learn."""

    classes_: np.ndarray

    def get_params(self, deep: bool = True) -> dict[str, Any]: ...

    def fit(self, texts: Any, labels: Any) -> Any: ...

    def predict_proba(self, texts: Any) -> np.ndarray: ...


def check_classifier(classifier: object) -> None:
    """Refuse what cannot be fitted and asked.

    Raises
    ------
    DataError : it lacks one of the methods.
    """
    needed = ("get_params", "fit", "predict_proba")
    if isinstance(classifier, type) or not all(hasattr(classifier, name) for name in needed):
        raise DataError(f"classifier is {classifier!r}; give a TextClassifier, or an object with {', '.join(needed)}.")


def fitted_copy(classifier: TextModel, texts: Sequence[str], labels: np.ndarray, name: str) -> Any:
    """A copy with the same parameters, fitted; its checkpoints stand in a folder called `name`."""
    from sklearn.base import clone

    if not isinstance(classifier, NamedParameters):
        return clone(classifier).fit(list(texts), labels)
    parameters = classifier.get_params(deep=False)
    if parameters.get("checkpoint_folder") is not None:
        parameters["checkpoint_folder"] = Path(parameters["checkpoint_folder"]) / name
    copy: Any = type(classifier)(**parameters)
    return copy.fit(list(texts), labels)


@contextmanager
def kept_vectors(classifier: TextModel) -> Iterator[TextModel]:
    """The classifier, with a place for its frozen trunk's vectors while it is fitted again and again."""
    if not isinstance(classifier, TextClassifier) or classifier.tuning != "frozen" or classifier.cache is not None:
        yield classifier
        return
    with tempfile.TemporaryDirectory(prefix="causalrec-vectors-") as folder:
        yield type(classifier)(**{**classifier.get_params(), "cache": folder})


def text_vectors(classifier: TextModel, encoder: object, texts: Sequence[str]) -> np.ndarray:
    """Vectors by an encoder, or where none is given by the classifier's own pretrained trunk; (n_texts, n_dimensions).

    Raises
    ------
    DataError : no encoder where the classifier has no trunk, or none that encodes.
    """
    if encoder is None and isinstance(classifier, TextClassifier):
        return trunk_vectors(classifier, texts, classifier.model)
    if not is_encoder(encoder):
        raise DataError(f"encoder is {encoder!r}; give an encoder of texts, such as TextEncoder('minilm').")
    found: Encoder = encoder  # type: ignore[assignment]
    return encoded(found, texts)
