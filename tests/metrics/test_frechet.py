"""The Fréchet distance against closed forms, SciPy and torchmetrics; what streams equals what is whole."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torchmetrics.image.fid import FrechetInceptionDistance

from ganlib.metrics import Gaussian, Moments, frechet_distance


def features(n, d, seed, shift=0.0):
    """Correlated numbers far from the origin."""
    generator = torch.Generator().manual_seed(seed)
    mix = torch.randn(d, d, generator=generator, dtype=torch.float64) / d**0.5
    return torch.randn(n, d, generator=generator, dtype=torch.float64) @ mix + 3 + shift


def by_scipy(x, y):
    one, other = np.cov(x.numpy().T), np.cov(y.numpy().T)
    root = np.real(np.trace(sqrtm(np.atleast_2d(one @ other))))
    return float((x.mean(0) - y.mean(0)).square().sum()) + np.trace(one) + np.trace(other) - 2 * root


class Given(torch.nn.Module):
    """For torchmetrics: the pictures are the features already."""

    def __init__(self, d):
        super().__init__()
        self.num_features = d

    def forward(self, x):
        return x.double()


@pytest.mark.parametrize("n, m, d", [(500, 300, 16), (2000, 2000, 64), (40, 60, 100), (400, 60, 100)])
def test_scipy_and_torchmetrics_agree(n, m, d):
    x, y = features(n, d, 1), features(m, d, 2, shift=0.3)
    found = frechet_distance(x, y)
    reference = FrechetInceptionDistance(Given(d)).set_dtype(torch.float64)
    reference.update(x, real=True)
    reference.update(y, real=False)
    assert found == pytest.approx(float(reference.compute()), rel=1e-5)
    if min(n, m) > d:
        assert found == pytest.approx(by_scipy(x, y), rel=1e-9)
    assert frechet_distance(y, x) == pytest.approx(found, rel=1e-12)


def test_fewer_samples_than_features_agree_with_the_covariances():
    x, y = features(40, 100, 1), features(60, 100, 2, shift=0.3)
    whole = frechet_distance(x, y)
    assert whole == pytest.approx(by_scipy(x, y), rel=1e-5)  # the root of a singular product: SciPy has no more digits
    assert frechet_distance(Moments().update(x), Moments().update(y)) == pytest.approx(whole, rel=1e-7)
    assert frechet_distance(x, Moments().update(y)) == pytest.approx(whole, rel=1e-7)


@pytest.mark.parametrize("n, d", [(500, 16), (20, 64), (64, 64), (65, 64), (2, 5)])
def test_a_sample_is_at_distance_nought_from_itself(n, d):
    x = features(n, d, 3)
    size = float(torch.cov(x.T).trace())
    assert 0 <= frechet_distance(x, x) < 1e-12 * size
    assert 0 <= frechet_distance(x, x.flip(0)) < 1e-12 * size
    assert 0 <= frechet_distance(Moments().update(x), Moments().update(x)) < 1e-12 * size


def test_a_shift_counts_with_its_square_and_covariances_that_commute_by_their_roots():
    x = features(300, 8, 4)
    assert frechet_distance(x, x + 0.5) == pytest.approx(8 * 0.25, rel=1e-9)
    assert frechet_distance(x, x.mean(0) + 3 * (x - x.mean(0))) == pytest.approx(
        4 * float(torch.cov(x.T).trace()), rel=1e-9)
    a, b = torch.tensor([1.0, 4.0, 9.0]), torch.tensor([4.0, 1.0, 0.0])
    found = frechet_distance(Gaussian(torch.zeros(3), torch.diag(a)), Gaussian(torch.ones(3), torch.diag(b)))
    assert found == pytest.approx(3 + float((a.sqrt() - b.sqrt()).square().sum()), rel=1e-6)


def test_what_comes_in_batches_is_what_comes_whole_and_parts_can_be_joined():
    x = features(1000, 12, 5) + 1e6  # a large mean costs a sum of squares ten digits
    whole = Moments().update(x)
    parts = Moments()
    for size, part in zip((1, 2, 997), x.split((1, 2, 997)), strict=True):
        assert len(part) == size and parts.update(part) is parts
    joined = Moments().update(x[:300]) + Moments() + Moments().update(x[300:])
    exact = torch.from_numpy(np.cov(x.numpy().T))
    for found in (whole, parts, joined):
        assert found.n == 1000
        assert torch.allclose(found.mean, x.mean(0), rtol=1e-14)
        assert torch.allclose(found.covariance, exact, rtol=1e-9, atol=1e-11)


def test_joining_changes_neither_part():
    one, other = Moments().update(features(50, 3, 1)), Moments().update(features(60, 3, 2))
    before = one.covariance.clone(), other.mean.clone()
    assert (one + other).n == 110 and one.n == 50 and other.n == 60
    assert torch.equal(one.covariance, before[0]) and torch.equal(other.mean, before[1])


def test_memory_does_not_grow_with_the_number_of_samples():
    moments, d = Moments(), 64
    for batches in (1, 10, 50):
        for seed in range(batches):
            moments.update(features(100, d, seed))
        held = sum(value.numel() for value in vars(moments).values() if isinstance(value, torch.Tensor))
        assert held == d * d + d
    assert moments.n == 6100


def test_arrays_lists_and_float32_are_welcome():
    x, y = features(200, 4, 1), features(200, 4, 2)
    found = frechet_distance(x, y)
    assert frechet_distance(x.numpy(), y.tolist()) == found
    assert frechet_distance(x.float(), y) == pytest.approx(found, rel=1e-5)


@pytest.mark.parametrize("x, y, message", [
    (torch.zeros(5), torch.zeros(5, 1), r"frechet_distance: x must have 2 dimensions, got shape \(5,\)"),
    (torch.zeros(5, 2), torch.zeros(5, 3), "one number of features, got 2 and 3"),
    (torch.zeros(5, 2), torch.zeros(1, 2), "y must have at least 2 samples, got 1"),
    (torch.zeros(5, 2) / 0, torch.zeros(5, 2), "x must be finite, got 10 NaN"),
    (torch.zeros(5, 2), Moments(), "Moments: expected at least 1 sample"),
    (torch.zeros(5, 2), Moments().update(torch.zeros(1, 2)), "a covariance needs at least 2 samples, got 1"),
    (torch.zeros(5, 2), Gaussian(torch.zeros(2), torch.zeros(3, 3)), r"covariance of y must be symmetric, of shape "
                                                                     r"\(2, 2\), got shape \(3, 3\)"),
    (torch.zeros(5, 2), Gaussian(torch.zeros(2), torch.tensor([[1.0, 2], [0, 1]])), "must be symmetric"),
    (torch.zeros(5, 2), Gaussian(torch.zeros(2), -torch.eye(2)), "must have no negative eigenvalue, got -1"),
])
def test_bad_values_are_named(x, y, message):
    with pytest.raises(ValueError, match=message):
        frechet_distance(x, y)


def test_batches_of_another_width_are_refused():
    with pytest.raises(ValueError, match="Moments: expected features of 4 dimensions as before, got 3"):
        Moments().update(torch.zeros(2, 4)).update(torch.zeros(2, 3))
    with pytest.raises(TypeError, match="frechet_distance: x must be numbers in 2 dimensions, got 'many'"):
        frechet_distance("many", torch.zeros(2, 2))
