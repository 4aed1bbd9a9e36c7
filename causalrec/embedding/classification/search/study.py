"""Optuna's study of a search: seeded trial by trial, so that a killed one goes on as if nothing had been."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.classification.search.figure import is_better
from causalrec.errors import DataError, MissingExtraError, OutputError

if TYPE_CHECKING:
    import optuna

__all__ = ["WHY", "ended_trials", "next_trial", "open_study", "quiet_optuna", "to_prune"]

_JOURNAL = "trials.journal"
_NAME = "search"
_MADE_BY = "made_by"
WHY = "why"  # a trial failed by itself
_STARTUP = 5  # trials before any is stopped early


def open_study(folder: str | os.PathLike[str] | None, monitor: str, made_by: Mapping[str, Any]) -> optuna.Study:
    """A new study, or the one that the folder holds; a trial that a kill broke off is put aside.

    Raises
    ------
    DataError : the folder holds another study, or a broken one.
    OutputError : the folder cannot be written.
    """
    import optuna

    aim = optuna.study.StudyDirection
    try:
        study = optuna.create_study(
            storage=None if folder is None else _storage(Path(folder).expanduser()), study_name=_NAME,
            direction=aim.MINIMIZE if is_better(monitor, 0.0, 1.0) else aim.MAXIMIZE, load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(_STARTUP),
        )  # fmt: skip
        _check_same(study, made_by, folder)
        _put_aside(study)
    except OSError as error:
        raise OutputError(f"Cannot write the study {os.fspath(folder or '')!r}: {error.strerror or error}.") from error
    except (ValueError, KeyError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"The study in {os.fspath(folder or '')!r} cannot be read: {error}") from error
    return study


def ended_trials(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Those that came to an end by themselves, in order."""
    found = []
    for trial in study.get_trials(deepcopy=False):
        failed = trial.state.name == "FAIL" and WHY in trial.user_attrs  # without it a kill broke it off
        if trial.state.name in ("COMPLETE", "PRUNED") or failed:
            found.append(trial)
    return found


def next_trial(study: optuna.Study, random_state: int) -> optuna.Trial:
    """A trial that depends on the seed and on the trials that have ended, and on no kill between them."""
    import optuna

    seed = np.random.SeedSequence([random_state, len(ended_trials(study))]).generate_state(1)[0]
    study.sampler = optuna.samplers.TPESampler(seed=int(seed))
    return study.ask()


def to_prune(trial: optuna.Trial, epoch: int, value: float) -> bool:
    """Whether a trial does worse at this epoch than half of those before it."""
    trial.report(value, epoch)
    return trial.should_prune()


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Without a line a study.

    Raises
    ------
    MissingExtraError : optuna is not installed.
    """
    try:
        from optuna import logging as messages
    except ImportError as error:
        raise MissingExtraError("optuna", "tune") from error
    verbosity = messages.get_verbosity()
    messages.set_verbosity(messages.ERROR)
    try:
        yield
    finally:
        messages.set_verbosity(verbosity)


def _storage(folder: Path) -> optuna.storages.JournalStorage:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _JOURNAL
    _cut_torn_line(path)
    return JournalStorage(JournalFileBackend(str(path)))


def _cut_torn_line(path: Path) -> None:
    """A kill in the middle of a line: Optuna would write the next one behind it and read neither."""
    if not path.exists():
        return
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with path.open("r+b") as file:
            file.truncate(len(whole))


def _check_same(study: optuna.Study, made_by: Mapping[str, Any], folder: str | os.PathLike[str] | None) -> None:
    known = study.user_attrs.get(_MADE_BY)
    if known is None:
        study.set_user_attr(_MADE_BY, dict(made_by))
        return
    if changed := sorted(name for name in {*known, *made_by} if known.get(name) != made_by.get(name)):
        clauses = (f"{name} was {known.get(name)!r} and is {made_by.get(name)!r}" for name in changed)
        raise DataError(
            f"{os.fspath(folder or '')!r} holds trials of another search: {'; '.join(clauses)}. Give a folder of its "
            "own to each search, or remove this one to start again."
        )


def _put_aside(study: optuna.Study) -> None:
    import optuna

    for trial in study.get_trials(deepcopy=False):
        if not trial.state.is_finished():
            study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
