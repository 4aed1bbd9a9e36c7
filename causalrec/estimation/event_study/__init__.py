"""Difference in differences with staggered adoption, and event studies."""

from causalrec.estimation.event_study.difference_in_differences import DifferenceInDifferences
from causalrec.estimation.event_study.effects_by import EffectsBy
from causalrec.estimation.event_study.group_times import GroupTimes

__all__ = ["DifferenceInDifferences", "EffectsBy", "GroupTimes"]
