"""Attacks on an effect: an effect that was never attacked is a guess."""

from causalrec.refutation.attack import Attack
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.battery import Battery
from causalrec.refutation.refutation import Refutation
from causalrec.refutation.refute import refute_effect

__all__ = ["Attack", "Attacked", "Battery", "Refutation", "refute_effect"]
