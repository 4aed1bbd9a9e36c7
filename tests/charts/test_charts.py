import re
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from causalrec.charts import (
    contributions_chart,
    effects_chart,
    figure_png_bytes,
    figure_svg,
    gain_chart,
    kinds_chart,
    lift_chart,
    placebo_chart,
    sensitivity_chart,
)
from causalrec.errors import ShapeError

NAMES, VALUES = ["a & b", "$c$ <b>", "d_e^f"], np.array([0.1, 0.3, -0.2])
LOWER, UPPER = VALUES - 0.05, VALUES + 0.05
INTERVALS = VALUES, LOWER, UPPER
SHARE = np.linspace(0, 0.3, 12)

CHARTS = {
    "effects": lambda: effects_chart(NAMES, VALUES, LOWER, UPPER, unit="u", title="Title $1", highlight="$c$ <b>"),
    "kinds": lambda: kinds_chart(NAMES, VALUES, LOWER, UPPER, title="Title $1", counts=[1, 2, 3000]),
    "lift": lambda: lift_chart(NAMES, VALUES, LOWER, UPPER, title="Title $1", group_name="past $", unit="lift"),
    "gain": lambda: gain_chart(NAMES, [10, 50], *(np.stack([v, v], 1) for v in INTERVALS), title="Title $1"),
    "contributions": lambda: contributions_chart(NAMES, VALUES, title="Title $1"),
    "placebo": lambda: placebo_chart(np.linspace(-1, 1, 30), 3.0, title="Title $1"),
    "sensitivity": lambda: sensitivity_chart(
        SHARE, SHARE, 0.1 - np.outer(SHARE, SHARE) * 4, title="Title $1", benchmarks=[("$c$ <b>", 0.1, 0.1)]
    ),
}


def texts(figure):
    root = ET.fromstring(figure_svg(figure))
    return ["".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS)
def test_chart_is_small_svg_and_png_with_its_title_and_the_same_twice(make):
    svg = figure_svg(make())
    assert svg.startswith("<svg")
    assert len(svg) < 60_000
    assert "Title $1" in texts(make())
    assert svg == figure_svg(make())
    png = figure_png_bytes(make())
    assert png.startswith(b"\x89PNG")
    assert png == figure_png_bytes(make())


@pytest.mark.parametrize("name", ["effects", "kinds", "lift", "gain", "contributions", "sensitivity"])
def test_names_stay_text(name):
    found = " ".join(texts(CHARTS[name]()))
    assert "$c$ <b>" in found  # neither mathematics nor markup


def test_effects_show_each_number_with_its_interval_from_the_first_row_down():
    found = texts(CHARTS["effects"]())
    assert "0.30  (0.25 to 0.35)" in found
    assert "−0.20  (−0.25 to −0.15)" in found
    axes = CHARTS["effects"]().axes[0]
    assert axes.yaxis_inverted()
    assert [label.get_text() for label in axes.get_yticklabels()] == NAMES
    assert [label.get_weight() for label in axes.get_yticklabels()] == ["normal", "bold", "normal"]


def test_kinds_are_sorted_and_counted():
    labels = [label.get_text() for label in CHARTS["kinds"]().axes[0].get_yticklabels()]
    assert labels == ["$c$ <b> (2)", "a & b (1)", "d_e^f (3,000)"]


def test_contributions_sum_to_the_score_and_small_ones_share_a_bar():
    values = np.array([1.0, -0.5, *np.full(20, 0.01)])
    axes = contributions_chart([f"part {k}" for k in range(22)], values, n_shown=3).axes[0]
    widths = [bar.get_width() for bar in axes.patches]
    assert len(widths) == 5
    assert widths[-1] == pytest.approx(values.sum())
    assert sum(widths[:-1]) == pytest.approx(values.sum())
    assert axes.get_yticklabels()[3].get_text() == "19 others"


def test_placebo_marks_the_effect_and_gain_has_a_marker_for_each_ranking():
    assert "the effect: 3.0" in texts(CHARTS["placebo"]())
    lines = CHARTS["gain"]().axes[0].get_lines()
    assert len({line.get_marker() for line in lines[:3]}) == 3


def test_long_names_are_cut_and_odd_characters_do_no_harm():
    names = ["x" * 200, "two\nlines\x00", "饼干"]
    found = texts(effects_chart(names, VALUES, LOWER, UPPER))
    assert max(map(len, found)) <= 44
    assert "two lines" in found
    assert figure_png_bytes(effects_chart(names, VALUES, LOWER, UPPER)).startswith(b"\x89PNG")


def test_no_pyplot_and_no_change_of_global_settings():
    import matplotlib

    names = set(matplotlib.rcParams) - {"backend"}  # asking for the backend loads pyplot
    before = {name: matplotlib.rcParams[name] for name in names}
    loaded = "matplotlib.pyplot" in sys.modules  # by another test's library
    figure_svg(CHARTS["gain"]())
    assert {name: matplotlib.rcParams[name] for name in names} == before
    assert ("matplotlib.pyplot" in sys.modules) == loaded


def test_svg_has_no_date_and_no_link():
    svg = figure_svg(CHARTS["lift"]())
    assert not re.search(r"20\d\d-\d\d-\d\d", svg)
    assert not re.search(r'href="(?!#)', svg)


def test_columns_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="'values': 2"):
        effects_chart(NAMES, VALUES[:2], LOWER, UPPER)
    with pytest.raises(ShapeError, match="at least 1"):
        lift_chart([], [], [], [])
    with pytest.raises(ShapeError, match=r"must be \(3, 2\)"):
        gain_chart(NAMES, [10, 50], VALUES, LOWER, UPPER)
    with pytest.raises(ShapeError, match="vector of draws"):
        placebo_chart([], 1.0)
    with pytest.raises(ShapeError, match=r"must be \(12, 11\)"):
        sensitivity_chart(SHARE[:11], SHARE, np.zeros((12, 12)))
