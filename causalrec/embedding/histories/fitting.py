"""From parameters and histories to a network that tells what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalrec.embedding.histories.comparison import HistoryComparison, compared
from causalrec.embedding.histories.network import HistoryNetwork, NetworkShape, build_network
from causalrec.embedding.histories.own_order import OwnOrder, own_order
from causalrec.embedding.histories.plan import Plan, identifying, plan, shown_parameters
from causalrec.embedding.histories.reading import Items
from causalrec.embedding.histories.references import item_counts
from causalrec.embedding.histories.task import HistoryTask
from causalrec.embedding.histories.windows import windows
from causalrec.threads import limit_threads
from causalrec.training import RunRecord, Training, train
from causalrec.training.run_record import library_versions

if TYPE_CHECKING:
    from causalrec.embedding.histories.history_model import HistoryModel

__all__ = ["Learned", "learn", "shape_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What a model of histories knows."""

    network: HistoryNetwork
    items: Items
    comparison: HistoryComparison | None
    record: RunRecord


def learn(model: HistoryModel, histories: Sequence[Sequence[Any] | None]) -> Learned:
    """Everything from the ids to the network and its figures."""
    planned = plan(model)
    seed = planned.settings.random_state
    data = own_order(histories, model.validation_share, seed)
    learning, held = ([data.codes[row] for row in rows] for rows in (data.learning, data.validation))
    # A place that no history reaches would have no weights worth asking.
    n_places = min(int(model.max_items) + 1, max(map(len, learning)))
    network = build_network(shape_of(model, len(data.items), n_places), item_counts(learning, len(data.items)), seed)
    task = HistoryTask(
        network, windows(learning, n_places), windows(held, n_places),
        None if network.shape.looks_back_only else model.mask_share, model.n_negatives, int(model.batch_size), seed,
    )  # fmt: skip
    training = train(
        task, planned.settings, device=planned.device, precision=planned.precision, n_threads=model.n_threads,
        checkpoints=planned.checkpoints, identity={**identifying(model), "histories": data.digest()},
        callbacks=model.callbacks,
    )  # fmt: skip
    with limit_threads(model.n_threads):
        comparison = compared(network, learning, held)
    return Learned(network, data.items, comparison, _record(model, planned, data, network, training))


def shape_of(model: HistoryModel, n_items: int, n_places: int) -> NetworkShape:
    """Sizes of the network."""
    return NetworkShape(
        n_items, n_places, int(model.n_dimensions), int(model.n_layers), int(model.n_heads),
        float(model.dropout), model.objective == "next",
    )  # fmt: skip


def _record(
    model: HistoryModel, planned: Plan, data: OwnOrder, network: HistoryNetwork, training: Training
) -> RunRecord:  # fmt: skip
    n_weights = sum(weight.numel() for weight in network.module.parameters())
    record = RunRecord(
        "HistoryModel", shown_parameters(model), library_versions(), data.facts(), n_weights, n_weights,
        planned.device, planned.precision, training.epochs, training.best_epoch, training.stopped_early,
        training.resumed,
    )  # fmt: skip
    for callback in model.callbacks:
        callback.on_end(record)
    return record
