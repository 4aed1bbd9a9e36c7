"""Few labels: learning from texts without one, and choosing which texts to label.

==========================================  ==========================================  ====================
what                                        paper                                       module
==========================================  ==========================================  ====================
pseudo-labels, in rounds                    Lee 2013, ICML workshop                     self_training
answers spread over neighbours              Zhou et al. 2004, NeurIPS; Iscen et al.     neighbour_graph
                                            2019, CVPR
least confidence, margin, entropy           Lewis, Gale 1994, SIGIR; Scheffer et al.    uncertainty
                                            2001, IDA
k-centre greedy                             Sener, Savarese 2018, ICLR                  core_set
labelling simulated against random texts                                                learning_curve
agreement of augmented views (FixMatch)     missing
batches that are unsure and diverse         missing
==========================================  ==========================================  ====================
"""

from causalrec.embedding.few_labels.core_set import core_set, covering_radius
from causalrec.embedding.few_labels.crossed_gain import CrossedGain, crossed_gain
from causalrec.embedding.few_labels.curve import LearningCurve
from causalrec.embedding.few_labels.learning_curve import learning_curve
from causalrec.embedding.few_labels.random_texts import random_texts
from causalrec.embedding.few_labels.rounds import Round, Rounds
from causalrec.embedding.few_labels.self_training import SelfTraining
from causalrec.embedding.few_labels.uncertainty import most_uncertain, uncertainty

__all__ = [
    "CrossedGain",
    "LearningCurve",
    "Round",
    "Rounds",
    "SelfTraining",
    "core_set",
    "covering_radius",
    "crossed_gain",
    "learning_curve",
    "most_uncertain",
    "random_texts",
    "uncertainty",
]
