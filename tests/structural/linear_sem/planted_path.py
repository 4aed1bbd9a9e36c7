"""Taste shown by three indicators drives exposure and purchase; exposure drives purchase."""

import numpy as np

from causalrec.graph import CausalGraph

TEXT = """
taste =~ clicks + saves + ratings
exposure ~ a*taste
purchase ~ b*exposure + c*taste
indirect := a*b
total := c + a*b
"""
GRAPH = CausalGraph(
    [
        *(("taste", name) for name in ("clicks", "saves", "ratings", "exposure", "purchase")),
        ("exposure", "purchase"),
    ],
    latent=["taste"],
)
TRUTH = {
    "taste =~ saves": 0.8, "taste =~ ratings": 1.2, "exposure ~ taste": 0.6, "purchase ~ exposure": 0.5,
    "purchase ~ taste": 0.4, "clicks ~~ clicks": 1.0, "exposure ~~ exposure": 1.0, "taste ~~ taste": 1.0,
    "indirect": 0.3, "total": 0.7,
}  # fmt: skip


def gaussian(rng, n):
    return rng.normal(size=n)


def skewed(rng, n):
    """Mean 0, variance 1, skewness 2 and kurtosis 9."""
    return rng.exponential(size=n) - 1


def planted_rows(seed, n=300, *, noise=gaussian, n_per_user=1):
    """Columns by name; with more than one row a user, all of its rows share half of every variance."""
    rng = np.random.default_rng(seed)

    def draw():
        own = noise(rng, n)
        if n_per_user == 1:
            return own
        user = np.arange(n) // n_per_user
        return np.sqrt(0.5) * own + np.sqrt(0.5) * noise(rng, user.max() + 1)[user]

    taste = draw()
    rows = {"clicks": 2 + taste + draw(), "saves": 0.8 * taste + draw(), "ratings": 3 + 1.2 * taste + draw()}
    rows["exposure"] = 1 + 0.6 * taste + draw()
    rows["purchase"] = 0.5 * rows["exposure"] + 0.4 * taste + draw()
    return rows
