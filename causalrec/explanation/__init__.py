"""Why an item is recommended: parts that sum to the score, what would have been without, causal paths."""

from causalrec.explanation.explain import explain
from causalrec.explanation.explanation import Explanation, PairEffect, Removal
from causalrec.explanation.paths import causal_paths

__all__ = ["Explanation", "PairEffect", "Removal", "causal_paths", "explain"]
