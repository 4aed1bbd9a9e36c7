"""`BayesianNetwork`: tables of a causal graph, learned or stated, and questions to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError, MissingDataError, NotFittedError
from causalrec.files import replace_atomically
from causalrec.structural.bayesian_network import bif, questions, saving
from causalrec.structural.bayesian_network.columns import codes_of, found_levels, refuse_unmeasured, weights_of
from causalrec.structural.bayesian_network.counts import Counts, counted, observed_log_likelihood
from causalrec.structural.bayesian_network.distribution import Distribution, MostProbable
from causalrec.structural.bayesian_network.expectation_maximisation import maximised
from causalrec.structural.bayesian_network.network_effect import NetworkEffect
from causalrec.structural.bayesian_network.posterior import posterior_draws, prior_counts
from causalrec.structural.bayesian_network.sampling import sampled
from causalrec.structural.bayesian_network.scores import bic, log_marginal
from causalrec.structural.bayesian_network.settings import Settings
from causalrec.structural.bayesian_network.stated_tables import stated
from causalrec.structural.bayesian_network.structure import Level, Structure, refuse_no_graph
from causalrec.structural.refusals import refuse_count

if TYPE_CHECKING:
    from causalrec.data import Dataset
    from causalrec.graph import CausalGraph

__all__ = ["BayesianNetwork"]

Levels = Mapping[str, Level]


class BayesianNetwork:
    """Discrete Bayesian network over a causal graph.

    Assumptions: the graph is right and every common cause is a node of it; rows are independent; values are
    missing at random (whether one is missing depends on what is observed alone). Tables have independent
    Dirichlet priors.

    Parameters
    ----------
    graph : CausalGraph
        Without bidirected edges.
    prior : float, positive
        Pseudo-units: in each cell of each table (0.5 is Jeffreys' prior), or in each table as a whole where
        `prior_kind` is "bdeu". They pull towards equal probabilities: with few units for each combination of
        causes by as much as a standard error where `prior` is 1, hardly with "bdeu", whose intervals are too
        short in cells that were hardly seen.
    prior_kind : "cell" or "bdeu"
    levels : mapping of str to sequence of level, optional
        Levels of nodes, in their order; those of the others are the values in the data, ascending.
    n_draws : int
        Draws of the tables from their posterior, for standard errors and intervals.
    max_iter, tol : int, float
        Steps of expectation maximisation, and the change of a probability at which they end.
    random_state : int

    Attributes
    ----------
    tables_ : dict of str to float64 array
        Posterior mean tables (with missing values: their mode in the sense of `fit`); one axis a parent, in
        the order of `graph.nodes`, the node last.
    n_ : float
        Units that they were learned from; 0 where they were stated.
    log_likelihood_ : float or None
        Log probability of what was observed; None where the tables were stated.
    objective_ : tuple of float
        What each step of expectation maximisation started from; it never decreases.

    References
    ----------
    Spiegelhalter, Lauritzen (1990), Networks 20(5), 579-605.

    Examples
    --------
    >>> from causalrec.data import Dataset
    >>> from causalrec.graph import CausalGraph
    >>> graph = CausalGraph([("display", "purchase")])
    >>> data = Dataset.from_frames({"display": [0, 0, 0, 1, 1, 1], "purchase": [0, 0, 1, 0, 1, 1]})
    >>> network = BayesianNetwork(graph).fit(data)
    >>> round(network.query("purchase", do={"display": 1}).probability({"purchase": 1}), 3)
    0.625
    """

    def __init__(
        self,
        graph: CausalGraph,
        *,
        prior: float = 0.5,
        prior_kind: str = "cell",
        levels: Mapping[str, Sequence[Level]] | None = None,
        n_draws: int = 2000,
        max_iter: int = 1000,
        tol: float = 1e-8,
        random_state: int = 0,
    ):
        self.graph = graph
        self.prior = prior
        self.prior_kind = prior_kind
        self.levels = levels
        self.n_draws = n_draws
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, data: Dataset, *, weights: str | None = None) -> BayesianNetwork:
        """Learn the tables of a flat table, one row a unit.

        Complete rows are counted. Values that are missing are summed over by expectation maximisation, only
        in rows and around nodes that miss them; a missing value none of whose effects is observed carries no
        information and is passed over.

        Parameters
        ----------
        data : Dataset
            Columns of texts, integers, or true and false, one a node.
        weights : str, optional
            Column that says how many equal units a row stands for. Sampling weights would make the errors
            wrong.

        Raises
        ------
        DataError : columns that are no categories, latent nodes, a level that `levels` lacks, too many gaps.
        EstimationError : expectation maximisation did not come to rest.
        """
        settings = self._settings()
        structure = settings.structure(self.graph, found_levels(self.graph, data, settings.levels))
        codes, units = codes_of(structure, data), weights_of(data, weights)
        refuse_unmeasured(structure, codes, units)
        counts = counted(structure, codes, units)
        prior = prior_counts(structure, self.prior, self.prior_kind)
        found = maximised(counts, prior, self.max_iter, self.tol)
        draws = posterior_draws(structure, counts, found.tables, prior, self.n_draws, self.random_state)
        likelihood = observed_log_likelihood(counts, found.tables)
        return self._keep(structure, found.tables, draws, counts.n, likelihood, found.objective)

    @classmethod
    def from_tables(
        cls, graph: CausalGraph, tables: Mapping[str, Any], *, levels: Mapping[str, Sequence[Level]]
    ) -> BayesianNetwork:
        """A network whose tables are known: its answers carry no error.

        Parameters
        ----------
        graph : CausalGraph
            Latent nodes have a table like all others.
        tables : mapping of str to Given or sequence of float
            Probabilities of a node without causes, in the order of its levels, or `Given`.
        levels : mapping of str to sequence of level

        Raises
        ------
        DataError : a table or levels that are missing or do not fit.

        Examples
        --------
        >>> from causalrec.graph import CausalGraph
        >>> from causalrec.structural.bayesian_network import Given
        >>> network = BayesianNetwork.from_tables(
        ...     CausalGraph([("display", "purchase")]),
        ...     {"display": (0.5, 0.5), "purchase": Given(("display",), {0: (0.9, 0.1), 1: (0.8, 0.2)})},
        ...     levels={"display": (0, 1), "purchase": (0, 1)},
        ... )
        >>> print(network.query("display", evidence={"purchase": 1}))
        P(display | purchase=1)
          display  probability
          0        0.3333
          1        0.6667
          the tables were stated, not learned: they carry no error
        """
        network = cls(graph, levels=levels)
        settings = network._settings()
        structure = settings.structure(graph, settings.levels)
        return network._keep(structure, stated(structure, tables))

    @classmethod
    def from_bif(cls, path: str | Path) -> BayesianNetwork:
        """A network of a BIF file, as other tools for Bayesian networks write them; levels are texts.

        Raises
        ------
        MissingDataError : no such file.
        GraphSyntaxError : not BIF, with the line.
        """
        if not Path(path).is_file():
            raise MissingDataError(f"There is no file {str(path)!r}.")
        document = bif.read_bif(Path(path).read_text(encoding="utf-8"))
        return cls.from_tables(document.graph, document.tables, levels=document.levels)

    @classmethod
    def load(cls, path: str | Path) -> BayesianNetwork:
        """A network that `save` wrote, with all that it knew of its errors.

        Raises
        ------
        MissingDataError : no such file.
        DataError : the file is damaged, or of another format.
        """
        document = saving.read(path)
        structure = saving.structure_from(document)
        levels = dict(zip(structure.names, structure.levels, strict=True))
        network = cls(structure.graph, levels=levels, **Settings.saved(document).to_dict())
        draws = document.get("draws")
        drawn = None if draws is None else saving.arrays(structure, draws, (network.n_draws,))
        return network._keep(structure, saving.tables_from(structure, document), drawn, *saving.history_from(document))

    def save(self, path: str | Path) -> Path:
        """Write the network as JSON, draws included.

        Raises
        ------
        OutputError : the file cannot be written.
        """
        structure = self._structure()
        parts = {
            "settings": self._settings().to_dict(), "n": self.n_, "log_likelihood": self.log_likelihood_,
            "objective": list(self.objective_), "tables": [table.tolist() for table in self._tables],
            "draws": None if self._draws is None else [draws.tolist() for draws in self._draws],
        }  # fmt: skip
        return saving.write(path, structure, parts)

    def to_bif(self, path: str | Path) -> Path:
        """Write graph, levels and tables as BIF, which has no place for errors.

        Raises
        ------
        OutputError : the file cannot be written.
        """
        text = bif.write_bif(self._structure(), self._tables)
        return replace_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))

    def query(
        self, nodes: str | Iterable[str], *, evidence: Levels | None = None, do: Levels | None = None
    ) -> Distribution:
        """Joint distribution of `nodes` given what was seen and set; exact for the tables.

        Parameters
        ----------
        nodes : str or iterable of str
        evidence : mapping of str to level, optional
            What was seen; under `do`, what is seen once these are set.
        do : mapping of str to level, optional
            What is set from outside: its causes no longer matter.

        Raises
        ------
        ImpossibleEvidenceError : the evidence has probability zero.
        DataError : a level that a node does not have, or a node both asked for and fixed.
        EstimationError : the answer would need a table that is too large.
        MissingExtraError : opt_einsum is not installed.
        """
        return questions.distribution(self._structure(), self._tables, self._draws, nodes, evidence, do)

    def effect(
        self, treatment: str, outcome: str, *, levels: tuple[Level, Level] | None = None,
        evidence: Levels | None = None,
    ) -> NetworkEffect:  # fmt: skip
        """Effect of setting `treatment` from the first of `levels` to the second, on the mean of `outcome`.

        Parameters
        ----------
        treatment, outcome : str
            The outcome's levels are numbers.
        levels : (level, level), optional
            May be left out where the treatment has two levels.
        evidence : mapping of str to level, optional
            Among which units; no effects of the treatment.

        Raises
        ------
        DataError : an outcome whose levels are no numbers; evidence that the treatment affects.
        """
        return questions.effect(
            self._structure(), self._tables, self._draws, self.n_, treatment, outcome, levels, evidence
        )

    def most_probable(self, *, evidence: Levels | None = None, do: Levels | None = None) -> MostProbable:
        """The most probable levels of all other nodes together; of ties the first in the levels' order.

        Raises
        ------
        ImpossibleEvidenceError : the evidence has probability zero.
        EstimationError : the answer would need a table that is too large.
        """
        return questions.most_probable(self._structure(), self._tables, self._draws, evidence, do)

    def table(self, node: str) -> Distribution:
        """The conditional table of a node, with errors where it was learned."""
        return questions.table(self._structure(), self._tables, self._draws, node)

    def sample(self, n: int, *, do: Levels | None = None, random_state: int = 0) -> Dataset:
        """Draw `n` units, one column a node; set nodes have their level in every row."""
        from causalrec.data import Dataset

        structure = self._structure()
        refuse_count("n", n, 1)
        refuse_count("random_state", random_state, 0)
        codes = sampled(structure, self._tables, int(n), structure.codes(do, "do"), random_state)
        pairs = zip(structure.names, structure.levels, codes.T, strict=True)
        return Dataset.from_frames({name: [levels[code] for code in column] for name, levels, column in pairs})

    def log_likelihood(self, data: Dataset, *, weights: str | None = None) -> float:
        """Log probability of the values that are observed; -inf where some row is impossible."""
        structure = self._structure()
        return observed_log_likelihood(self._counts(structure, data, weights), self._tables)

    def score(self, data: Dataset, *, kind: str = "bic", weights: str | None = None) -> float:
        """How well the graph with free tables describes complete rows; larger is better.

        Parameters
        ----------
        kind : "bic" or "marginal"
            The BIC, or the log marginal likelihood under `prior`, which is the BDeu score where `prior_kind` is
            "bdeu". Nothing need have been fitted.

        Raises
        ------
        DataError : missing values, for which these scores are not defined.
        """
        settings = self._settings()
        if kind not in ("bic", "marginal"):
            raise DataError(f"`kind` is {kind!r}; choose 'bic' or 'marginal'.")
        structure = settings.structure(self.graph, found_levels(self.graph, data, settings.levels))
        counts = self._counts(structure, data, weights, complete=True)
        return bic(structure, counts) if kind == "bic" else log_marginal(
            counts, prior_counts(structure, self.prior, self.prior_kind)
        )  # fmt: skip

    def _counts(self, structure: Structure, data: Dataset, weights: str | None, *, complete: bool = False) -> Counts:
        codes = codes_of(structure, data)
        if complete and (codes < 0).any():
            names = [structure.names[node] for node in np.flatnonzero((codes < 0).any(axis=0))]
            raise DataError(
                f"Scores need complete rows, and {', '.join(map(repr, names))} miss values. Drop those rows."
            )
        return counted(structure, codes, weights_of(data, weights))

    def _settings(self) -> Settings:
        refuse_no_graph(self.graph)
        return Settings(
            self.prior, self.prior_kind, self.n_draws, self.max_iter, self.tol, self.random_state, self.levels or {}
        )

    def _keep(
        self, structure: Structure, tables: list[np.ndarray], draws: list[np.ndarray] | None = None, n: float = 0.0,
        log_likelihood: float | None = None, objective: tuple[float, ...] = (),
    ) -> BayesianNetwork:  # fmt: skip
        self._fitted, self._tables, self._draws, self.n_ = structure, tables, draws, n
        self.log_likelihood_, self.objective_ = log_likelihood, objective
        self.tables_ = dict(zip(structure.names, tables, strict=True))
        return self

    def _structure(self) -> Structure:
        if not hasattr(self, "_fitted"):
            raise NotFittedError("This network has no tables yet: call fit(data), or state them with from_tables.")
        return self._fitted

    def __str__(self) -> str:
        title = f"Bayesian network of {len(self.graph)} nodes and {len(self.graph.edges)} edges"
        if not hasattr(self, "_fitted"):
            return f"{title}, without tables yet"
        learned = f"learned from {self.n_:,.0f} units" if self._draws is not None else "stated by hand"
        return f"{title}: {self._fitted.n_parameters:,} free probabilities, {learned}"

    def __repr__(self) -> str:
        return str(self)
