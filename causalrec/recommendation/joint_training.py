"""Fitting the joint model: slopes by Newton's method, factors by L-BFGS on all users and items at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from causalrec.recommendation.item_facts import ItemFacts
from causalrec.recommendation.joint_score import HistoryTerms, shifts
from causalrec.recommendation.periods import Period

__all__ = ["Factors", "fit_factors", "fit_slopes"]

ITERATIONS_A_CHECK = 10
HELD_OUT = 0.1  # of the users
SCALE = 1e-4  # of the loss, so that steps are of order one


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """Fitted factors.

    Attributes
    ----------
    taste, vectors : float64, shape (n_items, n_factors)
    slopes : float64, shape (2,)
    losses : tuple of float
        Loss of the held-out users, a purchase, before the first step and after each check.
    """

    taste: np.ndarray
    vectors: np.ndarray
    slopes: np.ndarray
    losses: tuple[float, ...]


def fit_slopes(terms: list[HistoryTerms], follows: list[Period], rate: list[np.ndarray]) -> np.ndarray:
    """Slopes of the own and the recent purchases.

    Purchases of an item in a period share shocks (a season, a promotion), so every item has an effect of
    its own in every period; it is profiled out and forgotten.

    Returns
    -------
    slopes : float64, shape (2,)
    """
    from scipy.special import expit, logit

    slopes = np.array([0.9, 0.1])
    for _ in range(8):
        gradient, hessian = np.zeros(2), 1e-6 * np.eye(2)
        for part, after, own_rate in zip(terms, follows, rate, strict=True):
            log_odds = logit(own_rate) + slopes[0] * part.own + slopes[1] * part.recent
            share = expit(log_odds + shifts(log_odds, after.bought, after.visits))
            weight = after.visits[:, None] * share * (1 - share)
            total = np.maximum(weight.sum(axis=0), 1e-12)
            centred = [z - (weight * z).sum(axis=0) / total for z in (part.own, part.recent)]
            rest = after.bought - after.visits[:, None] * share
            gradient += [(rest * z).sum() for z in centred]
            hessian += [[(weight * one * two).sum() for two in centred] for one in centred]
        step = np.linalg.solve(hessian, gradient)
        slopes = slopes + step
        if np.abs(step).max() < 1e-3:
            break
    return slopes


def fit_factors(
    terms: list[HistoryTerms], follows: list[Period], rate: list[np.ndarray], slopes: np.ndarray, facts: ItemFacts, *,
    n_factors: int, l2: float, n_epochs: int, random_state: int,
) -> Factors:  # fmt: skip
    """Maximise the penalised binomial likelihood; stop when a held-out tenth of the users gets no better."""
    import torch

    held = np.random.default_rng(random_state).random(len(follows[0].visits)) < HELD_OUT
    blocks = [_tensors(*one, slopes) for one in zip(terms, follows, rate, strict=True)]
    fitted = [_rows(block, ~held) for block in blocks]
    checked = [_rows(block, held) for block in blocks]
    model = _Parameters(facts, blocks, n_factors, random_state)
    optimiser = torch.optim.LBFGS(
        model.all, max_iter=ITERATIONS_A_CHECK, history_size=20, line_search_fn="strong_wolfe", tolerance_grad=0.0,
        tolerance_change=0.0,
    )  # fmt: skip

    def closure():
        optimiser.zero_grad()
        loss = SCALE * (model.loss(fitted) + l2 * model.penalty())
        loss.backward()
        return loss

    losses, best = _descend(lambda: optimiser.step(closure), model, checked, max(1, n_epochs // ITERATIONS_A_CHECK))
    n_bought = max(sum(float(block.bought.sum()) for block in checked), 1.0)
    vectors, taste = (side.double().numpy() for side in best[:2])
    return Factors(taste, vectors, slopes + best[2].double().numpy(), tuple(loss / n_bought for loss in losses))


def _descend(step: Callable[[], object], model: _Parameters, checked: list, n_checks: int):
    import torch

    with torch.no_grad():
        losses, best = [float(model.loss(checked))], model.state()
    for _ in range(n_checks):
        step()
        with torch.no_grad():
            losses.append(float(model.loss(checked)))
            if not losses[-1] < min(losses[:-1]):
                break
            best = model.state()
    return losses, best


@dataclass(frozen=True, slots=True)
class _Block:
    """Tensors of one period, float32, (n_users, n_items); visits (n_users, 1)."""

    fixed: object
    own: object
    recent: object
    gate: object
    weight: object
    bought: object
    visits: object


def _tensors(terms: HistoryTerms, after: Period, rate: np.ndarray, slopes: np.ndarray) -> _Block:
    import torch
    from scipy.special import logit

    log_odds = logit(rate) + slopes[0] * terms.own + slopes[1] * terms.recent
    fixed = log_odds + shifts(log_odds, after.bought, after.visits)
    arrays = fixed, terms.own, terms.recent, terms.gate, terms.weight, after.bought, after.visits[:, None]
    return _Block(*(torch.tensor(array, dtype=torch.float32) for array in arrays))


def _rows(block: _Block, chosen: np.ndarray) -> _Block:
    import torch

    mask = torch.from_numpy(chosen)
    return _Block(*(getattr(block, name)[mask] for name in _Block.__slots__))


class _Parameters:
    """Item vectors as sums of an own part, one for each attribute, and a map of the text; both sides."""

    def __init__(self, facts: ItemFacts, blocks: list[_Block], n_factors: int, random_state: int):
        import torch

        generator = torch.Generator().manual_seed(random_state)
        n_items = len(facts.text)
        sizes = [n_items, *(int(codes.max()) + 1 for codes in facts.codes)]
        sizes += [facts.text.shape[1]] if facts.text.shape[1] else []
        # One side starts at zero: an item that nobody bought keeps no random part of its own.
        self.p = [torch.zeros(size, n_factors, requires_grad=True) for size in sizes]
        self.q = [(0.05 * torch.randn(size, n_factors, generator=generator)).requires_grad_() for size in sizes]
        self.shocks = [torch.zeros(n_items, requires_grad=True) for _ in blocks]
        self.slopes = torch.zeros(2, requires_grad=True)
        self.all = [*self.p, *self.q, *self.shocks, self.slopes]
        self.codes = [torch.from_numpy(codes) for codes in facts.codes]
        self.text = torch.from_numpy(facts.text)

    def vectors(self, parts: list):
        """The sum of an item's parts, (n_items, n_factors)."""
        total = parts[0]
        for code, part in zip(self.codes, parts[1:], strict=False):
            total = total + part[code]
        return total + self.text @ parts[-1] if self.text.shape[1] else total

    def loss(self, blocks: list[_Block]):
        """Negative log likelihood, constants left out."""
        p, q = self.vectors(self.p), self.vectors(self.q)
        nll = _binomial_loss()
        return sum(nll(self._log_odds(b, p, q, shock), b) for b, shock in zip(blocks, self.shocks, strict=True))

    def penalty(self):
        """Squared length of all parts; the shocks are free."""
        return sum((part**2).sum() for part in (*self.p, *self.q))

    def state(self) -> tuple:
        """Item vectors of both sides and the change of the slopes."""
        return tuple(t.detach().clone() for t in (self.vectors(self.p), self.vectors(self.q), self.slopes))

    def _log_odds(self, block: _Block, p, q, shock):
        others = (block.weight @ q) @ p.T - block.weight * (p * q).sum(dim=1)
        own = block.fixed + self.slopes[0] * block.own + self.slopes[1] * block.recent
        return own + shock + block.gate * others


def _binomial_loss():
    """Sum of visits * log(1 + exp(s)) - bought * s; its derivative is kept instead of the graph of three steps."""
    import torch

    class BinomialLoss(torch.autograd.Function):
        @staticmethod
        def forward(context, log_odds, bought, visits):
            share = torch.sigmoid(log_odds)
            # By rows in double precision: single sums of a million terms lose what an iteration gains.
            loss = torch.nn.functional.softplus(log_odds).sum(1, dtype=torch.float64) @ visits[:, 0].double()
            loss = loss - (bought * log_odds).sum(dtype=torch.float64)
            context.save_for_backward(share.mul_(visits).sub_(bought))
            return loss

        @staticmethod
        def backward(context, gradient):
            return context.saved_tensors[0] * gradient.float(), None, None

    return lambda log_odds, block: BinomialLoss.apply(log_odds, block.bought, block.visits)
