"""Readers of public data sets that the tests use and that are no part of the project.

They are read from the folder that the environment variable CAUSALREC_DATA names, or else from `shared/data` beside
the project. Where a file is not there, a test that asks for it is skipped, with a message that names it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from causalrec.data import Dataset
from causalrec.data.design import Design, design
from causalrec.identification import Estimand

__all__ = ["Replication", "absent", "card", "ihdp", "lalonde", "need", "nhefs", "place", "thornton", "upworthy"]

LALONDE_COVARIATES = ("age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")
BROKEN_WEEKS = (201325, 201401)  # randomisation of the headline tests failed in these
N_REPLICATIONS = 50


def place() -> Path:
    """Folder of the data sets."""
    return Path(os.environ.get("CAUSALREC_DATA") or Path(__file__).parents[2] / "shared" / "data")


def absent(*files: str) -> str:
    """What is missing, as a sentence; empty where everything is there."""
    lost = [file for file in files if not (place() / file).is_file()]
    return f"{', '.join(lost)} not found in {place()}; CAUSALREC_DATA names the folder of the data" if lost else ""


def need(*files: str) -> None:
    """Skip the test that asks where a file is missing."""
    import pytest

    if reason := absent(*files):
        pytest.skip(reason)


def lalonde(controls: str = "cps") -> Design:
    """Training programme, its participants and controls: of a survey ("cps") or of the experiment ("nsw")."""
    trained = pd.read_stata(place() / "lalonde/nsw_mixtape.dta")
    others = pd.read_stata(place() / "lalonde/cps_mixtape.dta") if controls == "cps" else trained[trained.treat == 0]
    rows = pd.concat([trained[trained.treat == 1], others])
    return _design(rows, "treat", "re78", LALONDE_COVARIATES)


LALONDE_FILES = ("lalonde/nsw_mixtape.dta", "lalonde/cps_mixtape.dta")


def nhefs() -> Design:
    """Weight gained by people who quit smoking and people who did not.

    Age, smoking and weight enter with their squares, education, exercise and activity as levels, as in chapter 12
    of Hernan and Robins.
    """
    rows = pd.read_csv(place() / "nhefs/NHEFS.csv.gz").dropna(subset=["wt82_71"])
    wanted = rows[["sex", "race"]].copy()
    for name in ("age", "smokeintensity", "smokeyrs", "wt71"):
        wanted[name], wanted[f"{name}_squared"] = rows[name], rows[name] ** 2
    for name in ("education", "exercise", "active"):
        for level in sorted(rows[name].unique())[1:]:
            wanted[f"{name}_{level:g}"] = (rows[name] == level).astype(float)
    covariates = tuple(wanted)
    return _design(wanted.assign(qsmk=rows.qsmk, gain=rows.wt82_71), "qsmk", "gain", covariates)


NHEFS_FILES = ("nhefs/NHEFS.csv.gz",)


def card(instrument: bool = False) -> Design:
    """Log wages and years of schooling; the instrument is a college nearby. Seven rows miss a covariate."""
    rows = pd.read_stata(place() / "causal_misc/close_college.dta").dropna()
    covariates = ("exper", "black", "south", "married", "smsa")
    return _design(rows, "educ", "lwage", covariates, ("nearc4",) if instrument else ())


CARD_FILES = ("causal_misc/close_college.dta",)


def thornton() -> Design:
    """Whether people came to learn the result of their test; a payment was drawn by lot. Villages are clusters."""
    columns = ["got", "any", "age", "hiv2004", "distvct", "villnum"]
    rows = pd.read_stata(place() / "causal_misc/thornton_hiv.dta").dropna(subset=columns)
    return _design(rows, "any", "got", ("age", "hiv2004", "distvct"), clusters=("villnum",))


THORNTON_FILES = ("causal_misc/thornton_hiv.dta",)


@dataclass(frozen=True, slots=True, eq=False)
class Replication:
    """One simulation of IHDP.

    Attributes
    ----------
    train, test : Design
        672 and 75 units (90% and 10%), the same split for every method.
    effect_train, effect_test : float64, shape (n,)
        Difference of both potential outcomes' means of each unit.
    """

    train: Design
    test: Design
    effect_train: np.ndarray
    effect_test: np.ndarray


def ihdp(number: int) -> Replication:
    """Replication 0 to 49: real covariates of 747 children, outcomes simulated with known means."""
    import tarfile

    with tarfile.open(place() / IHDP_FILES[0]) as packed:
        file = packed.extractfile(f"ihdp/ihdp_npci_{number + 1}.csv")
        assert file is not None
        values = np.loadtxt(file, delimiter=",")
    order = np.random.default_rng(number).permutation(len(values))
    cut = round(0.9 * len(values))
    parts = [values[np.sort(order[:cut])], values[np.sort(order[cut:])]]
    names = tuple(f"x{k}" for k in range(1, 26))
    designs = [Design(part[:, 1], part[:, :1], part[:, 5:], (), {}, ("treated",), names) for part in parts]
    return Replication(*designs, *(part[:, 4] - part[:, 3] for part in parts))


IHDP_FILES = ("ihdp/ihdp_npci_1-50.tar.gz",)


def upworthy() -> pd.DataFrame:
    """Headlines that an experiment showed with one and the same picture, broken weeks left out.

    One row a headline of an experiment and picture: its readers and clicks are added up. `group` numbers the
    experiment and picture, `experiment` the experiment. Alone in its group no headline has a comparison.
    """
    rows = pd.read_csv(place() / UPWORTHY_FILES[0]).dropna(subset=["headline"])
    rows = rows[~rows.test_week.between(*BROKEN_WEEKS)].rename(columns={"clickability_test_id": "experiment"})
    keys = ["experiment", "eyecatcher_id", "headline"]
    rows = rows.groupby(keys, as_index=False, dropna=False)[["impressions", "clicks"]].sum()
    rows["group"] = rows.groupby(keys[:2], dropna=False).ngroup()
    rows["experiment"] = rows.groupby("experiment").ngroup()
    several = rows.groupby("group").headline.transform("size") > 1
    return rows[several & (rows.impressions > 0)].reset_index(drop=True)


UPWORTHY_FILES = ("upworthy/exploratory_packages_clean.csv.gz",)


def _design(
    rows: pd.DataFrame, treatment: str, outcome: str, covariates: tuple[str, ...], instruments: tuple[str, ...] = (),
    clusters: tuple[str, ...] = (),
) -> Design:  # fmt: skip
    strategy = "instrument" if instruments else "adjustment"
    estimand = Estimand((treatment,), outcome, strategy, adjustment=covariates, instruments=instruments)
    numbers = rows[[treatment, outcome, *covariates, *instruments]].astype(float)
    table = pd.concat([numbers, rows[list(clusters)].astype(int)], axis=1)
    found = design(estimand, Dataset.from_frames(table.reset_index(drop=True)), clusters=clusters)
    assert isinstance(found, Design)
    return found
