"""Recommenders: one contract, floors to beat, factorisation, a joint model, and ranking by what works.

=============================================  ===================================  ====================
what                                           paper                                module
=============================================  ===================================  ====================
contract and shared mechanics                                                       contract
popularity; smoothed purchase rates                                                 floors
implicit-feedback least squares                Hu, Koren, Volinsky 2008, ICDM       als
ids, attributes and text; effects taken out                                         joint
ranking by effect                                                                   uplift
ranking under a budget                         Dantzig 1957, Operations Res. 5(2)   budget
debiasing wrappers for ratings, re-ranking     missing
=============================================  ===================================  ====================
"""

from causalrec.recommendation.als import ALSRecommender
from causalrec.recommendation.budget import rank_under_budget
from causalrec.recommendation.contract import Recommender
from causalrec.recommendation.floors import PopularityRecommender, PurchaseRateRecommender
from causalrec.recommendation.joint import JointRecommender
from causalrec.recommendation.uplift import rank_by_uplift

__all__ = [
    "ALSRecommender", "JointRecommender", "PopularityRecommender", "PurchaseRateRecommender", "Recommender",
    "rank_by_uplift", "rank_under_budget",
]  # fmt: skip
