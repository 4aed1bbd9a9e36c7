"""Identification before any search."""

import numpy as np
import pytest

from causalrec.errors import EstimationError
from causalrec.structural.linear_sem.identified import refuse_generically_unidentified
from causalrec.structural.linear_sem.ram import structure
from causalrec.structural.linear_sem.restrictions import restriction
from causalrec.structural.linear_sem.sample import sample_of_rows
from causalrec.structural.linear_sem.specification import specify
from causalrec.structural.linear_sem.starts import starting_values
from causalrec.structural.linear_sem.syntax import parse_model

IDENTIFIED = {  # the starting values have zeros at which some of these are not
    "two indicators each": "f =~ a + b\ng =~ c + d",
    "an instrument": "b ~ a\nc ~ b\nb ~~ c",
    "a feedback loop with two instruments": "c ~ d + a\nd ~ c + b\nc ~~ d",
}
NOT = {
    "a latent variable without scale": ("f =~ NA*a + b + c + d", "'f =~ a', 'f =~ b', 'f =~ c', 'f =~ d', 'f ~~ f'"),
    "a confounded edge": ("b ~ a\na ~~ b\nc ~ 1*a\nd ~ 1*a\nc ~~ 0*d", "'b ~ a', 'a ~~ b'"),
}


def check(text):
    model = parse_model(text)
    shape = structure(specify(model))
    rows = np.random.default_rng(0).normal(size=(50, shape.n_observed)) * 10.0 ** np.arange(shape.n_observed)
    sample = sample_of_rows(rows, shape.names[: shape.n_observed])
    refuse_generically_unidentified(
        shape, sample, starting_values(shape, sample), restriction(shape.parameters, (), model.constraints)
    )


@pytest.mark.parametrize("text", IDENTIFIED.values(), ids=IDENTIFIED)
def test_what_is_identified_passes(text):
    check(text)


@pytest.mark.parametrize(("text", "named"), NOT.values(), ids=NOT)
def test_what_is_not_is_named(text, named):
    with pytest.raises(EstimationError, match=f"cannot tell apart {named}"):
        check(text)
