"""Datasets, designs, and the tables that travel between stages."""

from causalrec.data.columns import AbsorbedColumn, Column, TextColumn, absorbed, text
from causalrec.data.dataset import Dataset
from causalrec.data.design import Design, design
from causalrec.data.grid import Grid, absorbed_codes, grid
from causalrec.data.histories import Histories, histories
from causalrec.data.tables import EffectScores, Predictions, Ranking

__all__ = [
    "AbsorbedColumn", "Column", "Dataset", "Design", "EffectScores", "Grid", "Histories", "Predictions", "Ranking",
    "TextColumn", "absorbed", "absorbed_codes", "design", "grid", "histories", "text",
]  # fmt: skip
