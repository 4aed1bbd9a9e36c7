"""The chain on the Complete Journey: what a promotion causes, whom to promote to, and why."""

from causalrec.study.promotion.chain import promotion_study

__all__ = ["promotion_study"]
