"""`causalrec embed`: a column of texts to a column of vectors."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["embed"]


def embed(
    table: Annotated[str, typer.Argument(help="Table, one row a text: .parquet, .arrow, .feather, .csv or .tsv.")],
    text: Annotated[str, typer.Option(help="Column of the texts.")],
    out: Annotated[str, typer.Option(help="Parquet file to write: the kept columns and `vector`.")],
    model: Annotated[
        str, typer.Option(help="Folder of a model, its name on the Hugging Face hub, or minilm.")
    ] = "minilm",
    pooling: Annotated[str, typer.Option(help="mean, cls, last or 'weighted layers'.")] = "mean",
    max_tokens: Annotated[int, typer.Option(help="Tokens that the model reads at once.")] = 128,
    chunks: Annotated[bool, typer.Option("--chunks", help="Read long texts to their end, not cut.")] = False,
    keep: Annotated[
        list[str] | None, typer.Option(help="Column to carry along; repeatable. Default: all but the text.")
    ] = None,
    cache: Annotated[str | None, typer.Option(help="Folder where vectors are kept between runs.")] = None,
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="Threads to use; all cores where not given.")] = None,
) -> None:
    """Turn a column of texts into vectors, in constant memory."""
    from causalrec.embedding import TextEncoder, embed_table

    encoder = TextEncoder(
        model, pooling=pooling, max_tokens=max_tokens, long_texts="chunks" if chunks else "cut", n_threads=threads,
        precision=precision, cache=cache,
    )  # fmt: skip
    typer.echo(str(embed_table(encoder, table, out, text=text, keep=keep)))
