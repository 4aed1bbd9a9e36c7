"""Edge lists in Parquet files."""

import io

from causalrec.errors import GraphError
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.document import GraphDocument
from causalrec.graph.formats.edge_table import edge_columns, from_edge_table
from causalrec.graph.formats.scanner import excerpt

__all__ = ["MAGIC", "read_parquet", "write_parquet"]

MAGIC = b"PAR1"
"""First and last bytes of a Parquet file."""

LARGEST = 512 * 1024**2
"""Bytes of cells, unpacked, that are read: a small file may unpack into very many."""


def read_parquet(content: bytes) -> CausalGraph:
    """Graph in the bytes of a Parquet file with two or three columns: a cause, an effect, a kind of edge.

    Raises
    ------
    GraphError : the bytes are no such file, or unpack into more than 512 MB.
    """
    import pyarrow
    import pyarrow.parquet

    # Where bytes are spoilt, pyarrow raises errors of its own, of decoding and of the file system.
    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
        size = sum(group.total_byte_size for group in groups)
        columns = file.read(use_threads=False).to_pydict() if size <= LARGEST else {}
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        said = excerpt(str(error).split("\n")[0])
        raise GraphError(f"The Parquet file cannot be read: {said}") from error
    if size > LARGEST:
        raise GraphError(f"The Parquet file unpacks into {size:,} bytes, more than the {LARGEST:,} that are read.")
    return from_edge_table(columns)


def write_parquet(graph: CausalGraph | GraphDocument) -> bytes:
    """Bytes of a Parquet file with the columns cause, effect and type.

    Warns
    -----
    FormatWarning : nodes are latent or have roles; a table of edges has no room for them.
    """
    import pyarrow
    import pyarrow.parquet

    columns = edge_columns(graph)
    table = pyarrow.table({name: pyarrow.array(values, pyarrow.string()) for name, values in columns.items()})
    written = io.BytesIO()
    pyarrow.parquet.write_table(table, written)
    return written.getvalue()
