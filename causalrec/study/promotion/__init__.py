"""The chain on the Complete Journey: what a promotion causes, whom to promote to, and why."""

from causalrec.study.promotion.chain import PromotionResult, promotion_study

__all__ = ["PromotionResult", "promotion_study"]
