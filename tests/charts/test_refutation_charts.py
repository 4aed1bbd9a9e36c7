import xml.etree.ElementTree as ET

import numpy as np
import pytest

from causalrec.charts import figure_png_bytes, figure_svg
from causalrec.charts.love_plot import love_plot
from causalrec.charts.propensity_histogram import propensity_histogram
from causalrec.charts.specification_curve import specification_chart
from causalrec.errors import ShapeError

E, T = np.linspace(0.01, 0.99, 50), np.arange(50) % 2
VALUES = np.array([0.3, -0.1, 0.2])
CHOICES = {"estimator": ["OLS", "IPW", "$c$ <b>"], "trim": ["0", "0", "0.05"]}

CHARTS = {
    "love": lambda: love_plot(["a", "$c$ <b>"], [0.5, -1.2], [0.05, -0.02], title="Title $1"),
    "propensity": lambda: propensity_histogram(E, T, title="Title $1"),
    "specification": lambda: specification_chart(
        VALUES, VALUES - 0.1, VALUES + 0.1, CHOICES, original=0.2, unit="$c$ <b>", title="Title $1"
    ),
}


def texts(figure):
    root = ET.fromstring(figure_svg(figure))
    return ["".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS)
def test_chart_is_small_svg_and_png_with_its_title_and_the_same_twice(make):
    svg = figure_svg(make())
    assert len(svg) < 90_000
    assert svg == figure_svg(make())
    assert "Title $1" in texts(make())
    assert figure_png_bytes(make()).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["love", "specification"])
def test_names_stay_text(name):
    assert "$c$ <b>" in " ".join(texts(CHARTS[name]()))


def test_the_largest_difference_is_on_top():
    figure = CHARTS["love"]()
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["$c$ <b>", "a"]
    assert figure.axes[0].collections[-1].get_offsets()[:, 0].tolist() == [0.02, 0.05]


def test_arms_of_any_size_add_up_to_1_each():
    bars = propensity_histogram([0.1, 0.2, 0.3, 0.9], [0, 0, 0, 1]).axes[0].patches
    heights = np.array([bar.get_height() for bar in bars])
    assert heights[heights > 0].sum() == pytest.approx(1)
    assert heights[heights < 0].sum() == pytest.approx(-1)


def test_choices_stand_below_their_estimates():
    figure = CHARTS["specification"]()
    curve, grid = figure.axes
    assert curve.collections[-1].get_offsets()[:, 1].tolist() == [-0.1, 0.2, 0.3]
    assert grid.collections[0].get_offsets()[:, 0].tolist() == [2.0]  # OLS gave the largest


@pytest.mark.parametrize(
    "make",
    [
        lambda: love_plot(["a"], [0.1, 0.2], [0.1]),
        lambda: propensity_histogram([0.1, 1.2], [0, 1]),
        lambda: propensity_histogram([0.1, 0.2], [1, 1]),
        lambda: specification_chart([1.0], [0.0], [2.0], {}),
    ],
)
def test_bad_shapes_are_refused(make):
    with pytest.raises(ShapeError):
        make()
