"""Causal graphs: what they hold, how they are read, written and drawn, which paths they leave open.

==========================================  ==============================================  ====================
what                                        paper                                           module
==========================================  ==============================================  ====================
separation in mixed graphs, linear time     Shachter 1998, UAI                              separation
nearest minimal separator, linear time      van der Zander, Liskiewicz, Textor 2019, AIJ    separators
all minimal separators, polynomial delay    Takata 2010, Discrete Applied Math.             separators
cheapest separator                          van der Zander, Liskiewicz, Textor 2019, AIJ    cuts
districts, Markov blankets                  Tian, Pearl 2002, UAI; Richardson 2003          districts
latent projection                           Verma, Pearl 1990, UAI                          projection
implied independences                       Verma, Pearl 1988, UAI; Sadeghi, Lauritzen 2014  independences
CPDAG, equivalence                          Chickering 1995, UAI; Verma, Pearl 1990, UAI    markov_class
classes of graphs, background knowledge     Meek 1995, UAI; Dor, Tarsi 1992                 partial_graph, meek
formats                                     Textor et al. 2016, Int. J. Epidemiol.          formats
pictures in layers                          Sugiyama, Tagawa, Toda 1981, IEEE SMC           drawing
catalogue of shipped graphs                                                                 catalogue
partial ancestral graphs                    missing
==========================================  ==============================================  ====================
"""

from causalrec.graph.catalogue import list_graphs, load_document, load_graph, read_header
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats import (
    FormatWarning,
    GraphDocument,
    read_dagitty,
    read_document,
    read_graph,
    write_dagitty,
    write_graph,
)
from causalrec.graph.independence import Independence
from causalrec.graph.markov_class import cpdag, equivalent
from causalrec.graph.partial_graph import PartialGraph
from causalrec.graph.paths import NamedPath

__all__ = [
    "CausalGraph",
    "FormatWarning",
    "GraphDocument",
    "Independence",
    "NamedPath",
    "PartialGraph",
    "cpdag",
    "equivalent",
    "list_graphs",
    "load_document",
    "load_graph",
    "read_dagitty",
    "read_document",
    "read_graph",
    "read_header",
    "write_dagitty",
    "write_graph",
]
