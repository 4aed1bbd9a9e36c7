"""Trials of a classifier's parameters on one split of its texts."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from causalrec.embedding.classification.classifier import TextClassifier
from causalrec.embedding.classification.labelled_texts import labelled_texts
from causalrec.embedding.classification.plan import identifying, plan, shown_parameters
from causalrec.embedding.classification.search.figure import figure_of, is_better
from causalrec.embedding.classification.search.ranges import Space, check_space, chosen, chosen_again, told_space
from causalrec.embedding.classification.search.result import ParameterSearch, SearchTrial
from causalrec.embedding.classification.search.search_texts import SearchTexts, search_texts
from causalrec.embedding.classification.search.study import (
    WHY,
    ended_trials,
    next_trial,
    open_study,
    quiet_optuna,
    to_prune,
)
from causalrec.embedding.fingerprint import model_fingerprint
from causalrec.embedding.model_folder import find_model
from causalrec.errors import DataError, EstimationError
from causalrec.progress import progress
from causalrec.training import Callback, Epoch
from causalrec.training.ranges import check_number, check_whole

if TYPE_CHECKING:
    import optuna

__all__ = ["search_parameters"]

# Neither decides on the trials: the model counts by its files.
_NOT_TELLING = {"model", "device", "n_threads", "checkpoint_steps"}


def search_parameters(
    classifier: TextClassifier, texts: Sequence[str | None], labels: Sequence[Any], *, space: Space,
    n_trials: int = 20, untouched_share: float = 0.2, prune: bool = False,
    study_folder: str | os.PathLike[str] | None = None,
) -> ParameterSearch:  # fmt: skip
    """Try parameters on the validation, by Optuna's tree-structured Parzen estimator (Bergstra et al. 2011, NeurIPS).

    Texts are split three ways: a share that no trial sees, and of the rest each trial learns from the same texts and
    is held against the same validation (`validation_share` of the classifier). The figure is the classifier's
    `monitor` at the best epoch. A test part has no door here: score it with the classifier that comes back.

    Parameters
    ----------
    classifier : TextClassifier
        Gives all that the space does not; its `random_state` seeds the trials too. It is left as it is.
    texts : sequence of str, length n_texts
    labels : sequence of str or int, length n_texts
    space : mapping
        By parameter's name: a LogRange, LinearRange or WholeRange, or a tuple of values.
    n_trials : int
        In all, with those that the folder holds.
    untouched_share : float
        Of each class's distinct texts, in [0, 1): they tell how much too good the best figure is. 0 tells nothing.
    prune : bool
        Stop a trial after an epoch at which it does worse than the median of those before it.
    study_folder : str or path, optional
        Where each trial is written as it ends; the same search again goes on there. A trial that was killed is done
        again with the same parameters. One process a folder.

    Raises
    ------
    MissingExtraError : optuna is not installed.
    DataError : a space or parameter out of its range, or a folder with another search.
    EstimationError : too few texts of a class, or no trial came to an end.
    OutputError : the folder cannot be written.
    """
    _check(classifier, space, n_trials, untouched_share, study_folder)
    tried = _Tried(classifier, search_texts(classifier, labelled_texts(texts, labels), float(untouched_share)))
    with quiet_optuna():
        made_by = {**_made_by(classifier, space), "texts": tried.parts.digest, "prune": bool(prune)}
        study = open_study(study_folder, classifier.monitor, made_by)
        n_before = len(ended_trials(study))
        for _ in progress(range(n_before, n_trials), "trials", total=max(0, n_trials - n_before)):
            tried.once(study, space, prune)
        trials = tuple(_told(number, trial, space) for number, trial in enumerate(ended_trials(study), 1))
    return _result(tried, trials, n_before)


class _Pruned(Exception):
    """Ends a fit from within."""


class _Watch(Callback):
    """Tells Optuna of each epoch."""

    def __init__(self, trial: optuna.Trial, monitor: str):
        self.trial, self.monitor, self.n_epochs = trial, monitor, 0

    def on_epoch(self, epoch: Epoch) -> None:
        self.n_epochs = epoch.number
        if to_prune(self.trial, epoch.number, epoch.validation[self.monitor]):
            raise _Pruned


class _Tried:
    """Fits of one search; the best so far stays in memory."""

    def __init__(self, classifier: TextClassifier, parts: SearchTexts):
        self.classifier, self.parts = classifier, parts
        self.best: tuple[float, dict[str, Any], TextClassifier] | None = None

    def fitted(self, parameters: dict[str, Any], watches: Sequence[Callback] = ()) -> TextClassifier:
        given = {**self.classifier.get_params(), **parameters, "checkpoint_folder": None}
        given["callbacks"] = [*self.classifier.callbacks, *watches]
        return TextClassifier(**given).fit(self.parts.seen.texts, self.parts.seen.labels)

    def once(self, study: optuna.Study, space: Space, prune: bool) -> None:
        from optuna.trial import TrialState

        trial = next_trial(study, int(self.classifier.random_state))
        watch = _Watch(trial, self.classifier.monitor)
        begun, state, value = time.perf_counter(), TrialState.COMPLETE, None
        try:
            parameters = chosen(trial, space)
            fitted = self.fitted(parameters, [watch] if prune else [])
            value = _validation_figure(fitted)
            if self.best is None or is_better(fitted.monitor, value, self.best[0]):
                self.best = value, parameters, fitted
            watch.n_epochs = len(fitted.record_.epochs)
        except _Pruned:
            state = TrialState.PRUNED
        except EstimationError as error:
            trial.set_user_attr(WHY, str(error))
            state = TrialState.FAIL
        trial.set_user_attr("seconds", time.perf_counter() - begun)
        trial.set_user_attr("n_epochs", watch.n_epochs)
        study.tell(trial, value, state=state)


def _validation_figure(fitted: TextClassifier) -> float:
    """What the validation said at the epoch whose weights were kept."""
    record = fitted.record_
    return float(record.epochs[record.best_epoch - 1].validation[fitted.monitor])


def _check(
    classifier: TextClassifier, space: Space, n_trials: int, untouched_share: float, study_folder: object
) -> None:  # fmt: skip
    if not isinstance(classifier, TextClassifier):
        raise DataError(f"classifier is {classifier!r}; give a TextClassifier.")
    plan(classifier)
    check_space(space, classifier.get_params())
    check_whole("n_trials", n_trials)
    check_number("untouched_share", untouched_share, below=1)
    if not isinstance(study_folder, str | os.PathLike | None):
        raise DataError(f"study_folder is {study_folder!r}; give the path of a folder.")
    if not classifier.validation_share:
        raise DataError("validation_share is 0: a search needs a validation to choose by. Give a share above 0.")


def _made_by(classifier: TextClassifier, space: Space) -> dict[str, Any]:
    """What makes two searches the same one; JSON values."""
    given = {**shown_parameters(classifier), **identifying(classifier)}
    kept = {name: value for name, value in given.items() if name not in {*space, *_NOT_TELLING}}
    files = {} if "model" in space else {"model_files": model_fingerprint(find_model(classifier.model), {})}
    return {**kept, **files, "space": told_space(space)}


def _told(number: int, trial: optuna.trial.FrozenTrial, space: Space) -> SearchTrial:
    states = {"COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}
    told = trial.user_attrs
    return SearchTrial(
        number, chosen_again(trial.params, space), states[trial.state.name], trial.value,
        int(told.get("n_epochs", 0)), float(told.get("seconds", 0.0)), str(told.get(WHY, "")),
    )  # fmt: skip


def _result(tried: _Tried, trials: tuple[SearchTrial, ...], n_before: int) -> ParameterSearch:
    monitor, parts = tried.classifier.monitor, tried.parts
    done = [trial for trial in trials if trial.state == "done" and trial.value is not None]
    if not done:
        raise EstimationError(f"No trial of {len(trials)} came to an end; the last one: {trials[-1].why or 'pruned'}")
    best = done[0]
    for trial in done[1:]:
        best = trial if is_better(monitor, trial.value, best.value) else best  # type: ignore[arg-type]
    # A search that went on has the best one's parameters, and not its weights: the same fit gives the same ones.
    known = tried.best is not None and tried.best[1] == best.parameters
    fitted = tried.best[2] if known else tried.fitted(dict(best.parameters))  # type: ignore[index]
    fitted.callbacks = tried.classifier.callbacks
    figure = figure_of(fitted, monitor, parts.validation.texts, parts.validation.labels)
    untouched = (
        figure_of(fitted, monitor, parts.untouched.texts, parts.untouched.labels) if parts.untouched.texts else None
    )
    return ParameterSearch(monitor, trials, best, fitted, figure, untouched, n_before)
