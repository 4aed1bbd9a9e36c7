"""Worlds with a hidden confounder of stated strength, whose truth and sharp bounds are known."""

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design


@dataclass(frozen=True)
class HiddenWorld:
    """Rows without the confounder, what is true, and the sharp bounds under the stated strength."""

    design: Design
    truth: float
    lower: float
    upper: float


def expit(x):
    return 1 / (1 + np.exp(-x))


def hidden_odds(seed, n=1000, *, odds_ratio=2.0, adversity=0.8, spread=1.0, effect=0.5):
    """A hidden taste that changes the odds of treatment by exactly `odds_ratio` or its inverse, given the covariates.

    In the order of causes: covariates; the taste; the treatment, by covariates and taste; both potential outcomes,
    by covariates and, in a share `adversity` of the units, by the taste: their errors lie above or below a quantile
    as the taste says. Given the covariates, each arm's outcome is normal whatever `adversity` is, and the odds of
    treatment logistic, so the sharp bounds are known: the effect that ignores the taste, less and plus
    spread * (odds_ratio - 1 / odds_ratio) * phi(z) with z the normal quantile of odds_ratio / (1 + odds_ratio).
    At adversity 1 the truth is the upper one; at 0 the taste is no confounder. The effect is one for all, so that of
    the treated has the same truth and bounds.
    """
    from scipy.stats import norm

    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    e, tau = expit(X @ [0.6, -0.4, 0.0]), odds_ratio / (1 + odds_ratio)
    taste = rng.random(n) < e * (1 - tau) + (1 - e) * tau
    odds = e / (1 - e) * np.where(taste, 1 / odds_ratio, odds_ratio)
    t = (rng.random(n) < odds / (1 + odds)).astype(float)
    tied = rng.random(n) < adversity
    # Treated: the taste is rare and its outcomes are the top 1 - tau. Untreated: it is common, and the top tau.
    place = rng.random(n)
    shares = [np.where(taste, 1 - share + share * place, (1 - share) * place) for share in (tau, 1 - tau)]
    free = norm.ppf(rng.random(n))
    error0, error1 = (np.where(tied, norm.ppf(share), free) for share in shares)
    level = X @ [1.0, 0.5, -0.5]
    y = level + np.where(t == 1, effect + spread * error1, spread * error0)
    reach = spread * (odds_ratio - 1 / odds_ratio) * norm.pdf(norm.ppf(tau))
    design = Design(y, t[:, None], X, (), {}, ("shown",), ("age", "price", "recency"))
    return HiddenWorld(design, effect + adversity * reach, effect - reach, effect + reach)


@dataclass(frozen=True)
class HiddenLine(HiddenWorld):
    """Strength of the hidden confounders as well: partial R2 with treatment, and with outcome given the treatment."""

    r2_treatment: float
    r2_outcome: float


def hidden_line(seed, n=1000, *, treatment=0.5, outcome=0.8, adversity=0.8, effect=0.5):
    """Two hidden tastes in a linear world, one for the treatment and one for the outcome, correlated by `adversity`.

    At 1 they are one confounder, which is the worst of its strength: the truth is then an end of the bounds.
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    mixed = np.array([[1.0, adversity], [adversity, 1.0]])
    taste, other = np.linalg.cholesky(mixed + 1e-12 * np.eye(2)) @ rng.normal(size=(2, n))
    t = X @ [0.6, -0.4, 0.0] + treatment * taste + rng.normal(size=n)
    y = effect * t + X @ [1.0, 0.5, -0.5] + outcome * other + rng.normal(size=n)
    left = treatment**2 + 1.0  # variance of the treatment given the covariates
    pull = outcome * adversity * treatment / left  # of the effect, by the hidden tastes
    residual = outcome**2 + 1.0 - left * pull**2  # variance of the outcome given treatment and covariates
    strength = treatment**2 / left, 1 - 1.0 / residual
    reach = np.sqrt(strength[1] * strength[0] / (1 - strength[0]) * residual / left)
    naive = effect + pull
    design = Design(y, t[:, None], X, (), {}, ("shown",), ("age", "price", "recency"))
    return HiddenLine(design, effect, naive - reach, naive + reach, *strength)
