import json
from dataclasses import replace

import numpy as np

from causalrec.estimation.longitudinal import MarginalStructuralModel
from causalrec.estimation.longitudinal.weight_diagnostics import weight_diagnostics
from tests.estimation.longitudinal.in_time import design, linear


def test_means_errors_and_the_effective_number():
    weight = np.array([[1.0, 1.0, 1.0, 1.0], [0.5, 0.5, 2.0, 2.0]])
    found = weight_diagnostics(("a", "b"), weight, np.array([0.5, 0.5, 1.5, 1.5]), np.ones(4))
    assert found.mean == (1.0, 1.25)
    assert found.mean_stderr == (0.0, 0.375)
    assert found.effective_n == 16 / 5
    assert (found.largest, found.n_truncated, found.far_from_one) == (1.5, 2, ())
    assert "2 cut" in str(found)
    assert json.loads(json.dumps(found.to_dict()))["mean"] == [1.0, 1.25]


def test_a_mean_that_is_not_1_names_the_treatment():
    found = weight_diagnostics(("a", "b"), np.tile([[1.0], [1.3]], 50), np.full(50, 1.3), np.ones(50))
    assert found.far_from_one == ("b",)


def test_stabilised_weights_have_the_mean_1_and_unstabilised_ones_as_many_as_sequences():
    rows = design(linear(0, 20_000))
    stabilised, plain = (MarginalStructuralModel(stabilised=s).fit(rows).weight_diagnostics_ for s in (True, False))
    assert abs(stabilised.mean[-1] - 1) < 4 * stabilised.mean_stderr[-1]
    assert abs(plain.mean[0] - 2) < 4 * plain.mean_stderr[0]
    assert abs(plain.mean[-1] - 4) < 4 * plain.mean_stderr[-1]
    assert stabilised.largest < plain.largest / 2


def test_notes_say_where_weights_are_not_to_be_trusted():
    wrong = MarginalStructuralModel().fit(design(linear(0)))
    wrong.weight_diagnostics_ = replace(wrong.weight_diagnostics_, mean=(1.0, 2.0), mean_stderr=(0.1, 0.1))
    wrong.notes_ = wrong._notes()
    assert any("a treatment's model is wrong" in note for note in wrong.notes_)
    large = MarginalStructuralModel(errors="stacked").fit(design(linear(0, 2000)))
    assert any("the stacked error may be too small" in note for note in large.notes_)
    assert MarginalStructuralModel().fit(design(linear(0))).notes_ == ()
