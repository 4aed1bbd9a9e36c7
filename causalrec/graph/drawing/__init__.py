"""Pictures of graphs: laid out in layers, as SVG and through matplotlib.

=========================================  ==========================================  ============
what                                       paper                                       module
=========================================  ==========================================  ============
layers, longest paths, then compaction     Sugiyama, Tagawa, Toda 1981, IEEE SMC       layers
few crossings: barycentres and exchanges   Gansner et al. 1993, IEEE TSE               crossings
places along a layer: least squares        Gansner et al. 1993, IEEE TSE               coordinates
arcs around nodes                                                                      arcs
=========================================  ==========================================  ============
"""

from causalrec.graph.drawing.drawing import Drawing, draw, repr_html

__all__ = ["Drawing", "draw", "repr_html"]
