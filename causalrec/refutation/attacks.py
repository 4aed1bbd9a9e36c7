"""The attacks on an effect of a flat table, the most telling first."""

from __future__ import annotations

from causalrec.refutation.attack import Attack
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.controls import exposure as control_exposure
from causalrec.refutation.controls import outcome as control_outcome
from causalrec.refutation.hidden import confounder, nothing_assumed, odds, pairs
from causalrec.refutation.leads import lead
from causalrec.refutation.leakage.leakage import ASKED as LEAKAGE
from causalrec.refutation.leakage.leakage import leakage
from causalrec.refutation.overlap import balance, extrapolation, propensity
from causalrec.refutation.placebo import dummy_confounder, outcome, treatment
from causalrec.refutation.placebo.curves import most_columns
from causalrec.refutation.routes import leave_one_out, other_sets, other_strategies
from causalrec.refutation.routes.adjustment_routes import MAX_MINIMAL, N_SUPERSETS
from causalrec.refutation.specification import other_specifications
from causalrec.refutation.stability import bootstrap, shared_groups, subset

__all__ = ["ATTACKS"]

MAX_SETS, N_CHOICES = MAX_MINIMAL + N_SUPERSETS, 8
"""Other sets that an attack asks for at most; estimators times trims of a specification curve."""


def _every_draw(attacked: Attacked) -> float:
    return float(attacked.n_draws)


def _every_curve(attacked: Attacked) -> float:
    return float(most_columns(attacked.design.matrix().shape[1]))


def _every_node(attacked: Attacked) -> float:
    return float(len(attacked.graph)) if attacked.graph is not None else 0.0


def _once(attacked: Attacked) -> float:
    return 1.0


def _some(attacked: Attacked) -> float:
    return 10.0


def _every_set(attacked: Attacked) -> float:
    return float(MAX_SETS) if attacked.graph is not None else 0.0


def _every_strategy(attacked: Attacked) -> float:
    return 3.0 + other_strategies.MAX_INSTRUMENTS if attacked.graph is not None else 0.0


def _every_covariate(attacked: Attacked) -> float:
    return float(len(attacked.estimand.adjustment))


def _every_specification(attacked: Attacked) -> float:
    return N_CHOICES * (1.0 if attacked.graph is None else 1 + MAX_SETS)


ATTACKS: tuple[Attack, ...] = (
    Attack(control_outcome.ASKED, control_outcome.negative_control_outcome, _every_node),
    Attack(control_exposure.ASKED, control_exposure.negative_control_exposure, _every_node),
    Attack(lead.ASKED, lead.lead, _once),
    Attack(other_sets.ASKED, other_sets.other_sets, _every_set),
    Attack(other_strategies.ASKED, other_strategies.other_strategies, _every_strategy),
    Attack(confounder.ASKED, confounder.hidden_confounder, _every_covariate),
    Attack(LEAKAGE, leakage, _once),
    Attack(propensity.ASKED, propensity.propensity_overlap, _once),
    Attack(balance.ASKED, balance.covariate_balance, _every_node),
    Attack(extrapolation.ASKED, extrapolation.extrapolation, _once),
    Attack(leave_one_out.ASKED, leave_one_out.leave_one_out, _every_covariate),
    Attack(shared_groups.ASKED, shared_groups.shared_groups, _once),
    Attack(odds.ASKED, odds.hidden_odds, _some),
    Attack(pairs.ASKED, pairs.hidden_in_pairs, _some),
    Attack(nothing_assumed.E_VALUE, nothing_assumed.e_value, _once),
    Attack(nothing_assumed.WORST, nothing_assumed.worst_case, _once),
    Attack(outcome.ASKED, outcome.placebo_outcome, _every_curve),
    Attack(treatment.ASKED, treatment.placebo_treatment, _every_draw),
    Attack(bootstrap.ASKED, bootstrap.bootstrap_spread, _every_draw),
    Attack(subset.ASKED, subset.random_subset, _every_draw),
    Attack(other_specifications.ASKED, other_specifications.other_specifications, _every_specification),
    Attack(dummy_confounder.ASKED, dummy_confounder.dummy_confounder, _every_draw),
)
"""In the order in which a battery that must end in time makes them."""
