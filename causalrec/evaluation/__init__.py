"""How good a ranking is: what treating its top would gain, and how well it foresees what users do."""

from causalrec.evaluation.bootstrap import percentile_interval, pigeonhole_weights, resampling_weights
from causalrec.evaluation.comparison import Gain, GainComparison, GainDifference
from causalrec.evaluation.counts import TreatmentCounts, candidates, treated_share, treatment_counts
from causalrec.evaluation.gain import compare_gain, uplift_gain
from causalrec.evaluation.metrics import METRICS, evaluate
from causalrec.evaluation.prediction import auc, auc_by_group, log_loss, mean_squared_error
from causalrec.evaluation.ranking import ndcg, precision, recall

__all__ = [
    "METRICS", "Gain", "GainComparison", "GainDifference", "TreatmentCounts", "auc", "auc_by_group", "candidates",
    "compare_gain", "evaluate", "log_loss", "mean_squared_error", "ndcg", "percentile_interval", "pigeonhole_weights",
    "precision", "recall", "resampling_weights", "treated_share", "treatment_counts", "uplift_gain",
]  # fmt: skip
