"""Pictures from plain arrays; every function returns a matplotlib Figure and leaves pyplot alone."""

from causalrec.charts.contributions import contributions_chart
from causalrec.charts.effects import effects_chart, kinds_chart
from causalrec.charts.export import figure_png_bytes, figure_svg
from causalrec.charts.gain import gain_chart
from causalrec.charts.lag_effects import lag_chart
from causalrec.charts.lift import lift_chart
from causalrec.charts.placebo import placebo_chart
from causalrec.charts.sensitivity import sensitivity_chart

__all__ = [
    "contributions_chart", "effects_chart", "figure_png_bytes", "figure_svg", "gain_chart", "kinds_chart",
    "lag_chart", "lift_chart", "placebo_chart", "sensitivity_chart",
]  # fmt: skip
