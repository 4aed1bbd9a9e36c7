import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from causalrec.charts import figure_svg
from causalrec.charts.dose import dose_chart
from causalrec.errors import ShapeError

DOSES, VALUES = np.array([0.0, 1.0, 2.5]), np.array([1.0, 1.5, 1.2])
OWN, JOINT = (VALUES - 0.1, VALUES + 0.1), (VALUES - 0.2, VALUES + 0.2)


def test_the_band_is_around_the_intervals_and_texts_are_taken_literally():
    figure = dose_chart(DOSES, VALUES, *OWN, *JOINT, dose_name="price $1", unit="spent", title="Less at $2")
    (axes,) = figure.axes
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(0.8)
    assert band.max() == pytest.approx(1.7)
    assert axes.lines[0].get_xdata().tolist() == DOSES.tolist()
    said = " ".join(ET.fromstring(figure_svg(figure)).itertext())
    assert re.search(r"price \$1", said)
    assert "Less at $2" in said


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ShapeError, match="one length"):
        dose_chart(DOSES[:2], VALUES, *OWN, *JOINT)
