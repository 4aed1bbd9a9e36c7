"""What a hidden confounder could do to a least squares estimate, from second moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.linear.ols import refuse_absorbed
from causalrec.estimation.moments.design_moments import design_moments
from causalrec.refutation.sensitivity.benchmark import Benchmark
from causalrec.refutation.sensitivity.covariate_groups import asked_groups
from causalrec.refutation.sensitivity.linear_robustness import OmittedVariable
from causalrec.refutation.sensitivity.partialled_pair import PartialledPair, partialled_pairs
from causalrec.refutation.sensitivity.strength import confounder_strength, multiple_to_remove

__all__ = ["omitted_variable"]


def omitted_variable(
    design: Design, groups: Mapping[str, Sequence[str]] | Sequence[str] | None = None, *, unit: str = "outcome"
) -> OmittedVariable:
    """Robustness value and benchmarks of the regression of the outcome on one treatment and the covariates.

    One pass over the rows gives the moments; each benchmark is then a regression without its columns. Blocks,
    such as a text's embedding, are never expanded to rows and are one benchmark.

    Parameters
    ----------
    design : Design
        In memory or streamed, with one treatment.
    groups : mapping of str to sequence of str, sequence of str, optional
        Benchmarks: a name for several columns or groups together, or names of groups. Default: each number,
        each category and each block.
    unit : str
        Unit of the outcome.

    Raises
    ------
    EstimationError : several treatments, groups held fixed, or a treatment that the covariates explain.
    MissingColumnsError : a benchmark that the design lacks.

    References
    ----------
    Cinelli, Hazlett (2020), J. Royal Statistical Society B 82(1).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> age = rng.normal(size=500)
    >>> t = age + rng.normal(size=500)
    >>> rows = Design(t + 2 * age + rng.normal(size=500), t[:, None], age[:, None], (), {}, ("shown",), ("age",))
    >>> round(omitted_variable(rows).robustness_value(), 2)
    0.58
    """
    refuse_absorbed(design, "omitted_variable")
    if len(design.treatment_names) != 1:
        raise EstimationError(
            f"A hidden confounder is of one treatment, and this design has {', '.join(design.treatment_names)}: keep "
            f"one and put the others among the covariates."
        )
    named = asked_groups(design, groups)
    full, without = partialled_pairs(design, design_moments(design), named)
    benchmarks = [_benchmark(name, len(named[name]), full, pair) for name, pair in without.items()]
    return OmittedVariable(design.treatment_names[0], full.coef, full.stderr, full.dof, full.n, unit, tuple(benchmarks))


def _benchmark(name: str, n_columns: int, full: PartialledPair, less: PartialledPair) -> Benchmark:
    seen = (
        max(1 - full.treatment_ss / less.treatment_ss, 0.0),
        max(1 - full.residual_ss / less.residual_ss, 0.0),
    )
    times = multiple_to_remove(full.coef, *seen, full.residual_ss, full.treatment_ss)
    strength = confounder_strength(1.0, *seen)
    return Benchmark(
        name, n_columns, *strength, less.coef - full.coef, times, own_treatment=seen[0], own_outcome=seen[1]
    )
