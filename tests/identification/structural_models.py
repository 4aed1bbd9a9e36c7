"""Structural models with explicit discrete noise: every counterfactual, nested ones too, is an exact sum."""

from itertools import product

import numpy as np

from causalrec.graph import CausalGraph
from causalrec.identification.expression import Distribution


class StructuralModel:
    """Binary model on a graph: each node is a function of its parents, its noise, and what bidirected edges share.

    A random table of its parents says 0 or 1, and the noise says what the node is in the one case and in the other.
    By default a node never goes down where its table goes up. With `coupled=False` what it is in the two cases is
    independent: no observation and no intervention differs, but what it would have been does.
    """

    def __init__(self, graph, seed, *, coupled=True):
        rng = np.random.default_rng(seed)
        self.graph = graph
        self.tables = {node: self._table(node, rng) for node in graph.nodes}
        self.noise = {node: _responses(*rng.dirichlet([2, 2, 6]), coupled) for node in graph.nodes}
        self.shared = {pair: rng.uniform(0.3, 0.7) for pair in graph.bidirected}
        sources = [*self.noise.items(), *((pair, {0: 1 - p, 1: p}) for pair, p in self.shared.items())]
        grid = np.array(list(product(*(values for _, values in sources))), dtype=int)
        self.exogenous = {name: grid[:, column] for column, (name, _) in enumerate(sources)}
        self.weights = np.array([np.prod(cell) for cell in product(*(values.values() for _, values in sources))])

    def _inputs(self, node):
        return sorted(self.graph.parents(node)), [pair for pair in self.graph.bidirected if node in pair]

    def _table(self, node, rng):
        parents, pairs = self._inputs(node)
        shape = (2,) * (len(parents) + len(pairs))
        table = rng.integers(0, 2, shape)
        while shape and table.min() == table.max():
            table = rng.integers(0, 2, shape)
        return table

    def mechanism(self, node, values):
        """Values of `node` in each world, shape (n_worlds,), where its parents have `values`."""
        parents, pairs = self._inputs(node)
        keys = tuple(values[parent] for parent in parents) + tuple(self.exogenous[pair] for pair in pairs)
        case = self.tables[node][keys] if keys else np.full(len(self.weights), int(self.tables[node]))
        return np.where(case == 1, self.exogenous[node] % 2, self.exogenous[node] // 2)

    def worlds(self, **do):
        """Values of all nodes in each world under do(...)."""
        values = {}
        for node in self.graph.topological_order:
            fixed = do.get(node)
            values[node] = self.mechanism(node, values) if fixed is None else np.broadcast_to(fixed, self.weights.shape)
        return values

    def joint(self, names, **do):
        """P(names | do(...)), one axis of length 2 a name."""
        return self.table([self.worlds(**do)[name] for name in names])

    def table(self, columns):
        shape = (2,) * len(columns)
        flat = np.ravel_multi_index([np.asarray(column) for column in columns], shape) if columns else 0
        sums = np.bincount(np.broadcast_to(flat, self.weights.shape), self.weights, minlength=2 ** len(columns))
        return sums.reshape(shape)

    def probability(self, node, values):
        """P(node = 1) of counterfactual values of it, shape (n_worlds,)."""
        return float(self.weights @ (np.asarray(values) == 1))

    def along(self, treatment, outcome, active, passive, on_path):
        """Values of the outcome when the treatment is `active` on the directed paths for which `on_path` holds.

        From the definition: each node is evaluated anew for each path that goes on from it.
        """

        def value(node, onward):
            parents, _ = self._inputs(node)
            path = (node, *onward)
            given = {}
            for parent in parents:
                if parent == treatment:
                    given[parent] = np.full(self.weights.shape, active if on_path((parent, *path)) else passive)
                else:
                    given[parent] = value(parent, path)
            return self.mechanism(node, given)

        return value(outcome, ())


def _responses(never, always, follows, coupled):
    """Probabilities of the four ways to be, by number: 2 * (value where the table says 0) + (value where it says 1)."""
    if coupled:
        return {0: never, 1: follows, 3: always}
    low, high = always, always + follows
    return {2 * i + j: abs(1 - i - low) * abs(1 - j - high) for i in (0, 1) for j in (0, 1)}


class Table:
    """P over named binary variables, conditioned and multiplied by name."""

    def __init__(self, names, array):
        self.names, self.array = tuple(names), np.asarray(array)

    @classmethod
    def of(cls, distribution):
        return cls(distribution.names, distribution.table)

    def distribution(self):
        return Distribution(self.names, ((0, 1),) * len(self.names), self.array)

    def given(self, variables, given=()):
        """P(variables | given), with one axis a name, those of `given` last."""
        variables, given = tuple(variables), tuple(given)
        kept = (*variables, *given)
        letters = {name: number for number, name in enumerate(self.names)}
        joint = np.einsum(self.array, list(letters.values()), [letters[name] for name in kept])
        below = joint.sum(axis=tuple(range(len(variables))), keepdims=True)
        return Table(kept, joint / below)

    def times(self, other):
        names = tuple(dict.fromkeys((*self.names, *other.names)))
        axis = {name: number for number, name in enumerate(names)}
        array = np.einsum(
            self.array,
            [axis[n] for n in self.names],
            other.array,
            [axis[n] for n in other.names],
            list(range(len(names))),
        )
        return Table(names, array)

    def sum_to(self, names):
        axis = {name: number for number, name in enumerate(self.names)}
        return Table(names, np.einsum(self.array, list(axis.values()), [axis[name] for name in names]))

    def at(self, **values):
        index = tuple(values.get(name, slice(None)) for name in self.names)
        return Table([name for name in self.names if name not in values], self.array[index])


def random_graph(rng, names, *, density=0.5, hidden=0.15, latent=()):
    """Graph whose edges go along `names`."""
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    directed = [pair for pair in pairs if rng.random() < density]
    bidirected = [pair for pair in pairs if rng.random() < hidden and not set(pair) & set(latent)]
    return CausalGraph(directed, bidirected=bidirected, nodes=names, latent=latent)


class ConditionalTables:
    """Binary model with a random table of P(node | parents): it has the graph's independences, and no others."""

    def __init__(self, graph, seed):
        rng = np.random.default_rng(seed)
        self.graph = graph
        self.shared = {f"{a}{b}": ((a, b), rng.uniform(0.3, 0.7)) for a, b in graph.bidirected}
        self.inputs = {
            node: [*sorted(graph.parents(node)), *(name for name, (pair, _) in self.shared.items() if node in pair)]
            for node in graph.nodes
        }
        self.tables = {node: rng.uniform(0.05, 0.95, (2,) * len(self.inputs[node])) for node in graph.nodes}

    def changed(self, nodes, seed):
        """The same model, but `nodes` follow other tables."""
        twin, other = ConditionalTables(self.graph, seed), ConditionalTables(self.graph, seed)
        twin.shared = self.shared
        twin.tables = {node: (other if node in nodes else self).tables[node] for node in self.graph.nodes}
        return twin

    def joint(self, names, **do):
        """P(names | do(...)), one axis of length 2 a name; latent nodes may be among them."""
        axis = {name: number for number, name in enumerate((*self.graph.nodes, *self.shared))}
        factors = []
        for node in self.graph.nodes:
            if node in do:
                factors += [np.eye(2)[do[node]], [axis[node]]]
            else:
                table = np.stack([1 - self.tables[node], self.tables[node]], axis=-1)
                factors += [table, [*(axis[name] for name in self.inputs[node]), axis[node]]]
        for name, (_, p) in self.shared.items():
            factors += [np.array([1 - p, p]), [axis[name]]]
        return np.einsum(*factors, [axis[name] for name in names], optimize="greedy")
