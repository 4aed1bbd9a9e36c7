"""How networks learn here: one loop, checkpoints that survive a kill, callbacks and a record of each run.

======================================  ==========================================  ==============
what                                    paper                                       module
======================================  ==========================================  ==============
AdamW, with warm-up and linear decay    Loshchilov, Hutter 2019, ICLR               optimisation
batches of texts of similar length                                                  length_buckets
resume to the same bits after a kill                                                checkpoints
TensorBoard, Weights & Biases, MLflow                                               trackers
several GPUs                            missing
======================================  ==========================================  ==============
"""

from causalrec.training.callback import Callback
from causalrec.training.checkpoints import Checkpoints
from causalrec.training.length_buckets import length_buckets
from causalrec.training.loop import Learnable, Training, train
from causalrec.training.optimisation import Optimisation
from causalrec.training.run_record import Epoch, RunRecord
from causalrec.training.trackers import MlflowTracker, TensorBoardTracker, WandbTracker

__all__ = [
    "Callback", "Checkpoints", "Epoch", "Learnable", "MlflowTracker", "Optimisation", "RunRecord",
    "TensorBoardTracker", "Training", "WandbTracker", "length_buckets", "train",
]  # fmt: skip
