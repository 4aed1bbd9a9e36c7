"""Effects of all codes of texts at once, within experiments, with the number of tests allowed for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.text_treatment.cluster_errors import ClusterErrors, cluster_errors
from causalrec.estimation.text_treatment.effect_table import CodeEffects
from causalrec.estimation.text_treatment.experiments import TextExperiments, text_experiments
from causalrec.estimation.text_treatment.text_codes import TextCodes
from causalrec.estimation.text_treatment.within_poisson import NO_VARIATION, centred, within_poisson
from causalrec.estimation.uncertainty.multiplicity import holm, step_down_p
from causalrec.estimation.uncertainty.simultaneous import correlation_of

__all__ = ["LEAST_EXPERIMENTS", "code_effects", "effective_experiments", "effects_within"]

PER = 1000.0  # impressions
LEAST_EXPERIMENTS = 4


def code_effects(
    codes: TextCodes, clicks: Sequence[float], impressions: Sequence[float], experiments: Sequence, *,
    within: Sequence | None = None, jointly: bool = True,
) -> CodeEffects:  # fmt: skip
    """Compare texts of one experiment by what they have.

    Readers were assigned at random to the texts of an experiment, so that its texts differ in clicks by what they
    say and by nothing else. Which code a text has was nobody's lot: the effect is that of texts that have the code,
    together with whatever else such texts have. Relative effects are those of a Poisson regression with an effect
    of each experiment, absolute ones those of least squares weighted by impressions. Errors are clustered by
    experiment and allow for codes that few experiments tell of (CR2); p-values are of the relative effects.

    Assumes that readers were assigned at random within experiments, and one effect for all experiments; where it
    varies, the answer is an average that weighs experiments with many clicks (impressions) and much variation most.

    Parameters
    ----------
    codes : TextCodes, n texts
    clicks, impressions : sequence of float, length n
        Counts; texts that nobody saw are left out.
    experiments : sequence of labels, length n
    within : sequence of labels, length n, optional
        What else differs within an experiment, such as the picture: only texts that share it are compared.
    jointly : bool
        True: each effect at the same values of all other codes. False: each code alone.

    Raises
    ------
    ShapeError : columns of different lengths.
    DataError : counts that are none, texts without an experiment, no codes.
    EstimationError : too few experiments, or a code that does not vary within them or is a sum of others.

    Examples
    --------
    >>> from causalrec.estimation.text_treatment import text_codes
    >>> codes = text_codes(["Why?", "So"] * 5).only("question")
    >>> clicks, experiments = [20, 10, 40, 20, 31, 15, 28, 16, 12, 6], [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    >>> found = code_effects(codes, clicks, [1000] * 10, experiments)
    >>> found.names, found.relative.round().tolist()
    (('question',), [96.0])
    """
    if not isinstance(codes, TextCodes) or not codes.names:
        raise DataError("codes holds no codes: make them with text_codes or probe_codes.")
    if not isinstance(jointly, bool | np.bool_):
        raise DataError(f"jointly is {jointly!r}; it is True or False.")
    seen = text_experiments(clicks, impressions, experiments, within)
    if len(codes) != len(clicks):
        raise ShapeError(f"There are codes of {len(codes):,} texts and clicks of {len(clicks):,}.")
    return effects_within(codes.rows(seen.kept), seen, jointly=bool(jointly), n_given=len(codes))


def effects_within(codes: TextCodes, seen: TextExperiments, *, jointly: bool, n_given: int) -> CodeEffects:
    """The same for rows that were checked."""
    from scipy.stats import t

    names, k = codes.names, len(codes.names)
    _refuse_rare(codes, seen)
    chosen = [list(range(k))] if jointly else [[at] for at in range(k)]
    ratios = [_ratios(codes, seen, part) for part in chosen]
    differences = [_differences(codes, seen, part) for part in chosen]
    coef, absolute = (np.concatenate([fit.coef for fit in fits]) for fits in (ratios, differences))
    parts, absolute_parts = (np.hstack([fit.errors.parts for fit in fits]) for fits in (ratios, differences))
    n_effective, absolute_n_effective = (
        np.concatenate([fit.errors.n_effective for fit in fits]) for fits in (ratios, differences)
    )
    if (lost := n_effective < 2).any():
        raise EstimationError(
            f"At the same values of the other codes one experiment alone tells of {names[int(lost.argmax())]!r}: leave "
            f"it out, or take each code alone (jointly=False)."
        )
    covariance = parts.T @ parts
    stderr = np.sqrt(np.diag(covariance))
    p_value = 2 * t.sf(np.abs(coef) / stderr, n_effective - 1)
    correlation = correlation_of(covariance)
    return CodeEffects(
        names=names, coef=coef, coef_stderr=stderr, absolute=absolute,
        absolute_stderr=np.sqrt((absolute_parts**2).sum(axis=0)),
        p_value=p_value, p_holm=holm(p_value), p_step_down=step_down_p(p_value, correlation),
        correlation=correlation, n_effective=n_effective, absolute_n_effective=absolute_n_effective,
        share=(codes.values != 0).mean(axis=0), jointly=jointly, n=len(codes), n_dropped=n_given - len(codes),
        n_experiments=seen.n_experiments, n_impressions=float(seen.impressions.sum()),
        n_clicks=float(seen.clicks.sum()), sources=dict(codes.sources),
    )  # fmt: skip


def effective_experiments(column: np.ndarray, seen: TextExperiments) -> float:
    """Equally telling experiments that would know as much of a code; 0 where it does not vary within them."""
    weight = seen.expected()
    told = np.bincount(seen.experiment, weights=weight * centred(column[:, None], weight, seen.group)[:, 0] ** 2)
    flat = NO_VARIATION * weight.sum() * max(float(np.abs(column).max()), 1e-300) ** 2
    return float(told.sum() ** 2 / (told @ told)) if told.sum() > flat else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    coef: np.ndarray
    errors: ClusterErrors


def _refuse_rare(codes: TextCodes, seen: TextExperiments) -> None:
    for name, column in zip(codes.names, codes.values.T, strict=True):
        number = effective_experiments(column, seen)
        if number == 0:
            raise EstimationError(
                f"{name!r} does not vary within experiments that have clicks: the data say nothing on it. Leave it out."
            )
        if number < LEAST_EXPERIMENTS:
            raise EstimationError(
                f"What the data say of {name!r} rests on the equivalent of {number:.1f} experiments, and "
                f"{LEAST_EXPERIMENTS} are the least for an error: leave it out, or gather more."
            )


def _ratios(codes: TextCodes, seen: TextExperiments, part: list[int]) -> _Fit:
    columns = codes.values[:, part]
    fit = within_poisson(columns, seen.clicks, seen.impressions, seen.group, tuple(codes.names[at] for at in part))
    counted = np.maximum(fit.mean, 1e-300)
    left = centred(columns, fit.mean, seen.group)
    return _Fit(fit.coef, cluster_errors(left, fit.mean, seen.clicks / counted - (fit.mean > 0), seen.experiment))


def _differences(codes: TextCodes, seen: TextExperiments, part: list[int]) -> _Fit:
    """Clicks per thousand impressions, by least squares weighted by impressions."""
    left, rate = (
        centred(columns, seen.impressions, seen.group)
        for columns in (codes.values[:, part], (PER * seen.clicks / seen.impressions)[:, None])
    )
    weighted = left * seen.impressions[:, None]
    coef = np.linalg.solve(weighted.T @ left, weighted.T @ rate[:, 0])
    return _Fit(coef, cluster_errors(left, seen.impressions, rate[:, 0] - left @ coef, seen.experiment))
