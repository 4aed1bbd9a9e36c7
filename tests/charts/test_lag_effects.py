import numpy as np
import pytest

from causalrec.charts.lag_effects import lag_chart
from causalrec.errors import ShapeError

LAGS, VALUES = np.array([-1, 0, 1]), np.array([0.1, 2.0, -0.5])
SUMS = np.array([2.0, 1.5])


def chart(lags=LAGS, sums=SUMS):
    return lag_chart(lags, VALUES, VALUES - 0.3, VALUES + 0.3, sums, sums - 0.4, sums + 0.4, time="week", unit="sold")


def test_leads_are_grey_and_the_sum_starts_at_lag_0():
    (axes,) = chart().axes
    (line,) = [
        line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_xdata()[1] == 1 and line.get_ydata()[0]
    ]
    assert line.get_xdata().tolist() == [0, 1]
    colours = axes.collections[-1].get_facecolors()
    assert (colours[0] != colours[1]).any()
    assert (colours[1] == colours[2]).all()
    assert axes.get_xlabel() == "weeks since the treatment (leads: before it)"


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ShapeError, match="one length"):
        chart(lags=LAGS[1:])
    with pytest.raises(ShapeError, match="one length"):
        chart(sums=np.array([1.0]))
