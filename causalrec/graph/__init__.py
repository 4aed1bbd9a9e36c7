"""Causal graphs: what they hold, how they are read and written, which paths they leave open.

==========================================  ==============================================  ==============
what                                        paper                                           module
==========================================  ==============================================  ==============
separation in mixed graphs, linear time     Shachter 1998, UAI                              separation
nearest minimal separator, linear time      van der Zander, Liskiewicz, Textor 2019, AIJ    separators
dagitty text                                Textor et al. 2016, Int. J. Epidemiol.          dagitty
catalogue of shipped graphs                                                                 catalogue
latent projection, drawing, ADMG districts  missing
==========================================  ==============================================  ==============
"""

from causalrec.graph.catalogue import list_graphs, load_graph, read_header
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.dagitty import read_dagitty, write_dagitty
from causalrec.graph.paths import NamedPath

__all__ = ["CausalGraph", "NamedPath", "list_graphs", "load_graph", "read_dagitty", "read_header", "write_dagitty"]
