import numpy as np
import pytest

from causalrec.charts.learning_curve import learning_curve_chart
from causalrec.errors import ShapeError

NAMES, LABELS = ["margin", "core set", "random"], [40, 80, 120]
VALUES = np.array([[0.7, 0.8, 0.85], [0.7, 0.75, 0.8], [0.7, 0.76, 0.8]])


def chart(names=NAMES, labels=LABELS):
    half = np.array([[np.nan, 0.02, 0.01], [np.nan, 0.02, 0.01], [np.nan] * 3])
    return learning_curve_chart(names, labels, VALUES, VALUES - half, VALUES + half, title="margin helps")


def test_each_strategy_has_a_line_and_bars_where_it_has_an_interval():
    (axes,) = chart().axes
    lines = {line.get_label(): line.get_ydata().tolist() for line in axes.lines}
    assert lines == dict(zip(NAMES, VALUES.tolist(), strict=True))
    assert [len(bars.get_segments()) for bars in axes.collections] == [2, 2]
    assert axes.collections[0].get_segments()[1][:, 1].tolist() == pytest.approx([0.84, 0.86])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["40", "80", "120"]


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match=r"must be \(2, 3\) for 2 curves"):
        chart(names=NAMES[:2])
    with pytest.raises(ShapeError, match=r"must be \(3, 2\)"):
        chart(labels=LABELS[:2])
    with pytest.raises(ShapeError, match="6 at most"):
        learning_curve_chart(["a"] * 7, LABELS, *[np.ones((7, 3))] * 3)
