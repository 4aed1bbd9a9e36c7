"""Datasets, designs, and the tables that travel between stages."""

from causalrec.data.columns import AbsorbedColumn, Column, TextColumn, absorbed, text
from causalrec.data.dataset import Dataset
from causalrec.data.design import Design, StreamedDesign, design
from causalrec.data.design_block import DesignBlock
from causalrec.data.design_report import DesignReport, design_report
from causalrec.data.grid import Grid, absorbed_codes, grid
from causalrec.data.histories import Histories, histories
from causalrec.data.tables import EffectScores, Predictions, Ranking

__all__ = [
    "AbsorbedColumn", "Column", "Dataset", "Design", "DesignBlock", "DesignReport", "EffectScores", "Grid", "Histories",
    "Predictions", "Ranking", "StreamedDesign", "TextColumn", "absorbed", "absorbed_codes", "design", "design_report",
    "grid", "histories", "text",
]  # fmt: skip
