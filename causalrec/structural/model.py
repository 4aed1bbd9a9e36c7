"""`StructuralModel`: one mechanism a node, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from causalrec.errors import DataError, UnknownNodeError
from causalrec.falsification.table import Columns
from causalrec.graph import CausalGraph
from causalrec.structural.fitting import coding_of, fitted, refitted, templates
from causalrec.structural.hidden import measured_graph
from causalrec.structural.mechanisms.mechanism import Mechanism
from causalrec.structural.mechanisms.support import support_of
from causalrec.structural.nodes import read_values
from causalrec.structural.questions import Questions
from causalrec.structural.refusals import refuse_count, refuse_no_mapping, refuse_unfitted
from causalrec.structural.resampling import cluster_codes, resampled_rows, sorted_rows

__all__ = ["StructuralModel"]


class StructuralModel(Questions):
    """Every node as a function of its parents and of noise of its own, learned node by node.

    Assumes that the graph is right, that no two nodes share a hidden cause, and that each mechanism has the right
    form; `check` attacks the last two.

    Parameters
    ----------
    graph : CausalGraph
    mechanisms : mapping of str to Mechanism, optional
        Of nodes whose mechanism is not to be chosen by their types; not fitted, and not touched.
    n_refits : int
        How often the mechanisms are fitted again on resampled rows or clusters: the errors of `effect` and the
        intervals of `counterfactual`. 0 for none, and then `effect` has no error and is refused.
    random_state : int

    Attributes
    ----------
    nodes_ : dict of str to Node
    equations_ : Equations
        The fitted mechanisms, evaluated without state: what effects along single edges are made of.
    refits_ : tuple of Equations
    supports_ : dict of str to Support
    n_ : int
        Rows.

    References
    ----------
    Pearl (2009), Causality, 2nd ed., Cambridge. Blöbaum, Götz, Budhathoki, Mastakouri, Janzing (2024), JMLR 25
    (dowhy.gcm).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> season = rng.normal(size=2000)
    >>> display = season + rng.normal(size=2000)
    >>> sales = 2 * display - season + rng.normal(size=2000)
    >>> graph = CausalGraph([("season", "display"), ("season", "sales"), ("display", "sales")])
    >>> table = {"season": season, "display": display, "sales": sales}
    >>> effect = StructuralModel(graph).fit(table).effect("display", "sales", start=0, to=1)
    >>> abs(effect.value - 2) < 3 * effect.stderr
    True
    """

    def __init__(
        self, graph: CausalGraph, mechanisms: Mapping[str, Mechanism] | None = None, *, n_refits: int = 100,
        random_state: int = 0,
    ):  # fmt: skip
        self.graph = graph
        self.mechanisms = mechanisms
        self.n_refits = n_refits
        self.random_state = random_state

    def fit(
        self, data: Any, *, clusters: str | None = None, kinds: Mapping[str, str] | None = None,
        columns: Columns | None = None,
    ) -> Self:  # fmt: skip
        """Learn every mechanism from a flat table, one row a unit.

        Parameters
        ----------
        data : Dataset, mapping of str to array, dataframe or Arrow table
            `Dataset.columns` says which column is which node; a text column is a block, its embedding.
        clusters : str, optional
            Column within which units depend on each other; it is resampled whole.
        kinds : mapping of str to {"continuous", "discrete", "block"}, optional
            In place of what the values suggest: text, booleans, two distinct numbers and whole numbers with at most
            ten are categories.
        columns : mapping of str to str or sequence of str, optional
            Columns of a node where they do not have its name; several make a block.

        Raises
        ------
        GraphError : a latent node has effects.
        NotIdentifiableError : two nodes share a hidden cause.
        MissingColumnsError : the table lacks columns; all of them.
        DataError : missing values, or text where numbers are needed.
        EstimationError : a mechanism cannot be fitted; the node, the rule and what was found.
        """
        refuse_count("n_refits", self.n_refits, 0)
        refuse_count("random_state", self.random_state, 0)
        for name, mapping in (("kinds", kinds), ("columns", columns)):
            refuse_no_mapping(name, mapping)
        graph = measured_graph(self.graph)
        given = _given(self.mechanisms, graph)
        parents = _parents(graph)
        nodes, values = read_values(data, parents, kinds=kinds, columns=columns)
        codes = None if clusters is None else cluster_codes(data, clusters, len(next(iter(values.values()))))
        order = sorted_rows(values, *([] if codes is None else [codes]))
        values = {node: array[order] for node, array in values.items()}
        codes = None if codes is None else codes[order]
        self.templates_ = templates(given, parents, nodes, values, codes)
        self.equations_ = fitted(self.templates_, parents, nodes, values)
        resamples = resampled_rows(len(order), codes, self.n_refits, self.random_state)
        self.refits_ = refitted(self.templates_, parents, nodes, values, resamples)
        self.supports_ = {
            node: support_of(self.equations_.inputs(node, values, len(order)), coding_of(node, parents, nodes))
            for node in parents if parents[node]
        }  # fmt: skip
        self.nodes_, self.columns_, self.n_ = nodes, dict(columns or {}), len(order)
        self.n_clusters_ = {} if codes is None else {str(clusters): int(codes.max()) + 1}
        return self

    def save(self, folder: str | Path) -> Path:
        """Write the model as JSON and safetensors; a model in that folder is replaced.

        Raises
        ------
        OutputError : the folder cannot be written, or a mechanism has no format but pickle (boosted trees).
        """
        from causalrec.structural.model_folder import write

        refuse_unfitted(self)
        return write(self, folder)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """A model that `save` wrote.

        Raises
        ------
        MissingDataError : the folder holds no structural model.
        DataError : its JSON is not that of one, or has a mechanism that this version does not have.
        """
        from causalrec.structural.model_folder import read

        return read(cls, folder)

    def __repr__(self) -> str:
        if not hasattr(self, "equations_"):
            return f"StructuralModel({self.graph!r})"
        lines = [f"  {node}: {mechanism.name}" for node, mechanism in self.equations_.mechanisms.items()]
        return "\n".join([f"StructuralModel, {self.n_:,} rows, {len(self.refits_)} refits", *lines])


def _given(mechanisms: Mapping[str, Mechanism] | None, graph: CausalGraph) -> dict[str, Mechanism]:
    refuse_no_mapping("mechanisms", mechanisms)
    given = dict(mechanisms or {})
    if unknown := [node for node in given if node not in graph.nodes]:
        raise UnknownNodeError(unknown, graph.nodes)
    for node, one in given.items():
        if isinstance(one, type) or not hasattr(one, "fit"):
            shown = f"the class {one.__name__}" if isinstance(one, type) else repr(one)
            raise DataError(f"The mechanism of {node!r} is {shown}; give an instance, such as LinearGaussian().")
    return given


def _parents(graph: CausalGraph) -> dict[str, tuple[str, ...]]:
    """Nodes after their causes, whatever order the edges were named in, and their parents by name."""
    return {node: tuple(sorted(graph.parents(node))) for node in graph.topological_order}
