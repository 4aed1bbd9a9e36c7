"""`causalrec finetune`: labelled texts to a classifier."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["finetune"]


def finetune(
    table: Annotated[str, typer.Argument(help="Table, one row a text: .parquet, .arrow, .feather, .csv or .tsv.")],
    text: Annotated[str, typer.Option(help="Column of the texts.")],
    label: Annotated[str, typer.Option(help="Column of their classes.")],
    out: Annotated[str, typer.Option(help="Folder to write the classifier to.")],
    model: Annotated[
        str, typer.Option(help="Folder of a model, its name on the Hugging Face hub, or minilm.")
    ] = "minilm",
    test: Annotated[str | None, typer.Option(help="Another table, only to score the answers.")] = None,
    epochs: Annotated[
        int | None, typer.Option(help="At most; default 4, 8 and 30 with --tuning prompts and frozen.")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Its peak.")] = None,
    batch_size: Annotated[int, typer.Option(help="Texts of a step.")] = 16,
    max_tokens: Annotated[int, typer.Option(help="Longer texts are cut there.")] = 128,
    validation_share: Annotated[float, typer.Option(help="Of each class's texts, held out.")] = 0.1,
    patience: Annotated[int | None, typer.Option(help="Epochs without a better one before it stops.")] = None,
    tuning: Annotated[
        str, typer.Option(help="What learns: full, frozen, lora, prompts, prefixes or adapters; lora:8 gives a size.")
    ] = "full",
    cache: Annotated[str | None, typer.Option(help="Folder where a frozen trunk's vectors are kept.")] = None,
    checkpoints: Annotated[str | None, typer.Option(help="Folder from which a killed run goes on.")] = None,
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    seed: Annotated[int, typer.Option(help="Of all random numbers.")] = 0,
    threads: Annotated[int | None, typer.Option(help="Threads to use; all cores where not given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print parameters and figures as JSON.")] = False,
) -> None:
    """Fine-tune a pretrained model for classes of texts."""
    import json

    from causalrec.embedding.classification import TextClassifier, finetune_table
    from causalrec.embedding.classification.tuning.ways import named_tuning

    classifier = TextClassifier(
        model, n_epochs=epochs, learning_rate=learning_rate, batch_size=batch_size, max_tokens=max_tokens,
        validation_share=validation_share, patience=patience, tuning=named_tuning(tuning), cache=cache,
        checkpoint_folder=checkpoints, precision=precision, device=device, random_state=seed,
        n_threads=threads,
    )  # fmt: skip
    done = finetune_table(classifier, table, out, text=text, label=label, test=test)
    typer.echo(json.dumps(done.to_dict(), indent=2) if as_json else str(done))
