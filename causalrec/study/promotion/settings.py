"""What a run of the chain depends on."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice that changes a number.

    Attributes
    ----------
    graph : str
        Shipped graph, or path of a file.
    graph_text : str
        What that graph says, so that an edited file is another run.
    data : str or None
        Folder of the Parquet files; None for the package's.
    data_sha256 : dict of str to str
        Digests of those files.
    embeddings : str
        Folder of the embedding cache.
    random_state : int
    n_threads : int or None
    """

    graph: str
    graph_text: str
    data: str | None
    data_sha256: dict[str, str]
    embeddings: str
    random_state: int
    n_threads: int | None
