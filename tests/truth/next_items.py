"""MovieLens, latest small: the film that each user rates next, among the whole catalogue but what the user has rated.

Films of five ratings or more; histories by time, ties by the film's number. The last film of each user is for the test,
the one before for the validation, and everything learns from the rest; asked for the test, every method sees all films
but the last. Settings were looked at on the validation alone.
"""

from __future__ import annotations

import time
from functools import lru_cache

import numpy as np
import pandas as pd

from causalrec.embedding.histories import HistoryModel
from tests.datasets import absent, place

TITLE = (
    "MovieLens latest-small (671 users, films of five ratings or more): the last film of each, ranked among all films "
    "not rated before"
)
FILE = "ml-latest-small/ratings.csv.gz"
N_RUNS = 2
K = 10
LEAST_RATINGS = 5
N_NEIGHBOURS = 50
COMMON = {"n_threads": 1, "validation_share": 0, "max_items": 50, "dropout": 0.3, "learning_rate": 2e-3}
MODELS = {"next": {"n_epochs": 20}, "masked": {"n_epochs": 60}}
Z = 1.959964


def run(seed: int) -> dict:
    """NDCG@10 of each user and method; the methods without chance are asked once."""
    if reason := absent(FILE):
        return {"problem": reason}
    before, last = left_out(1)
    learned_from, n_items = left_out(2)[0], 1 + max(max(history) for history in histories())
    begun, found = time.process_time(), {}
    for objective, parameters in MODELS.items():
        model = HistoryModel(objective, random_state=seed, **COMMON, **parameters)
        scores = np.full((len(before), n_items), -np.inf)
        scores[:, model.fit(learned_from).items_] = model.scores(before)
        found[objective] = ranks(scores, before, last)
    seconds = time.process_time() - begun
    if seed == 0:
        for name, answer in PLAIN.items():
            found[name] = ranks(answer(learned_from, before, n_items), before, last)
    return {"cpu_seconds": seconds, **found}


@lru_cache(maxsize=1)
def histories() -> list[list[int]]:
    """Films of each user in the order of time, numbered from 0."""
    rows = pd.read_csv(place() / FILE)
    rows = rows[rows.groupby("movieId").userId.transform("size") >= LEAST_RATINGS]
    rows = rows.assign(film=np.unique(rows.movieId, return_inverse=True)[1])
    ordered = rows.sort_values(["userId", "timestamp", "film"])
    return [films.tolist() for _, films in ordered.groupby("userId").film]


def left_out(n_items: int) -> tuple[list[list[int]], np.ndarray]:
    """Histories without their last `n_items`, and the first of these."""
    return [h[:-n_items] for h in histories()], np.array([h[-n_items] for h in histories()])


def ranks(scores: np.ndarray, before: list[list[int]], target: np.ndarray) -> list[int]:
    """Rank of each user's film, from 1; ties count half, and what the user has rated is no candidate."""
    found = []
    for row, (history, film) in enumerate(zip(before, target, strict=True)):
        own = scores[row].copy()
        own[history] = -np.inf
        above, equal = (own > own[film]).sum(), (own == own[film]).sum()
        found.append(int(1 + above + (equal - 1) // 2))
    return found


def popularity(learned_from: list[list[int]], before: list[list[int]], n_items: int) -> np.ndarray:
    counts = np.bincount(np.concatenate(learned_from), minlength=n_items).astype(float)
    return np.tile(counts, (len(before), 1))


def first_order(learned_from: list[list[int]], before: list[list[int]], n_items: int) -> np.ndarray:
    """Shares of what came after the last film, smoothed with shares of all (Witten, Bell 1991)."""
    steps = np.zeros((n_items, n_items))
    for history in learned_from:
        np.add.at(steps, (history[:-1], history[1:]), 1)
    share = popularity(learned_from, before[:1], n_items)[0] + 1
    kinds = np.maximum((steps > 0).sum(axis=1), 1)
    last = [history[-1] for history in before]
    return (steps[last] + kinds[last, None] * share / share.sum()) / (steps[last].sum(axis=1) + kinds[last])[:, None]


def item_neighbours(learned_from: list[list[int]], before: list[list[int]], n_items: int) -> np.ndarray:
    """Sum of cosines of each film's nearest ones among those that the user has rated (Sarwar et al. 2001, WWW)."""
    rated, asked = _matrix(learned_from, n_items), _matrix(before, n_items)
    lengths = np.maximum(np.linalg.norm(rated, axis=0), 1)
    cosines = (rated.T @ rated) / np.outer(lengths, lengths)
    np.fill_diagonal(cosines, 0)
    least = np.partition(cosines, -N_NEIGHBOURS, axis=1)[:, -N_NEIGHBOURS]
    return asked @ np.where(cosines >= least[:, None], cosines, 0).T


PLAIN = {"popularity": popularity, "first-order chain": first_order, "item neighbours": item_neighbours}


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a method; differences to item neighbours are paired over users; "disagree" where a network loses to
    popularity."""
    if problems := [one["problem"] for one in results if "problem" in one]:
        return [{"method": "all", "note": problems[0]}]
    figures = {name: _figures([one[name] for one in results if name in one]) for name in (*PLAIN, *MODELS)}
    table = [_row(name, *figures[name], figures["item neighbours"][0]) for name in figures]
    seconds = sum(one["cpu_seconds"] for one in results)
    lost = any((figures[name][0] - figures["popularity"][0]).mean() < 0 for name in MODELS)
    table[-1] |= {"CPU seconds of all": f"{seconds:.0f}", "disagree": int(lost)}
    return table


def _figures(several: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """NDCG and hits of each user, means over seeds."""
    place_of = np.array(several, dtype=float)
    hit = place_of <= K
    return np.where(hit, 1 / np.log2(1 + place_of), 0).mean(axis=0), hit.mean(axis=0)


def _row(name: str, gains: np.ndarray, hits: np.ndarray, other: np.ndarray) -> dict[str, object]:
    row = {"method": name, f"NDCG@{K}": _mean(gains), f"hit rate@{K}": _mean(hits)}
    if name == "item neighbours":
        return row
    difference = gains - other
    reach = Z * difference.std(ddof=1) / np.sqrt(len(difference))
    mean = difference.mean()
    return {**row, "NDCG less item neighbours'": f"{mean:+.4f} ({mean - reach:+.4f} to {mean + reach:+.4f})"}


def _mean(values: np.ndarray) -> str:
    return f"{values.mean():.4f} ± {values.std(ddof=1) / np.sqrt(len(values)):.4f}"


def _matrix(several: list[list[int]], n_items: int) -> np.ndarray:
    found = np.zeros((len(several), n_items), dtype=np.float32)
    for row, history in enumerate(several):
        found[row, history] = 1
    return found
