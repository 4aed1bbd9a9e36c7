"""Self-supervision without text: what a user took before tells what comes next.

==========================================  ==========================================  =======================
what                                        paper                                       module
==========================================  ==========================================  =======================
next item, causal transformer               Kang, McAuley 2018, ICDM                    history_model
full softmax over the catalogue             Klenitskiy, Vasilev 2023, RecSys            task
hidden items, both sides seen               Sun et al. 2019, CIKM                       hidden_items
sampled softmax with its correction         Bengio, Senecal 2003, AISTATS               softmax
chain of first order, smoothed              Witten, Bell 1991, IEEE Trans. Inf. Theory  references
time gaps, ratings, item attributes         missing
==========================================  ==========================================  =======================
"""

from causalrec.embedding.histories.comparison import HistoryComparison, LossReference
from causalrec.embedding.histories.history_model import HistoryModel
from causalrec.embedding.histories.item_vectors import ItemVectors

__all__ = ["HistoryComparison", "HistoryModel", "ItemVectors", "LossReference"]
