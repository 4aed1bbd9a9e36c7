"""Cleaning of logs in named steps, each of which reports how many rows it took."""

from causalrec.data.cleaning.clean import clean
from causalrec.data.cleaning.duplicates import DropDuplicates
from causalrec.data.cleaning.implausible import DropBots, DropImpossibleTimes
from causalrec.data.cleaning.minimum import MinimumCounts
from causalrec.data.cleaning.outcomes import CountRows, CountsToOutcome, RatingsToOutcome
from causalrec.data.cleaning.report import CleaningReport, Step, StepReport
from causalrec.data.cleaning.sessions import Sessions

__all__ = [
    "CleaningReport", "CountRows", "CountsToOutcome", "DropBots", "DropDuplicates", "DropImpossibleTimes",
    "MinimumCounts", "RatingsToOutcome", "Sessions", "Step", "StepReport", "clean",
]  # fmt: skip
