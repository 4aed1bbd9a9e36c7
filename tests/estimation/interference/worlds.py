"""Planted networks whose direct effect and spill-over are known."""

import numpy as np

from causalrec.data.design import Design
from causalrec.estimation.interference.exposures import exposure
from causalrec.estimation.interference.network import network_of
from causalrec.identification import Estimand

INVITED = Estimand(("invited",), "came", "adjustment")
DIRECT, SPILL = 1.0, 2.0


def ring(n, reach=2):
    """Each unit has `reach` friends on either side."""
    at = np.arange(n)
    return network_of(np.tile(at, reach), np.concatenate([(at + step) % n for step in range(1, reach + 1)]), n=n)


def geometric(n, seed, degree=6):
    """Points in a square; friends are nearer than a radius."""
    from scipy.spatial import cKDTree

    points = np.random.default_rng([seed, 7]).random((n, 2))
    pairs = cKDTree(points).query_pairs(np.sqrt(degree / (np.pi * n)), output_type="ndarray")
    return network_of(pairs[:, 0], pairs[:, 1], n=n)


def blocks(n, seed, n_blocks=30, inside=6.0, between=0.3):
    """Stochastic blocks: mean friends inside a block and outside of it."""
    rng = np.random.default_rng([seed, 8])
    code, size = np.arange(n) % n_blocks, n // n_blocks
    rows, columns = np.triu_indices(n, 1)
    same = code[rows] == code[columns]
    chance = np.where(same, min(inside / (size - 1), 1.0), between / (n - size))
    drawn = rng.random(len(rows)) < chance
    return network_of(rows[drawn], columns[drawn], n=n), code


def outcome(network, treatment, seed, *, direct=DIRECT, spill=SPILL, shared=1.0, kind="share"):
    """Own treatment, exposure, and shocks that friends share: a unit's own and those of its friends."""
    shock = np.random.default_rng([seed, 9]).normal(size=network.n)
    noise = shock + shared * network.treated_friends(shock) / np.sqrt(np.maximum(network.n_friends, 1))
    return direct * treatment + spill * exposure(network, treatment, kind=kind).value + noise


def rows(outcome, treatment, clusters=None, covariates=None):
    covariates = np.empty((len(outcome), 0)) if covariates is None else covariates
    return Design(outcome, treatment[:, None], covariates, (), clusters or {}, ("invited",))


def patches(network, seed, size=6):
    """Treatment by patches of the network: near units are treated together."""
    rng = np.random.default_rng([seed, 10])
    seeds = rng.random(network.n) < 1 / size
    key = rng.normal(size=network.n) * seeds
    reached = key + network.treated_friends(key)
    return (reached > np.median(reached)).astype(float)
