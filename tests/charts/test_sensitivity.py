import numpy as np
import pytest

from causalrec.charts import sensitivity_chart
from causalrec.errors import ShapeError

GRID = np.linspace(0, 0.5, 11)
LEFT = 0.2 - np.sqrt(GRID[:, None] * GRID / (1 - GRID))


def drawn(**options):
    from matplotlib import pyplot

    figure = sensitivity_chart(GRID, GRID, LEFT, **options)
    pyplot.close(figure)
    return figure.axes[0]


def names(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_benchmarks_and_robustness_values_are_named_where_they_lie():
    axes = drawn(benchmarks=[("age", 0.1, 0.3)], robustness=[("robustness value", 0.18)])
    points = {tuple(np.ravel(line.get_data())) for line in axes.lines if len(line.get_xdata()) == 1}
    assert points == {(0.1, 0.3), (0.18, 0.18)}
    assert {text.get_text() for text in axes.texts} >= {"age", "robustness value"}


def test_the_lines_of_no_effect_are_named():
    assert names(drawn()) == ["no effect left"]
    assert names(drawn(interval_end=LEFT - 0.1)) == ["no effect left", "interval holds 0"]


def test_the_line_of_no_effect_is_where_nothing_is_left():
    axes = drawn()
    zero = next(part for part in axes.collections if np.any(np.asarray(part.get_linewidth()) == 2.2))
    points = np.vstack([path.vertices for path in zero.get_paths()])
    value = np.sqrt(points[:, 1] * points[:, 0] / (1 - points[:, 0]))
    np.testing.assert_allclose(value, 0.2, atol=0.02)


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="adjusted"):
        sensitivity_chart(GRID, GRID, LEFT[1:])
    with pytest.raises(ShapeError, match="interval_end"):
        drawn(interval_end=LEFT[:, 1:])
