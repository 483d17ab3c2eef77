"""The classifier two-sample test holds its level whatever the learner; the matched distance is POT's."""

import numpy as np
import ot
import pytest
import torch
from scipy.stats import binom, fisher_exact

from ganlib.metrics import matched_distance, two_sample_test


def pair(seed, n=60, m=60, d=2, shift=0.0):
    draw = np.random.default_rng(seed)
    return torch.from_numpy(draw.normal(size=(n, d))), torch.from_numpy(draw.normal(shift, 1.0, (m, d)))


def first_coordinate(points, labels, others):
    """A learner that sees nothing but a threshold, set on the training points."""
    middle = (points[labels == 0, 0].mean() + points[labels == 1, 0].mean()) / 2
    sign = 1.0 if points[labels == 1, 0].mean() > points[labels == 0, 0].mean() else -1.0
    return sign * (others[:, 0] - middle)


def untrained(points, labels, others):
    return others[:, 0].abs() - 1.0


@pytest.mark.parametrize("learner", [first_coordinate, untrained])
def test_the_level_is_held_where_there_is_nothing_to_find(learner):
    found = [two_sample_test(*pair(seed), learner=learner).p_value for seed in range(400)]
    for level in (0.05, 0.2):
        hits = sum(p <= level for p in found)
        assert hits <= binom.ppf(0.999, 400, level)
    assert sum(p <= 0.2 for p in found) >= 0.08 * 400  # and it is no test that never rejects


@pytest.mark.slow
def test_the_networks_level_too():
    found = [two_sample_test(*pair(seed)).p_value for seed in range(20)]
    assert sum(p <= 0.1 for p in found) <= binom.ppf(0.999, 20, 0.1)


def test_a_difference_is_found_and_more_of_it_better():
    accuracy = [two_sample_test(*pair(3, 400, 400, shift=shift)).accuracy for shift in (0.0, 0.5, 3.0)]
    assert accuracy[0] < 0.6 and accuracy[0] < accuracy[1] < accuracy[2] and accuracy[2] > 0.97
    assert two_sample_test(*pair(3, 400, 400, shift=0.5)).p_value < 1e-3
    ring, disc = torch.randn(400, 2), 0.5 * torch.randn(400, 2)  # equal means: no straight line tells them apart
    assert two_sample_test(torch.nn.functional.normalize(ring), disc).p_value < 1e-6


def test_the_p_value_is_fishers():
    x, y = pair(5, 40, 40, shift=1.0)
    scores = torch.tensor([-1.0] * 14 + [1.0] * 6 + [-1.0] * 7 + [1.0] * 13)
    found = two_sample_test(x, y, learner=lambda points, labels, others: scores)
    assert found.accuracy == 27 / 40
    assert found.p_value == pytest.approx(fisher_exact([[13, 6], [7, 14]], alternative="greater").pvalue, rel=1e-9)


def test_trained_on_one_half_and_tested_on_the_other():
    seen = {}

    def learner(points, labels, others):
        seen.update(points=points, labels=labels, others=others)
        return others[:, 0]

    x, y = torch.arange(30.0)[:, None], 100 + torch.arange(21.0)[:, None]
    two_sample_test(x, y, learner=learner)
    assert seen["labels"].tolist() == [0] * 10 + [1] * 10 and seen["others"].shape == (22, 1)
    assert not set(seen["points"][:, 0].tolist()) & set(seen["others"][:, 0].tolist())
    assert ((seen["points"][:, 0] >= 100) == (seen["labels"] == 1)).all()


def test_the_seed_decides_and_the_readers_random_numbers_are_left_alone():
    x, y = pair(1, 100, 100, shift=0.3)
    torch.manual_seed(8)
    before = torch.get_rng_state()
    found = [two_sample_test(x, y, seed=seed) for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2] and torch.equal(torch.get_rng_state(), before)
    with torch.no_grad():  # where measures are usually taken
        assert two_sample_test(x, y) == found[0]


def test_matched_distance_is_the_optimal_transport_of_pot():
    torch.manual_seed(0)
    x, y = torch.randn(60, 3), torch.randn(60, 3) + 1
    assert matched_distance(x, y) == pytest.approx(ot.emd2([], [], ot.dist(x.double().numpy(), y.double().numpy(),
                                                                            metric="euclidean")), rel=1e-9)
    assert matched_distance(x, x[torch.randperm(60)]) == pytest.approx(0, abs=1e-9)
    assert matched_distance(x, x + torch.tensor([3.0, 4.0, 0.0])) == pytest.approx(5, abs=1e-5)


@pytest.mark.parametrize("x, y, settings, message", [
    (torch.zeros(9, 2), torch.zeros(9, 3), {}, "two_sample_test: x and y must have one number of features, got 2 and"),
    (torch.zeros(9, 2), torch.zeros(3, 2), {}, "at least 4 samples each, got 9 and 3"),
    (torch.zeros(9, 2) / 0, torch.zeros(9, 2), {}, "x must be finite"),
    (torch.zeros(8, 2), torch.zeros(8, 2), {"learner": lambda points, labels, others: others},
     r"learner must return scores of shape \(8,\), got \(8, 2\)"),
])
def test_bad_values_are_named(x, y, settings, message):
    with pytest.raises(ValueError, match=message):
        two_sample_test(x, y, **settings)


def test_samples_of_different_size_cannot_be_matched():
    with pytest.raises(ValueError, match=r"matched_distance: expected one common shape, got x \(3, 2\), y \(4, 2\)"):
        matched_distance(torch.zeros(3, 2), torch.zeros(4, 2))
