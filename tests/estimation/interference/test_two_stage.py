"""Two-stage lotteries: unbiased over all of them, and intervals that cover."""

from itertools import combinations, product

import numpy as np
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError, EstimationError, MissingColumnsError
from causalrec.estimation.interference.two_stage import two_stage_effects
from tests.estimation.planted import exact_interval

N_COVERAGE, N_GROUPS = 250, 40
COLUMNS = {"treatment": "invited", "outcome": "came", "group": "village", "saturation": "share"}


class World:
    """Groups with their own level, direct effect and spill-over."""

    def __init__(self, sizes, seed=99):
        rng = np.random.default_rng(seed)
        self.sizes, n_groups = np.asarray(sizes), len(sizes)
        self.groups = np.repeat(np.arange(n_groups), sizes)
        n = len(self.groups)
        self.level = rng.normal(size=n_groups)[self.groups] + rng.normal(size=n)
        self.direct = 1 + (0.5 * rng.normal(size=n_groups))[self.groups] + 0.5 * rng.normal(size=n)
        self.spill = 2 + rng.normal(size=n_groups)[self.groups]

    def n_treated(self, share):
        return np.round(np.asarray(share) * self.sizes).astype(int)

    def outcome(self, share, own):
        others = (self.n_treated(share)[self.groups] - own) / (self.sizes[self.groups] - 1)
        return self.level + self.direct * own + self.spill * others

    def truth(self, low, high, each="group"):
        def mean(values):
            by_group = np.bincount(self.groups, values) / self.sizes
            return by_group.mean() if each == "group" else values.mean()

        def overall(share):
            k = (self.n_treated(share) / self.sizes)[self.groups]
            return mean(k * self.outcome(share, 1) + (1 - k) * self.outcome(share, 0))

        many, few = (mean(self.outcome(high, own)) for own in (1, 0)), mean(self.outcome(low, 0))
        treated, untreated = many
        return np.array([treated - untreated, untreated - few, treated - few, overall(high) - overall(low)])

    def data(self, share, own):
        table = {"village": self.groups, "share": np.asarray(share, dtype=float)[self.groups], "invited": own,
                 "came": self.outcome(share, own)}  # fmt: skip
        return Dataset.from_frames(table)

    def draw(self, low, high, seed):
        rng = np.random.default_rng(seed)
        share = np.full(len(self.sizes), low)
        share[rng.permutation(len(share))[: len(share) // 2]] = high
        counts = zip(self.sizes, self.n_treated(share), strict=True)
        own = np.concatenate([rng.permutation(np.arange(size) < k) for size, k in counts])
        return self.data(share, own.astype(float))


@pytest.mark.parametrize(("low", "high", "each", "sizes"), [
    (0.25, 0.75, "group", [12]), (0.0, 0.5, "group", [12]), (0.25, 0.75, "unit", [8, 12, 24]),
])  # fmt: skip
def test_intervals_cover(low, high, each, sizes):
    world = World(np.resize(sizes, N_GROUPS))
    truth, hits, naive = world.truth(low, high, each), np.zeros(4), 0
    error = []
    for seed in range(N_COVERAGE):
        data = world.draw(low, high, seed)
        found = two_stage_effects(data, **COLUMNS, each=each)
        ends = np.array([one.interval() for one in found.contrasts])
        hits += (ends[:, 0] <= truth) & (truth <= ends[:, 1])
        error.append([one.value for one in found.contrasts] - truth)
        naive += independent_covers(data, low, high, truth[1])
    for one in hits:
        assert exact_interval(int(one), N_COVERAGE)[1] >= 0.95, f"{hits / N_COVERAGE}"
    assert exact_interval(naive, N_COVERAGE)[1] < 0.95, "errors of independent units would do"
    if each == "group":
        assert (np.abs(np.mean(error, axis=0)) < 4 * np.std(error, axis=0) / N_COVERAGE**0.5).all()


def independent_covers(data, low, high, truth):
    table = data.tables["interactions"].to_pandas()
    many, few = (table.came[(table.share == share) & (table.invited == 0)] for share in (high, low))
    error = (many.var() / len(many) + few.var() / len(few)) ** 0.5
    return int(abs(many.mean() - few.mean() - truth) < 1.96 * error)


def test_over_all_lotteries_estimates_are_unbiased_and_variances_large_enough():
    world, values, variances = World([4, 4, 4, 4], seed=1), [], []
    halves = [np.isin(np.arange(4), pair).astype(float) for pair in combinations(range(4), 2)]
    for many in combinations(range(4), 2):
        share = np.where(np.isin(np.arange(4), many), 0.5, 0.0)
        for first, second in product(halves, halves):
            own = np.zeros((4, 4))
            own[list(many)] = first, second
            found = two_stage_effects(world.data(share, own.ravel()), **COLUMNS)
            values.append([one.value for one in found.contrasts])
            variances.append([one.stderr**2 for one in found.contrasts])
    np.testing.assert_allclose(np.mean(values, axis=0), world.truth(0.0, 0.5), atol=1e-10)
    assert (np.mean(variances, axis=0) >= np.var(values, axis=0)).all()


def test_the_formulas_by_hand():
    came = [0.0, 0.2, 0.1, 0.3, 3.0, 3.4, 1.0, 1.6, 4.0, 4.2, 2.0, 2.6, 0.5, 0.1]
    village = [1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5]
    invited = [0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0]
    share = [0.5 if v in (3, 4) else 0 for v in village]
    table = {"village": village, "invited": invited, "came": came, "share": share}
    found = two_stage_effects(Dataset.from_frames(table), **COLUMNS)
    within = [(0.4**2 / 2) / 2 + (0.6**2 / 2) / 2, (0.2**2 / 2) / 2 + (0.6**2 / 2) / 2]
    between = np.var([1.9, 1.8], ddof=1)
    assert found.direct.value == pytest.approx(1.85)
    assert found.direct.stderr**2 == pytest.approx((1 - 2 / 5) * between / 2 + sum(within) / (2 * 5))
    few = [0.1, 0.2, 0.3]
    assert found.spillover.value == pytest.approx(1.8 - 0.2)
    assert found.spillover.stderr**2 == pytest.approx(np.var([1.3, 2.3], ddof=1) / 2 + np.var(few, ddof=1) / 3)
    assert found.total.value == pytest.approx(3.65 - 0.2)
    assert found.overall.value == pytest.approx(np.mean([2.25, 3.2]) - 0.2)
    assert "2 groups of one policy: take the errors as a rough guide" in str(found)


def test_welch_degrees_of_freedom_are_scipys():
    from scipy.stats import ttest_ind

    world = World(np.full(20, 6))
    data = world.draw(0.0, 0.5, 3)
    table = data.tables["interactions"].to_pandas()
    means = table[table.invited == 0].groupby(["share", "village"]).came.mean()
    oracle = ttest_ind(means[0.5], means[0.0], equal_var=False)
    found = two_stage_effects(data, **COLUMNS).spillover
    assert found.dof == pytest.approx(oracle.df)
    np.testing.assert_allclose(found.interval(), oracle.confidence_interval(0.95))


def test_whole_groups_tell_the_total_alone():
    world = World(np.full(30, 8))
    share = (np.arange(30) % 2).astype(float)
    found = two_stage_effects(world.data(share, share[world.groups]), **COLUMNS)
    assert found.direct is None
    assert found.spillover is None
    assert found.overall is None
    lower, upper = found.total.interval()
    assert lower < 3 < upper
    assert "no direct effect" in str(found)
    assert [one.name for one in found.contrasts] == ["total"]


def test_of_several_policies_two_are_said():
    world = World(np.full(30, 8))
    share = np.resize([0.0, 0.25, 0.75], 30)
    own = np.concatenate([np.arange(8) < k for k in world.n_treated(share)]).astype(float)
    data = world.data(share, own)
    with pytest.raises(DataError, match=r"holds 3 policies \(0, 0.25, 0.75\); say which two"):
        two_stage_effects(data, **COLUMNS)
    with pytest.raises(DataError, match="must be two of the policies"):
        two_stage_effects(data, **COLUMNS, low=0.0, high=0.5)
    with pytest.raises(DataError, match="low='few'"):
        two_stage_effects(data, **COLUMNS, low="few", high=0.75)
    found = two_stage_effects(data, **COLUMNS, low=0.25, high=0.75)
    assert found.n == 160
    assert len(found.contrasts) == 4


def test_order_does_not_matter():
    world = World(np.full(20, 6))
    data = world.draw(0.0, 0.5, 3)
    table = data.tables["interactions"]
    order = np.random.default_rng(0).permutation(table.num_rows)
    other = two_stage_effects(Dataset.from_frames(table.take(order)), **COLUMNS)
    for left, right in zip(two_stage_effects(data, **COLUMNS).contrasts, other.contrasts, strict=True):
        assert (left.value, left.stderr) == pytest.approx((right.value, right.stderr), rel=1e-12)


def test_tables_that_do_not_fit():
    rows = {"village": [1, 1, 2, 2], "share": [0.0, 0.0, 0.5, 0.5], "invited": [0, 0, 1, 0], "came": [0.0, 1, 2, 3]}

    def refused(words, error=DataError, **changes):
        with pytest.raises(error, match=words):
            two_stage_effects(Dataset.from_frames({**rows, **changes}), **COLUMNS)

    refused("1 'village' has 'share' 0", EstimationError)
    refused("hold rows of more than one 'share'", share=[0.0, 0.5, 0.5, 0.5])
    refused("'invited' must be 0 or 1", invited=[0, 0, 2, 0])
    refused("1 of 4 rows miss 'came'", came=[0.0, None, 2, 3])
    refused("1 of 4 rows miss 'village'", village=[1, None, 2, 2])
    refused("'came' holds string", came=["a", "b", "c", "d"])
    with pytest.raises(MissingColumnsError, match="vilage"):
        two_stage_effects(Dataset.from_frames(rows), **{**COLUMNS, "group": "vilage"})
    with pytest.raises(DataError, match="'group' or 'unit'"):
        two_stage_effects(Dataset.from_frames(rows), **COLUMNS, each="row")
    refused("needs treated units", EstimationError, village=[1, 2, 3, 4], invited=[0, 0, 0, 0])
