import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.experiments import preference, team_draft
from tests.estimation.planted import exact_interval

N_RUNS = 400
ITEMS = [f"i{number}" for number in range(12)]


def sessions(seed, lift, n_users=60, n_lists=3, k=6):
    """Users who differ in how much they click; items of the second ranking are clicked `lift` times as often."""
    rng = np.random.default_rng(seed)
    first, second = ITEMS[:8], list(reversed(ITEMS[4:]))
    teams, clicks, users = [], [], []
    for user in range(n_users):
        leaning = rng.normal() * 0.3  # some users like one ranking's kind of items
        for _ in range(n_lists):
            made = team_draft(first, second, k, rng)
            chance = 0.25 * np.exp((made.team - 0.5) * (np.log(lift) + leaning))
            teams.append(made.team)
            clicks.append((rng.random(k) < chance).astype(int))
            users.append(f"u{user}")
    return teams, clicks, users


def test_each_ranking_puts_as_many_items_and_neither_comes_first_more_often():
    rng = np.random.default_rng(0)
    starts = []
    for _ in range(2_000):
        made = team_draft(ITEMS[:8], ITEMS[4:], 7, rng)
        assert len(set(made.items)) == 7
        assert abs(int((made.team == 0).sum()) - int((made.team == 1).sum())) == 1
        starts.append(made.team[0])
    low, high = exact_interval(int(np.sum(starts)), len(starts))
    assert low <= 0.5 <= high


def test_a_ranking_against_itself_is_the_ranking():
    made = team_draft(ITEMS, ITEMS, 12, np.random.default_rng(1))
    assert list(made.items) == ITEMS


def test_short_rankings_end():
    made = team_draft(["a"], ["a", "b"], 9, np.random.default_rng(0))
    assert sorted(made.items) == ["a", "b"]


def test_a_level_test_where_neither_is_better():
    fired = sum(preference(*sessions(seed, 1.0)).p_value < 0.05 for seed in range(N_RUNS))
    low, high = exact_interval(fired, N_RUNS)
    assert low <= 0.05 <= high


def test_a_better_ranking_is_preferred_and_by_the_planned_number_of_lists():
    found = preference(*sessions(0, 1.6, n_users=400))
    assert found.value > 0
    assert found.p_value < 0.01
    assert "the second ranking is preferred" in str(found)
    needed = found.lists_needed(found.value)
    seen = sum(preference(*sessions(seed, 1.6, n_users=needed // 3)).p_value < 0.05 for seed in range(100, 250))
    low, high = exact_interval(seen, 150)
    assert low <= 0.85
    assert high >= 0.7


def test_lists_of_one_user_depend_on_each_other():
    teams, clicks, users = sessions(0, 1.0, n_users=30, n_lists=1)
    twice = preference(teams * 2, clicks * 2, users * 2)
    assert twice.stderr == pytest.approx(preference(teams, clicks, users).stderr, rel=0.02)
    assert twice.n_users == 30


def test_bad_input_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(DataError, match="names an item twice"):
        team_draft(["a", "a"], ["b"], 2, rng)
    with pytest.raises(DataError, match="`k` is 0"):
        team_draft(["a"], ["b"], 0, rng)
    with pytest.raises(DataError, match="give a generator"):
        team_draft(["a"], ["b"], 2, 0)
    team = np.array([0, 1])
    with pytest.raises(ShapeError, match="must be as many"):
        preference([team], [np.ones(2)], [])
    with pytest.raises(ShapeError, match="List 0"):
        preference([team], [np.ones(3)], ["u"])
    with pytest.raises(EstimationError, match="two users or more"):
        preference([team], [np.array([1, 0])], ["u"])
    with pytest.raises(EstimationError, match="Nothing was clicked"):
        preference([team] * 2, [np.zeros(2)] * 2, ["u", "v"])
    with pytest.raises(EstimationError, match="same winner"):
        preference([team] * 2, [np.array([1, 0])] * 2, ["u", "v"])
    with pytest.raises(DataError, match="cannot be"):
        preference([team] * 2, [np.array([1, 0]), np.array([0, 1])], ["u", "v"]).lists_needed(0.7)


@pytest.mark.parametrize(
    ("team", "clicked", "users", "said"),
    [
        ([0, 2], [1, 1], "uvw", "List 0 has items of other teams"),
        ([-1, 1], [1, 1], "uvw", "List 0 has items of other teams"),
        ([0, 1], [0, np.nan], "uvw", "List 0 has clicks that are no counts"),
        ([0, 1], [0, -1], "uvw", "List 0 has clicks that are no counts"),
        ([0, 1], ["no", "yes"], "uvw", "List 0 has clicks that are no counts"),
        ([0, 1], [1, 0], [None, "v", "w"], "none may be missing"),
    ],
)
def test_lists_that_cannot_be_counted_are_refused(team, clicked, users, said):
    others = [np.array([1, 0]), np.array([0, 1])]
    with pytest.raises(DataError, match=said):
        preference([team, [0, 1], [0, 1]], [clicked, *others], list(users))


def test_what_is_asked_of_a_preference_is_checked():
    found = preference([np.array([0, 1])] * 2, [np.array([1, 0]), np.array([0, 1], dtype=np.uint8)], ["u", "v"])
    assert found.wins == (1, 1, 0)
    with pytest.raises(DataError, match="`level` is 95"):
        found.interval(95)
    with pytest.raises(DataError, match="`value` is 'large'"):
        found.lists_needed("large")
    with pytest.raises(DataError, match="`power` is 2"):
        found.lists_needed(0.1, power=2)
    with pytest.raises(DataError, match="`level` is 0"):
        found.lists_needed(0.1, level=0)
