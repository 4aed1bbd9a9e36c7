"""A small problem that a network of two layers can learn."""

import numpy as np
import pytest


class Circle:
    """Whether points lie inside a circle; the network has dropout, so that random numbers matter."""

    def __init__(self, seed=0, *, validated=True):
        import torch

        rng = np.random.default_rng(seed)
        points = rng.normal(size=(160, 2)).astype(np.float32)
        self.points, self.inside = torch.from_numpy(points), torch.from_numpy((points**2).sum(axis=1) < 1.4)
        self.validated = validated
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.module = torch.nn.Sequential(
                torch.nn.Linear(2, 16), torch.nn.BatchNorm1d(16), torch.nn.Tanh(), torch.nn.Dropout(0.2),
                torch.nn.Linear(16, 1),
            )  # fmt: skip

    def batches(self, epoch):
        return np.split(np.random.default_rng([7, epoch]).permutation(120), 6)

    def loss(self, rows):
        return self._loss(np.asarray(rows))

    def validate(self):
        if not self.validated:
            return {}
        rows = np.arange(120, 160)
        right = (self.module(self.points[rows])[:, 0] > 0) == self.inside[rows]
        return {"loss": float(self._loss(rows)), "accuracy": float(right.float().mean())}

    def _loss(self, rows):
        import torch

        logits = self.module(self.points[rows])[:, 0]
        return torch.nn.functional.binary_cross_entropy_with_logits(logits, self.inside[rows].float())


@pytest.fixture
def circle():
    return Circle
