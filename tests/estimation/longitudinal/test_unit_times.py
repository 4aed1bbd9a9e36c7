import numpy as np
import pytest

from causalrec.data import Design
from causalrec.errors import DataError
from causalrec.estimation.longitudinal.unit_times import unit_times


def rows(unit, week, **given):
    unit, week = np.asarray(unit), np.asarray(week)
    names = {"absorbed_names": ("shop", "week")} | given
    return Design(np.zeros(len(unit)), np.zeros((len(unit), 1)), np.empty((len(unit), 0)), (unit, week), {}, **names)


def test_what_was_some_periods_before_and_after():
    seen = unit_times(rows([1, 0, 1, 0], [2, 2, 4, 4]), "shop", "week")
    values = np.array([10.0, 20.0, 30.0, 40.0])
    assert seen.period.tolist() == [0, 0, 1, 1]  # two weeks apart are one period
    np.testing.assert_array_equal(seen.shifted(values, 0), values)
    np.testing.assert_array_equal(seen.shifted(values, 1), [np.nan, np.nan, 10, 20])
    np.testing.assert_array_equal(seen.shifted(values, -1), [30, 40, np.nan, np.nan])
    assert np.isnan(seen.shifted(values, 5)).all()


def test_a_gap_is_named_and_can_be_left_open():
    torn = rows([0, 0, 1, 1, 1, 2], [0, 2, 0, 1, 2, 1])
    with pytest.raises(DataError, match=r"1 of 3 values of 'shop' were not seen in some week between"):
        unit_times(torn, "shop", "week")
    seen = unit_times(torn, "shop", "week", gaps="drop")
    assert seen.with_gaps().tolist() == [True, False, False]
    np.testing.assert_array_equal(seen.shifted(np.arange(6.0), 1), [np.nan, np.nan, np.nan, 2, 3, np.nan])


@pytest.mark.parametrize(
    ("bad", "asked", "said"),
    [
        (rows([0, 0, 1], [0, 0, 0]), {}, "1 pairs of shop and week have more than one row"),
        (rows([0, 1], [0, 1], absorbed_names=("shop", "day")), {}, "must be two columns"),
        (rows([0, 1], [0, 1]), {"gaps": "fill"}, "choose 'refuse' or 'drop'"),
        (rows(np.arange(2000), np.arange(2000)), {}, "spread over 2,000 values"),
    ],
)
def test_what_is_no_panel_is_refused(bad, asked, said):
    with pytest.raises(DataError, match=said):
        unit_times(bad, "shop", "week", **asked)
