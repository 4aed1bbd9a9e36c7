"""Linear functions of a design's covariates, with blocks kept once per group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.estimation.moments.design_moments import DesignMoments

__all__ = ["LinearMap"]


@dataclass(frozen=True, slots=True, eq=False)
class LinearMap:
    """m linear functions of the covariates.

    Attributes
    ----------
    intercept : float64, shape (m,)
    coef : float64, shape (n_covariates, m)
    tables : tuple of float64 arrays, each (n_groups, m)
        What each block gives to the rows of each of its groups.
    """

    intercept: np.ndarray
    coef: np.ndarray
    tables: tuple[np.ndarray, ...] = ()

    @classmethod
    def about(cls, found: DesignMoments, coef: np.ndarray, base: np.ndarray) -> LinearMap:
        """From coefficients of the shifted covariates and blocks.

        Parameters
        ----------
        found : DesignMoments
        coef : float64, shape (p, m)
            Covariates first, then the columns of each block.
        base : float64, shape (m,)
            Values where every covariate is at the shift.
        """
        shift, start, tables = found.shift[found.n_leading :], found.n_rowwise, []
        for matrix in found.blocks:
            stop = start + matrix.shape[1]
            tables.append((matrix - shift[start:stop]) @ coef[start:stop])
            start = stop
        rowwise = coef[: found.n_rowwise]
        return cls(base - shift[: found.n_rowwise] @ rowwise, rowwise, tuple(tables))

    def of(self, batch: Design) -> np.ndarray:
        """Values at the rows of a batch; shape (n_rows, m)."""
        values = batch.covariates @ self.coef
        values += self.intercept
        for table, block in zip(self.tables, batch.blocks, strict=True):
            values += table[block.codes]
        return values

    @classmethod
    def beside(cls, maps: Sequence[LinearMap]) -> LinearMap:
        """The functions of several maps of one design as one, so that one pass over the rows gives all."""
        return cls(
            np.concatenate([one.intercept for one in maps]),
            np.column_stack([one.coef for one in maps]),
            tuple(np.column_stack(tables) for tables in zip(*(one.tables for one in maps), strict=True)),
        )
