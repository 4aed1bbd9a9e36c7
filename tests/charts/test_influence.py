import numpy as np
import pytest

from causalrec.charts.influence import influence_chart
from causalrec.errors import ShapeError

NAMES, VALUES, DIRECT = ["views", "age", "saves"], np.array([0.5, 0.1, -0.2]), np.array([0.2, -0.1, -0.2])


def chart(names=NAMES, direct=DIRECT):
    return influence_chart(names, VALUES, VALUES - 0.05, VALUES + 0.05, direct, unit="deviations", title="views lead")


def test_bars_of_one_sign_end_at_the_total_and_others_start_at_0():
    (axes,) = chart().axes
    direct, others = (list(container) for container in axes.containers)
    assert [bar.get_width() for bar in direct] == DIRECT.tolist()
    np.testing.assert_allclose([bar.get_width() for bar in others], VALUES - DIRECT)
    np.testing.assert_allclose([bar.get_x() for bar in others], [0.2, 0, -0.2])
    assert [label.get_text() for label in axes.get_yticklabels()] == NAMES
    assert {text.get_text() for text in axes.texts} == {"+0.50", "+0.10", "−0.20"}


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ShapeError, match="one length"):
        chart(names=NAMES[:2])
