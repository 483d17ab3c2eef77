"""Precision, recall, density and coverage counted by hand and by scikit-learn's neighbours."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from ganlib.metrics import overlap, precision_recall_density_coverage


def samples(n, m, d, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(n, d, generator=generator, dtype=torch.float64),
            torch.randn(m, d, generator=generator, dtype=torch.float64) * 0.8 + 0.3)


def by_neighbours(real, fake, k):
    def reach(x):
        return NearestNeighbors(n_neighbors=k + 1, algorithm="kd_tree").fit(x).kneighbors(x)[0][:, -1]

    apart = np.sqrt(np.square(real[:, None] - fake).sum(-1))  # (n, m)
    in_data = apart <= reach(real)[:, None]
    return (in_data.any(0).mean(), (apart <= reach(fake)).any(1).mean(), in_data.sum(0).mean() / k,
            in_data.any(1).mean())


@pytest.mark.parametrize("n, m, d, k", [(300, 300, 2, 5), (250, 400, 8, 3), (60, 40, 20, 1)])
def test_neighbours_of_scikit_learn_agree(n, m, d, k):
    real, fake = samples(n, m, d)
    found = precision_recall_density_coverage(real, fake, k)
    assert found == pytest.approx(by_neighbours(real.numpy(), fake.numpy(), k), abs=1e-12)
    assert len({round(x, 6) for x in found}) == 4  # four different numbers, so that none can stand for another


def test_counted_by_hand_on_the_line():
    real = torch.tensor([[0.0], [1.0], [3.0], [10.0]])   # balls for k = 1: [-1, 1], [0, 2], [1, 5], [3, 17]
    fake = torch.tensor([[0.5], [1.0], [20.0]])          # [0, 1], [0.5, 1.5], [1, 39]
    found = precision_recall_density_coverage(real, fake, 1)
    assert found.precision == 2 / 3        # 20 lies outside
    assert found.recall == 4 / 4           # the outlier's ball, [1, 39], holds 3 and 10
    assert found.density == (2 + 3 + 0) / 3  # 0.5 in two balls; 1 in three, on the border of one
    assert found.coverage == 3 / 4         # the ball around 10 is empty


def test_blocks_make_no_difference(monkeypatch):
    real, fake = samples(130, 90, 3)
    whole = precision_recall_density_coverage(real, fake)
    monkeypatch.setattr(overlap, "BLOCK", 16)
    assert precision_recall_density_coverage(real, fake) == whole


@pytest.mark.parametrize("d, far", [(2, 0.0), (64, 0.0), (64, 1e7)])
def test_copies_and_the_borders_of_balls_do_not_depend_on_rounding(d, far, monkeypatch):
    real = samples(200, 2, d)[0] + far
    for block in (1024, 7):
        monkeypatch.setattr(overlap, "BLOCK", block)
        found = precision_recall_density_coverage(real, real.clone(), 5)
        assert found == (1, 1, 6 / 5, 1)  # each lies in its own ball, and as k-th neighbour on borders: k + 1 balls


def test_equal_distributions_have_the_expected_density_and_coverage():
    found = [precision_recall_density_coverage(*(torch.from_numpy(np.random.default_rng([s, i]).normal(size=(200, 3)))
                                                 for i in (0, 1)), 2) for s in range(60)]
    density, coverage = (np.array([getattr(f, name) for f in found]) for name in ("density", "coverage"))
    assert abs(density.mean() - 1) < 4 * density.std() / 60**0.5
    expected = 1 - 199 * 198 / (399 * 398)  # none of the two nearest of 399 points is one of the 200 samples
    assert abs(coverage.mean() - expected) < 4 * coverage.std() / 60**0.5
    assert 4 * coverage.std() / 60**0.5 < 0.02


@pytest.mark.parametrize("real, fake, k, message", [
    (torch.zeros(9), torch.zeros(9, 1), 5, r"real must have 2 dimensions, got shape \(9,\)"),
    (torch.zeros(9, 2), torch.zeros(9, 3), 5, "one number of features, got 2 and 3"),
    (torch.zeros(9, 2), torch.zeros(5, 2), 5, "fake must have more than k = 5 samples, got 5"),
    (torch.zeros(5, 2), torch.zeros(9, 2), 5, "real must have more than k = 5 samples, got 5"),
    (torch.zeros(9, 2), torch.zeros(9, 2), 0, "k must be a whole number of at least 1, got 0"),
    (torch.zeros(9, 2), torch.zeros(9, 2) / 0, 5, "fake must be finite"),
])
def test_bad_values_are_named(real, fake, k, message):
    with pytest.raises(ValueError, match=f"precision_recall_density_coverage: .*{message}"):
        precision_recall_density_coverage(real, fake, k)
