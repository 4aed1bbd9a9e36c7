"""Pictures from plain arrays; every function returns a matplotlib Figure and leaves pyplot alone."""

from causalrec.charts.contributions import contributions_chart
from causalrec.charts.effects import effects_chart, kinds_chart
from causalrec.charts.export import figure_png_bytes, figure_svg
from causalrec.charts.gain import gain_chart
from causalrec.charts.influence import influence_chart
from causalrec.charts.lag_effects import lag_chart
from causalrec.charts.learning_curve import learning_curve_chart
from causalrec.charts.lift import lift_chart
from causalrec.charts.love_plot import love_plot
from causalrec.charts.placebo import placebo_chart
from causalrec.charts.propensity_histogram import propensity_histogram
from causalrec.charts.sensitivity import sensitivity_chart
from causalrec.charts.specification_curve import specification_chart

__all__ = [
    "contributions_chart",
    "effects_chart",
    "figure_png_bytes",
    "figure_svg",
    "gain_chart",
    "influence_chart",
    "kinds_chart",
    "lag_chart",
    "learning_curve_chart",
    "lift_chart",
    "love_plot",
    "placebo_chart",
    "propensity_histogram",
    "sensitivity_chart",
    "specification_chart",
]
