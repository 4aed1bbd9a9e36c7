"""Linear structural models with latent variables, by maximum likelihood.

==========================================  ==============================================  ====================
what                                        paper                                           module
==========================================  ==============================================  ====================
text and graphs in                                                                          syntax, graph_model
implied moments and their slopes            McArdle, McDonald 1984, BJMSP                   ram
likelihood, missing values                  Bollen 1989; Arbuckle 1996                      likelihood
robust errors, scaled chi-square            Satorra, Bentler 1994; White 1982               parameter_errors
CFI, TLI, RMSEA, SRMR                       Hu, Bentler 1999                                fit_indices
modification indices                        Sörbom 1989, Psychometrika                      modification
total, direct and indirect effects          Sobel 1982, Sociological Methodology            effects
several groups, ordinal indicators          missing
bounds on parameters, nonlinear constraints missing
robust CFI and RMSEA                        missing
==========================================  ==============================================  ====================
"""

from causalrec.structural.linear_sem.coefficient import Coefficient
from causalrec.structural.linear_sem.effects import Intervention, PathEffects
from causalrec.structural.linear_sem.fit import SEMFit
from causalrec.structural.linear_sem.fit_indices import FitIndices
from causalrec.structural.linear_sem.linear_sem import LinearSEM
from causalrec.structural.linear_sem.modification import ModificationIndex
from causalrec.structural.linear_sem.parameter_table import ModelParameter

__all__ = [
    "Coefficient",
    "FitIndices",
    "Intervention",
    "LinearSEM",
    "ModelParameter",
    "ModificationIndex",
    "PathEffects",
    "SEMFit",
]
