"""Search for parameters of a classifier on a validation, resumable; the figure of the best is told to be optimistic.

==========================================  ==========================================  ==============
what                                        paper                                       module
==========================================  ==========================================  ==============
tree-structured Parzen estimator            Bergstra et al. 2011, NeurIPS               study (Optuna)
stopping by the median                      Golovin et al. 2017, KDD                    study (Optuna)
spaces that depend on one another, several processes on one study                       missing
==========================================  ==========================================  ==============
"""

from causalrec.embedding.classification.search.ranges import LinearRange, LogRange, WholeRange
from causalrec.embedding.classification.search.result import ParameterSearch, SearchTrial
from causalrec.embedding.classification.search.searching import search_parameters

__all__ = ["LinearRange", "LogRange", "ParameterSearch", "SearchTrial", "WholeRange", "search_parameters"]
