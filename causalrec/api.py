"""The public verbs. Each checks its input, then calls the stage that does the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from causalrec.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from causalrec.data import Dataset, EffectScores, Predictions, Ranking
    from causalrec.estimation import ConditionalEffects, EffectEstimate, RatioEstimate
    from causalrec.estimation.heterogeneity.learners.learner import EffectLearner
    from causalrec.evaluation import GainComparison
    from causalrec.explanation import Explanation
    from causalrec.graph import CausalGraph
    from causalrec.identification import Estimand
    from causalrec.recommendation import ALSRecommender, JointRecommender
    from causalrec.refutation import Battery
    from causalrec.reporting import Report

__all__ = [
    "compare",
    "estimate",
    "evaluate",
    "explain",
    "identify",
    "list_graphs",
    "load_graph",
    "refute",
    "report",
    "score",
]


def load_graph(name_or_path: str | Path) -> CausalGraph:
    """A causal graph that causalrec ships, by name, or one of your own, by path.

    Raises
    ------
    GraphError : no such graph, or a text that is none.

    Examples
    --------
    >>> load_graph("promotion").parents("display") >= {"mailer"}
    True
    """
    from causalrec.graph import load_graph

    return load_graph(name_or_path)


def list_graphs() -> Mapping[str, str]:
    """Name and one line of each graph that causalrec ships.

    Examples
    --------
    >>> "promotion" in list_graphs()
    True
    """
    from causalrec.graph import list_graphs

    return list_graphs()


def identify(
    graph: CausalGraph,
    treatment: str | Sequence[str],
    outcome: str,
    *,
    conditional: str | Sequence[str] = (),
    selected: str | Sequence[str] | None = None,
    strategy: str = "auto",
    deadline: float | None = None,
) -> Estimand:
    """What to compute for the effect of a treatment, if the graph gives it.

    Parameters
    ----------
    graph : CausalGraph
    treatment : str or sequence of str
        Several names ask for their joint effect.
    outcome : str
    conditional : str or sequence of str
        Nodes within whose values the effect is asked for.
    selected : str or sequence of str, optional
        Nodes that every unit of the data was selected by; default: those with that role in the graph.
    strategy : {"auto", "adjustment", "frontdoor", "id", "instrument"}
        "auto" tries them in this order.
    deadline : float, optional
        Seconds that a search which can be long may take.

    Raises
    ------
    UnknownNodeError : a name that the graph does not have.
    NotIdentifiableError : the graph does not give the effect; the message names what stays open.
    UndecidedError : the deadline came before an answer.

    Examples
    --------
    >>> identify(load_graph("promotion"), treatment="display", outcome="purchased").adjustment
    ('item_store_availability', 'item_week_demand', 'mailer')
    """
    from causalrec.identification import identify

    return identify(
        graph,
        treatment,
        outcome,
        conditional=conditional,
        selected=selected,
        strategy=strategy,
        deadline=deadline,
    )


def estimate(
    estimand: Estimand,
    data: Dataset,
    *,
    estimator: object = None,
    clusters: str | Sequence[str] = (),
    weights: str | None = None,
    missing: str = "refuse",
    target: str = "ATE",
    scale: str = "difference",
    n_threads: int | None = None,
) -> EffectEstimate | ConditionalEffects | RatioEstimate:
    """The effect, with an error that follows how the treatment was assigned.

    Parameters
    ----------
    estimand : Estimand
        From `identify`.
    data : Dataset
    estimator : estimator object, optional
        One of causalrec.estimation or of EconML, for flat tables. Default: chosen from the estimand and the
        types of treatment and outcome; the result says why.
    clusters : str or sequence of str
        Columns within which units depend on each other. A log of visits is always clustered by user
        and item; one column of the items (their category) replaces the items.
    weights : str, optional
        Column of a flat table that says how much each row counts.
    missing : {"refuse", "drop", "indicator", "impute"}
        What to do where values of a flat table are missing.
    target : {"ATE", "ATT", "ATO"}
        Whose effect: of all, of the treated, of those where both treatments are likely.
    scale : {"difference", "risk ratio", "odds ratio"}
        Ratios are for outcomes of 0 and 1, and marginal: everybody treated against everybody untreated.
    n_threads : int, optional
        Threads of BLAS, OpenMP, torch, Arrow and DuckDB. Default: all cores.

    Returns
    -------
    EffectEstimate
        Or one a group, `ConditionalEffects`, where the estimand is conditional; `RatioEstimate` on another scale;
        and what the given estimator is for, such as the curve of a `DoseResponse`.

    Warns
    -----
    SharedTreatmentWarning : the treatment is the same within groups that no cluster covers, so that errors are
        too small. The estimate's `notes` say so too, and what few clusters mean for its interval.

    Raises
    ------
    DataError, MissingColumnsError : the tables do not hold what the estimand names.
    EstimationError : the treatment does not vary within the adjustment set, or nothing estimates this estimand.

    Examples
    --------
    >>> from causalrec import CausalGraph, Dataset
    >>> data = Dataset.from_frames({"coin": [0, 1] * 50, "bought": [0.0, 1.0, 1.0, 2.0] * 25})
    >>> effect = estimate(identify(CausalGraph([("coin", "bought")]), "coin", "bought"), data)
    >>> effect.value, effect.n
    (1.0, 100)
    """
    from causalrec.estimation import estimate_effect

    return estimate_effect(
        estimand,
        data,
        estimator=estimator,
        clusters=clusters,
        weights=weights,
        missing=missing,
        target=target,
        scale=scale,
        n_threads=n_threads,
    )


def score(
    estimand: Estimand, data: Dataset, *, modifiers: Sequence[str], learner: EffectLearner | None = None,
    user: str | None = None, item: str | None = None, clusters: Sequence[str] = (), weights: str | None = None,
    missing: str = "refuse", level: float = 0.05, random_state: int = 0,
) -> EffectScores:  # fmt: skip
    """The effect for each user and item, with its standard error: what recommenders consume.

    The result's `reason` says whether effects are personal or constant, and why. On a flat table a learner
    is judged on units that it did not see: where no difference is found, every row has the average effect.

    Parameters
    ----------
    estimand : Estimand
    data : Dataset
        A log of visits, or a flat table; one that is larger than memory is streamed.
    modifiers : sequence of str
        Nodes that the effect may differ by. Of a log: what the user bought before, kinds of items, their
        text. Of a flat table: nodes of the adjustment set, or those the estimand is `conditional` on.
    learner : EffectLearner, optional
        Of effects by unit, for flat tables; `LinearDRLearner` where none is given.
    user, item : str, optional
        Columns of a flat table; the dataset's keys where not given.
    clusters : sequence of str
        Columns of a flat table that errors are clustered by.
    weights : str, optional
        Column of a flat table that says how much each row counts.
    missing : {"refuse", "drop", "indicator", "impute"}
        What to do where covariates of a flat table are missing.
    level : float, in [0, 1]
        Of the test for differences in a flat table; 1 gives every row its own effect whatever the test says.
    random_state : int
        Seed of a flat table's folds.

    Raises
    ------
    DataError : no modifiers, one that the estimand does not allow, or options of the other kind of table.
    MissingColumnsError : columns that the tables lack.
    EstimationError : no overlap, or a treatment that does not vary.

    Examples
    --------
    >>> import numpy as np
    >>> from causalrec import Dataset, Estimand
    >>> rng = np.random.default_rng(0)
    >>> user, age, shown = np.arange(2000) % 50, rng.normal(size=50), rng.integers(0, 2, 2000)
    >>> watched = shown * (1 + age[user]) + rng.normal(size=2000)
    >>> columns = {"user": user, "item": np.arange(2000) % 7, "age": age[user], "shown": shown, "watched": watched}
    >>> estimand = Estimand(("shown",), "watched", "adjustment", adjustment=("age",))
    >>> scores = score(estimand, Dataset.from_frames(columns), modifiers=["age"])
    >>> len(scores), scores.reason[:36]
    (350, 'personal: effects differ by age on h')
    """
    from causalrec.estimation import score_pairs, score_units

    options = {
        "learner": learner, "user": user, "item": item, "clusters": clusters or None, "weights": weights,
        "missing": None if missing == "refuse" else missing, "level": None if level == 0.05 else level,
    }  # fmt: skip
    if not data.is_grid:
        return score_units(
            estimand, data, modifiers, learner=learner, user=user, item=item, clusters=clusters, weights=weights,
            missing=missing, level=level, random_state=random_state,
        )  # fmt: skip
    if given := [name for name, value in options.items() if value is not None]:
        raise DataError(
            f"{', '.join(given)} belong{'s' * (len(given) == 1)} to flat tables, and {data.name!r} is a log of visits, "
            f"whose scores come from rates and lifts; leave {'it' if len(given) == 1 else 'them'} out."
        )
    return score_pairs(estimand, data, modifiers)


def refute(
    effect: EffectEstimate, data: Dataset, *, graph: CausalGraph | None = None, attacks: Sequence[str] | None = None,
    budget: float | None = None, n_draws: int | None = None, n_jobs: int = 1, random_state: int = 0,
) -> Battery:  # fmt: skip
    """Attack an effect with what fits the estimand and the data. Prints as a table with a verdict.

    Parameters
    ----------
    effect : EffectEstimate
        Of one treatment.
    data : Dataset
        What it was estimated on; neither is changed.
    graph : CausalGraph, optional
        For attacks that ask for other routes to the same effect and for negative controls.
    attacks : sequence of str, optional
        Names of those to make; all that fit where none is given.
    budget : float, optional
        Seconds, for a flat table. The most telling attacks come first; what would not end in time is left out, and
        named.
    n_draws : int, optional
        Draws of each reference distribution; 100 for a flat table, 20 for a log of visits.
    n_jobs : int
        Processes that share the draws; the answer is the same for any number.
    random_state : int

    Raises
    ------
    DataError : a joint treatment, or other data than the effect's.

    Examples
    --------
    >>> import numpy as np
    >>> from causalrec import CausalGraph, Dataset
    >>> rng = np.random.default_rng(0)
    >>> age, shown = rng.normal(size=400), rng.integers(0, 2, 400)
    >>> data = Dataset.from_frames({"age": age, "shown": shown, "watched": shown + age + rng.normal(size=400)})
    >>> graph = CausalGraph([("age", "watched"), ("shown", "watched")])
    >>> battery = refute(estimate(identify(graph, "shown", "watched"), data), data, graph=graph)
    >>> battery.to_dict()["left_out"]
    {}
    """
    from causalrec.refutation import refute_effect

    return refute_effect(
        effect, data, graph=graph, attacks=attacks, budget=budget, n_draws=n_draws, n_jobs=n_jobs,
        random_state=random_state,
    )  # fmt: skip


def evaluate(
    predicted: Ranking | Predictions, truth: Dataset, *, metrics: Sequence[str] | None = None, k: int = 10
) -> dict[str, float]:
    """Relevance metrics of a ranking or of predictions against what the users did.

    Parameters
    ----------
    predicted : Ranking or Predictions
    truth : Dataset
        A later part of the log.
    metrics : sequence of str, optional
        Default: all that the table allows.
    k : int
        Length of the list.
    """
    from causalrec.evaluation import evaluate

    return evaluate(predicted, truth, metrics=metrics, k=k)


def compare(
    rankings: Mapping[str, Ranking], truth: Dataset, *, treatments: Sequence[str], k: int = 10,
    n_draws: int = 1000, random_state: int = 0,
) -> GainComparison:  # fmt: skip
    """Which ranking gains more by treating its top k, with paired intervals by user and item.

    Parameters
    ----------
    rankings : mapping of str to Ranking
    truth : Dataset
        A later part of the log.
    treatments : sequence of str
        An item counts as treated where any of them is on.
    k : int
    n_draws : int
        Bootstrap draws.
    random_state : int
    """
    from causalrec.evaluation import compare_gain

    if len(rankings) < 2:
        raise DataError(f"A comparison needs two rankings or more, not {len(rankings)}.")
    return compare_gain(rankings, truth, treatments=tuple(treatments), k=k, n_draws=n_draws, random_state=random_state)


def explain(
    model: ALSRecommender | JointRecommender, ranking: Ranking, *,
    graph: CausalGraph | None = None, estimand: Estimand | None = None,
    scores: EffectScores | None = None, names: Mapping[str, str] | None = None,
) -> list[Explanation]:  # fmt: skip
    """Why each item of a ranking is there, and what would have been without it.

    Parameters
    ----------
    model : ALSRecommender or JointRecommender
        The one that made the ranking.
    ranking : Ranking
    graph, estimand : optional
        For the causal paths from the treatment to the outcome.
    scores : EffectScores, optional
        For the effect of the pair and its interval.
    names : mapping of str to str, optional
        Name of each item, for the sentence.
    """
    from causalrec.explanation import explain

    return explain(model, ranking, graph=graph, estimand=estimand, scores=scores, names=names)


def report(*parts: object, title: str = "What the data say") -> Report:
    """One self-contained HTML page of effects, refutations, rankings and explanations.

    Parameters
    ----------
    *parts : EffectEstimate, Battery, Ranking or list of Explanation
    title : str
    """
    from causalrec.reporting import report

    return report(*parts, title=title)
