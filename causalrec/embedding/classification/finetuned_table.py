"""A table of labelled texts to a folder with a classifier."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from causalrec.embedding.classification.classifier import TextClassifier
from causalrec.embedding.classification.saved_folder import check_place
from causalrec.embedding.classification.scores import ClassificationScores
from causalrec.embedding.text_blocks import column_texts, open_table
from causalrec.training import RunRecord

__all__ = ["FinetunedTable", "finetune_table"]

_BATCH_ROWS = 8192


@dataclass(frozen=True, slots=True, eq=False)
class FinetunedTable:
    """What was learned and where it is.

    Attributes
    ----------
    path : str
        Folder of the classifier.
    record : RunRecord
    validation : ClassificationScores or None
        Of the rows held out; the best epoch was chosen on them.
    test : ClassificationScores or None
        Of a table that took no part in learning.
    """

    path: str
    record: RunRecord
    validation: ClassificationScores | None
    test: ClassificationScores | None

    def __str__(self) -> str:
        parts = [str(self.record)]
        parts += [f"validation (the epoch was chosen on it): {self.validation}"] if self.validation else []
        parts += [f"test: {self.test}"] if self.test else []
        return "\n\n".join([*parts, f"written to {self.path}"])

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        scores = {"validation": self.validation, "test": self.test}
        named = {name: None if found is None else found.to_dict() for name, found in scores.items()}
        return {"path": self.path, "record": self.record.to_dict(), **named}


def finetune_table(
    classifier: TextClassifier, table: str | os.PathLike[str], out: str | os.PathLike[str], *, text: str, label: str,
    test: str | os.PathLike[str] | None = None,
) -> FinetunedTable:  # fmt: skip
    """Fit a classifier to a file's columns and save it.

    Parameters
    ----------
    classifier : TextClassifier
    table : path
        .parquet, .arrow, .feather, .csv or .tsv (also .gz).
    out : path
        Folder to write: new, empty, or of a classifier that is replaced.
    text, label : str
        Columns.
    test : path, optional
        Another table with these columns, only to score the answers.

    Raises
    ------
    MissingDataError, MissingColumnsError, DataError : of the tables, and what `fit` refuses.
    OutputError : the output cannot be written; told before anything is learned where it can be.
    """
    check_place(Path(out).expanduser())
    asked = None if test is None else _columns(test, text, label)
    classifier.fit(*_columns(table, text, label))
    scores = None if asked is None else classifier.evaluate(*asked)
    path = classifier.save(out)
    return FinetunedTable(str(path), classifier.record_, classifier.validation_, scores)


def _columns(table: str | os.PathLike[str], text: str, label: str) -> tuple[list[Any], list[Any]]:
    texts: list[Any] = []
    labels: list[Any] = []
    with open_table(Path(table), [*dict.fromkeys([text, label])], _BATCH_ROWS, text=text) as opened:
        for batch in opened.batches:
            first = len(texts)
            texts += column_texts(batch.column(text), first, text)
            labels += column_texts(batch.column(label), first, label)
    return texts, labels
