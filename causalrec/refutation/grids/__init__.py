"""Attacks on an effect of a log of visits, from the margins of its grid."""

from causalrec.refutation.grids.attacked_grid import AttackedGrid, attacked_grid
from causalrec.refutation.grids.grid_battery import refute_grid
from causalrec.refutation.grids.hidden_confounder import hidden_confounder
from causalrec.refutation.grids.leads import lead_test
from causalrec.refutation.grids.placebo import permuted_placebo

__all__ = ["AttackedGrid", "attacked_grid", "hidden_confounder", "lead_test", "permuted_placebo", "refute_grid"]
