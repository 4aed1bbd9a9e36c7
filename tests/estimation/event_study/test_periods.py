from datetime import datetime

import numpy as np
import pytest

import causalrec as cr
from causalrec.errors import DataError
from causalrec.estimation.event_study import DifferenceInDifferences
from causalrec.identification import Estimand
from tests.estimation.event_study.staggered import design, panel, some

ESTIMAND = Estimand(("on",), "y", "adjustment", ("unit", "week"))


def fitted(weeks):
    """The panel's weeks 0 to 5 under other names."""
    columns = panel()
    frame = columns | {"week": [weeks[week] for week in columns["week"]]}
    data = cr.Dataset.from_frames(frame, columns={n: cr.absorbed(common=(n,)) for n in ("unit", "week")})
    estimator = DifferenceInDifferences("unit", "week")
    cr.estimate(ESTIMAND, data, estimator=estimator)
    return estimator


def test_numbers_are_as_far_apart_as_they_say():
    even, years = fitted([0, 1, 2, 3, 4, 5]), fitted([2000, 2002, 2004, 2006, 2008, 2010])
    assert years.by_event_time_.at == even.by_event_time_.at == (-4, -3, -2, 0, 1, 2, 3)
    assert years.value_ == pytest.approx(even.value_, rel=1e-12)
    assert years.by_period_.at == (2004, 2006, 2008, 2010)
    gap = fitted([0, 1, 2, 3, 5, 6])
    assert gap.by_event_time_.at == (-5, -4, -3, -2, 0, 1, 3, 4)
    assert gap.value_ == pytest.approx(even.value_, rel=1e-12)


def test_times_are_counted_in_order():
    months = [datetime(2024, month, 1) for month in (1, 2, 3, 4, 5, 6)]
    found = fitted(months)
    assert found.by_event_time_.at == (-4, -3, -2, 0, 1, 2, 3)
    assert found.by_cohort_.at == (months[2], months[4])


def test_text_and_uneven_numbers_are_refused():
    with pytest.raises(DataError, match="'week' is text, such as 'week 0', whose order is not that of time"):
        fitted([f"week {week}" for week in range(6)])
    with pytest.raises(DataError, match=r"at uneven distances: 5 is no whole number of steps of 2"):
        fitted([0, 2, 5, 7, 9, 11])


def test_codes_of_a_part_keep_their_distances():
    columns = panel()
    kept = columns["week"] != 1
    found = DifferenceInDifferences("unit", "week").fit(design(some(columns, kept & (columns["cohort"] != 2))))
    assert found.by_event_time_.at == (-4, -2, 0, 1)
    assert np.isfinite(found.stderr_).all()
