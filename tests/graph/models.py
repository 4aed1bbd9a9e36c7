"""Models on a graph in which every effect is known: linear ones, and tables of probabilities."""

import numpy as np

from causalrec.identification.expression import Distribution


def binary(names, table):
    """Distribution of variables that are zero or one; `table` need not sum to one."""
    return Distribution(names, [(0, 1)] * len(names), table / table.sum())


class Tables:
    """Every variable is zero or one, with a random probability for each value of its causes."""

    def __init__(self, it, seed):
        rng = np.random.default_rng(seed)
        self.it, self.names = it, list(it.dag)
        self.conditionals = {node: self.conditional(node, rng) for node in self.names}

    def conditional(self, node, rng):
        # One axis for each variable of the model, of length one where the node does not depend on it.
        causes = set(self.it.dag.predecessors(node))
        one = rng.uniform(0.1, 0.9, [2 if name in causes else 1 for name in self.names])
        return np.concatenate([1 - one, one], axis=self.names.index(node))

    def joint(self, without=()):
        table = np.ones([2] * len(self.names))
        for node, conditional in self.conditionals.items():
            table = table if node in without else table * conditional
        return table

    def margin(self, order, table=None):
        kept = [self.names.index(node) for node in order]
        gone = tuple(axis for axis in range(len(self.names)) if axis not in kept)
        table = self.joint() if table is None else table
        return table.sum(axis=gone).transpose(np.argsort(np.argsort(kept)))

    def observed(self):
        order = [node for node in self.it.graph.nodes if node not in self.it.graph.latent]
        return binary(order, self.margin(order))

    def do(self, values):
        """Joint table where the treatments are set: their factors are left out."""
        table = self.joint(without=self.it.x)
        for node, value in zip(self.it.x, values, strict=True):
            table = table.take([value], axis=self.names.index(node))
        return table

    def effect(self, values):
        """P(outcome | do(treatment)), shape (2,)."""
        return self.margin([self.it.y], self.do(values))

    def nested(self, on, off):
        """P(Y(on, M(off))), shape (2,): the mediator's own factor has the one value, all others the other.

        Right where no other effect of the treatment is a cause of the mediator.
        """
        (x,), (m,) = self.it.x, self.it.nodes
        axis = self.names.index(x)
        table = self.joint(without=(x, m)).take([on], axis=axis) * self.conditionals[m].take([off], axis=axis)
        return self.margin([self.it.y], table)


class Linear:
    """Covariance of a linear model on the graph, from which all formulas are read."""

    def __init__(self, it, seed):
        rng = np.random.default_rng(seed)
        self.it, self.place = it, {node: number for number, node in enumerate(it.dag)}
        self.weights = np.zeros((len(it.dag), len(it.dag)))  # weights[i, j]: effect of j on i
        for cause, effect in it.dag.edges:
            self.weights[self.place[effect], self.place[cause]] = rng.uniform(0.4, 1.2) * rng.choice([-1, 1])
        total = self.total(self.weights)
        self.covariance = total @ np.diag(rng.uniform(0.5, 2, len(it.dag))) @ total.T

    @staticmethod
    def total(weights):
        return np.linalg.inv(np.eye(len(weights)) - weights)

    def effect(self):
        """Of each treatment; under mediation, beside the mediator and through it."""
        total = self.set_by_us(self.it.x)
        if self.it.strategy == "mediation":
            direct = self.set_by_us((*self.it.x, *self.it.nodes))
            return np.array([*direct, *total - direct])
        return total

    def set_by_us(self, fixed):
        weights = self.weights.copy()
        weights[[self.place[node] for node in fixed]] = 0
        return self.total(weights)[self.place[self.it.y], [self.place[x] for x in self.it.x]]

    def naive(self):
        """What a table shows where nothing is adjusted for."""
        return self.mediated(set()) if self.it.strategy == "mediation" else self.slopes(self.it.y, self.it.x, set())

    def slopes(self, outcome, causes, given):
        columns = [self.place[node] for node in (*causes, *sorted(given))]
        gram, cross = self.covariance[np.ix_(columns, columns)], self.covariance[columns, self.place[outcome]]
        return np.linalg.solve(gram, cross)[: len(causes)]

    def formula(self):
        it = self.it
        if it.strategy == "frontdoor":
            (x,), (m,) = it.x, it.nodes
            return self.slopes(m, [x], set()) * self.slopes(it.y, [m], {x})
        if it.strategy == "instrument":
            return self.slopes(it.y, it.nodes, it.given[0]) / self.slopes(it.x[0], it.nodes, it.given[0])
        if it.strategy == "mediation":
            return self.mediated(it.given[0])
        if it.strategy == "sequential":
            (x1, x2), (l1, l2) = it.x, it.given
            late = self.slopes(it.y, [x2], {x1} | l1 | l2)
            return np.array([*self.slopes(it.y, [x1], l1) - late * self.slopes(x2, [x1], l1), *late])
        return self.slopes(it.y, it.x, set(it.nodes) | it.kept)

    def mediated(self, given):
        (x,), (m,), y = self.it.x, self.it.nodes, self.it.y
        through = self.slopes(m, [x], given) * self.slopes(y, [m], given | {x})
        return np.array([*self.slopes(y, [x], given | {m}), *through])
