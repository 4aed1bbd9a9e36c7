import pytest

import causalrec as cr
from causalrec.errors import AdjustmentError, DataError, NotIdentifiableError
from causalrec.estimation.longitudinal.plan_check import refuse_plan, refuse_rules
from causalrec.identification import SequentialPlan, sequential_backdoor
from tests.estimation.longitudinal.in_time import GRAPH

PLAN = sequential_backdoor(GRAPH, ["a0", "a1"], "y")
CONSTANT = {}


def changed(**fields):
    old = {name: getattr(PLAN, name) for name in ("treatment", "outcome", "adjustment", "selected", "expression")}
    return SequentialPlan(**old | fields)


def test_what_the_graph_found_is_allowed_and_so_is_more():
    refuse_plan(PLAN)
    refuse_rules(PLAN, GRAPH, CONSTANT)
    more = changed(adjustment=(("l0",), ("l1",)))
    refuse_rules(more, GRAPH, {"a0": frozenset({"l0"}), "a1": frozenset({"l0", "l1", "a0"})})


def test_a_plan_that_leaves_a_confounder_out_is_refused_with_the_path():
    with pytest.raises(NotIdentifiableError, match="At 'a1' the plan leaves the path") as refused:
        refuse_rules(changed(adjustment=(("l0",), ())), GRAPH, CONSTANT)
    assert "l1" in refused.value.open_path


def test_a_plan_that_adjusts_too_early_is_refused():
    with pytest.raises(AdjustmentError, match="At 'a0' the plan adjusts for 'l1', which it or a later"):
        refuse_rules(changed(adjustment=(("l0", "l1"), ())), GRAPH, CONSTANT)


def test_a_rule_can_open_a_path_that_constants_leave_closed():
    graph = cr.CausalGraph(
        [("u", "a0"), ("u", "l1"), ("l1", "a1"), ("v", "l1"), ("v", "y"), ("a0", "y"), ("a1", "y")], latent=["u", "v"]
    )
    plan = sequential_backdoor(graph, ["a0", "a1"], "y")
    assert plan.adjustment == ((), ("l1",))
    refuse_rules(plan, graph, CONSTANT)
    with pytest.raises(NotIdentifiableError, match="by what the rule of 'a1' reads"):
        refuse_rules(plan, graph, {"a1": frozenset({"l1"})})


@pytest.mark.parametrize(
    ("plan", "error", "said"),
    [
        (PLAN.expression, DataError, "ask for one first"),
        (changed(adjustment=(("l0",),)), AdjustmentError, "2 treatments and 1 sets"),
        (changed(adjustment=(("l0",), ("a0",))), AdjustmentError, "names 'a0' twice"),
    ],
)
def test_what_is_no_plan_is_refused(plan, error, said):
    with pytest.raises(error, match=said):
        refuse_plan(plan)
