"""Formats of causal graphs, both ways: reading what was written gives an equal graph, for all that a format can say.

============  =============================================  ================
what          where it is described                          module
============  =============================================  ================
dagitty       Textor et al. 2016, Int. J. Epidemiol.         dagitty
JSON          ``graph.schema.json``                          json_text
DOT           Graphviz                                       dot
GML           Himsolt 1997, University of Passau             gml
Mermaid       flowcharts                                     mermaid
lavaan        Rosseel 2012, J. Stat. Softw.                  lavaan
edge lists    CSV text, tables, Parquet files                edge_list, edge_table, parquet
networkx      DiGraph, MultiDiGraph                          networkx_graph
DoWhy         CausalModel, CausalGraph, graphical models     dowhy_graph
pgmpy         DAG, ADMG, Bayesian networks                   pgmpy_graph
GraphML, XMLBIF, undirected and partly directed graphs       missing
============  =============================================  ================

No reader executes or imports anything, follows a reference to a file, or takes more than linear time
and memory.
"""

from causalrec.graph.formats.dagitty import read_dagitty, write_dagitty
from causalrec.graph.formats.detection import detect_format
from causalrec.graph.formats.document import GraphDocument
from causalrec.graph.formats.dot import read_dot, write_dot
from causalrec.graph.formats.dowhy_graph import from_dowhy, to_dowhy
from causalrec.graph.formats.edge_list import read_edge_list, write_edge_list
from causalrec.graph.formats.edge_table import edge_columns, from_edge_table
from causalrec.graph.formats.gml import read_gml, write_gml
from causalrec.graph.formats.json_text import read_json, schema, write_json
from causalrec.graph.formats.lavaan import read_lavaan, write_lavaan
from causalrec.graph.formats.losses import FormatWarning
from causalrec.graph.formats.mermaid import read_mermaid, write_mermaid
from causalrec.graph.formats.networkx_graph import from_networkx, to_networkx
from causalrec.graph.formats.parquet import read_parquet, write_parquet
from causalrec.graph.formats.pgmpy_graph import PgmpyArguments, from_pgmpy, to_pgmpy
from causalrec.graph.formats.registry import FORMATS, TextFormat, read_document, read_graph, write_graph

__all__ = [
    "FORMATS",
    "FormatWarning",
    "GraphDocument",
    "PgmpyArguments",
    "TextFormat",
    "detect_format",
    "edge_columns",
    "from_dowhy",
    "from_edge_table",
    "from_networkx",
    "from_pgmpy",
    "read_dagitty",
    "read_document",
    "read_dot",
    "read_edge_list",
    "read_gml",
    "read_graph",
    "read_json",
    "read_lavaan",
    "read_mermaid",
    "read_parquet",
    "schema",
    "to_dowhy",
    "to_networkx",
    "to_pgmpy",
    "write_dagitty",
    "write_dot",
    "write_edge_list",
    "write_gml",
    "write_graph",
    "write_json",
    "write_lavaan",
    "write_mermaid",
    "write_parquet",
]
