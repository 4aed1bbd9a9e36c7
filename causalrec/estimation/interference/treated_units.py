"""The treatment of the units of a network, as a design has it."""

from __future__ import annotations

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.interference.exposures import Neighbours, binary_treatment
from causalrec.estimation.linear.ols import refuse_absorbed

__all__ = ["one_treatment"]


def one_treatment(design: Design, near: Neighbours, owner: str) -> np.ndarray:
    """The treatment of 0 and 1 of the units of a network; float64, shape (n,).

    Raises
    ------
    DataError : a stream, several treatments, values that are not 0 and 1.
    ShapeError : other units than those of the network.
    EstimationError : everybody or nobody is treated.
    """
    if design.streamed:
        raise DataError(f"{owner} needs all units in memory; raise the dataset's memory_limit.")
    refuse_absorbed(design, owner)
    if design.treatments.shape[1] != 1:
        raise DataError(f"{owner} is for one treatment; the design has {', '.join(design.treatment_names)}.")
    if design.n != near.n:
        dropped = f" {sum(design.dropped.values()):,} rows were dropped for missing values;" if design.dropped else ""
        raise ShapeError(
            f"The design has {design.n:,} units and the network {near.n:,}:{dropped} a friend who is left out would "
            f"look untreated. Give each unit its row, or fill missing values in."
        )
    treatment = binary_treatment(design.treatments[:, 0], near.n, design.treatment_names[0])
    if treatment.min() == treatment.max():
        who = "Everybody" if treatment[0] else "Nobody"
        raise EstimationError(
            f"{who} is treated with {design.treatment_names[0]!r}: neither own treatment nor exposure has a comparison."
        )
    return treatment
