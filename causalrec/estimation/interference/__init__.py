"""Effects where units touch each other: friends, competitors in a slate, members of a group.

=====================================================  =======================================  =====================
what                                                   paper                                    file
=====================================================  =======================================  =====================
who is tied to whom; who is shown together                                                      network, slates
exposure to the treatment of others                                                             exposures
direct and spill-over effect by least squares          Leung 2022                               spillover_regression
the same by chances of exposure                        Aronow, Samii 2017                       exposure_weighting
lotteries, and the chances that follow                                                          assignments,
                                                                                                exposure_levels,
                                                                                                pair_probabilities
errors over path distances; communities as clusters    Leung 2022, 2023                         network_errors,
                                                                                                graph_clusters
two-stage and cluster-randomised designs               Hudgens, Halloran 2008                   two_stage
exact test of no spill-over                            Athey, Eckles, Imbens 2018               spillover_test
=====================================================  =======================================  =====================

Missing: outcomes that act on outcomes (endogenous peer effects), networks that are estimated or that the treatment
changes, two-sided markets with prices, and observational networks with homophily that no covariate shows.
"""

from causalrec.estimation.interference.assignments import (
    Assignment,
    BernoulliAssignment,
    ClusterAssignment,
    CompleteAssignment,
)
from causalrec.estimation.interference.contrasts import Contrast, SpilloverEffects
from causalrec.estimation.interference.exposure_weighting import ExposureWeighting
from causalrec.estimation.interference.exposures import Exposure, exposure
from causalrec.estimation.interference.graph_clusters import GraphClusters, graph_clusters
from causalrec.estimation.interference.network import Network, network_of, social_network
from causalrec.estimation.interference.network_errors import NetworkError, network_covariance
from causalrec.estimation.interference.slates import Slates, slates_of
from causalrec.estimation.interference.spillover_regression import SpilloverRegression
from causalrec.estimation.interference.spillover_test import SpilloverTest, spillover_test
from causalrec.estimation.interference.two_stage import two_stage_effects

__all__ = [
    "Assignment",
    "BernoulliAssignment",
    "ClusterAssignment",
    "CompleteAssignment",
    "Contrast",
    "Exposure",
    "ExposureWeighting",
    "GraphClusters",
    "Network",
    "NetworkError",
    "Slates",
    "SpilloverEffects",
    "SpilloverRegression",
    "SpilloverTest",
    "exposure",
    "graph_clusters",
    "network_covariance",
    "network_of",
    "slates_of",
    "social_network",
    "spillover_test",
    "two_stage_effects",
]
