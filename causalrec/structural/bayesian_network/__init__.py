"""Discrete Bayesian networks over a causal graph.

==========================================  ==============================================  ========================
what                                        paper                                           module
==========================================  ==============================================  ========================
tables with Dirichlet priors                Spiegelhalter, Lauritzen 1990, Networks         network, posterior
missing values: expectation maximisation    Dempster, Laird, Rubin 1977, J. R. Stat. Soc.   expectation_maximisation
missing values: spread of the posterior     Tanner, Wong 1987, J. Am. Stat. Assoc.          posterior
elimination of nodes by a good order        Dechter 1999, Artif. Intell.                    contraction, inference
interventions by truncated factorisation    Pearl 2009, Causality                           inference
most probable levels                        Dawid 1992, Stat. Comput.                       most_probable
BIC; BDeu                                   Schwarz 1978; Heckerman et al. 1995             scores
BIF                                         Cozman 1998                                     bif
search for the graph; continuous nodes      missing (falsification tests a given graph)
counterfactuals of one unit                 missing: tables do not say how noise is shared
hidden nodes without any value              missing (latent classes)
==========================================  ==============================================  ========================
"""

from causalrec.structural.bayesian_network.distribution import Distribution, MostProbable
from causalrec.structural.bayesian_network.network import BayesianNetwork
from causalrec.structural.bayesian_network.network_effect import NetworkEffect
from causalrec.structural.bayesian_network.stated_tables import Given

__all__ = ["BayesianNetwork", "Distribution", "Given", "MostProbable", "NetworkEffect"]
