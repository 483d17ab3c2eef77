"""Mixtures against SciPy's normal distributions: density, moments, frequencies, geometry and who draws what."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from ganlib import draws
from ganlib.data import Mixture, grid, line, ring, two_blobs

LOPSIDED = Mixture([[-1.0, 0.0], [1.0, 0.5], [0.0, 2.0]], std=0.4, weights=[0.5, 0.3, 0.2])
SPATIAL = Mixture([[0.0, 0.0, 1.0], [1.0, -1.0, 0.0]], std=0.7, weights=[0.25, 0.75])
MIXTURES = {"ring": ring(std=0.15), "grid": grid(3, spacing=1.0, std=0.2), "line": line(weights=[0.9, 0.1]),
            "two blobs": two_blobs(), "lopsided": LOPSIDED, "in space": SPATIAL}
UNLIKELY = 1e-6  # a correct sampler fails a chi-square test with this probability, and with the seed fixed never


@pytest.fixture(params=MIXTURES, ids=list(MIXTURES))
def mixture(request):
    return MIXTURES[request.param]


def generators(*seeds):
    return [torch.Generator().manual_seed(s) for s in seeds]


# ---- density
def test_log_density_is_that_of_scipy(mixture):
    """Peers: the standard deviation given where the variance is expected, or the other way round."""
    torch.manual_seed(0)
    x = 2 * torch.randn(50, mixture.dimensions, dtype=torch.float64)
    each = [stats.multivariate_normal(center.double().numpy(), cov=mixture.std**2).pdf(x.numpy())
            for center in mixture.centers]
    expected = np.average(each, axis=0, weights=mixture.weights.double().numpy())
    np.testing.assert_allclose(mixture.density(x).numpy(), expected, rtol=1e-6)
    np.testing.assert_allclose(mixture.log_density(x).numpy(), np.log(expected), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("std", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_the_peak_of_one_gaussian_is_its_closed_form(std, dimensions):
    alone = Mixture([[0.3] * dimensions], std)
    peak = alone.density(torch.full((dimensions,), 0.3))
    assert float(peak) == pytest.approx((2 * math.pi * std**2) ** (-dimensions / 2), rel=1e-5)


@pytest.mark.parametrize("name, limit", [("ring", 2.5), ("grid", 2.8), ("two blobs", 4.5), ("lopsided", 5.0)])
def test_the_density_integrates_to_one_over_the_plane(name, limit):
    ticks = torch.linspace(-limit, limit, 160, dtype=torch.float64)
    cell = (ticks[1] - ticks[0]) ** 2
    assert MIXTURES[name].density(torch.cartesian_prod(ticks, ticks)).sum() * cell == pytest.approx(1, abs=1e-6)


def test_density_takes_any_leading_shape_and_keeps_the_dtype():
    x = torch.randn(4, 5, 2)
    assert LOPSIDED.density(x).shape == LOPSIDED.log_density(x).shape == (4, 5)
    assert LOPSIDED.density(x[0, 0]).shape == ()
    torch.testing.assert_close(LOPSIDED.density(x)[1, 2], LOPSIDED.density(x[1, 2]))
    assert LOPSIDED.density(x).dtype == torch.float32 and LOPSIDED.density(x.double()).dtype == torch.float64


def test_far_from_every_mode_the_log_density_stays_finite_and_has_its_gradient():
    x = torch.tensor([[1e3, 0.0]], requires_grad=True)
    value = LOPSIDED.log_density(x)
    value.sum().backward()
    assert value.isfinite() and value < -1e6
    torch.testing.assert_close(x.grad, -(x - LOPSIDED.centers[1]).detach() / LOPSIDED.std**2)


# ---- samples
def test_samples_have_the_moments_of_the_mixture(mixture):
    torch.manual_seed(1)
    n, weights, centers = 40_000, mixture.weights.double(), mixture.centers.double()
    x = mixture.sample(n).double()
    mean = weights @ centers
    away = centers - mean
    covariance = (weights[:, None] * away).T @ away + mixture.std**2 * torch.eye(mixture.dimensions)
    error = 5 * (covariance.diagonal() / n).sqrt()
    assert ((x.mean(0) - mean).abs() < error).all()
    spread = 5 * torch.outer(covariance.diagonal(), covariance.diagonal()).sqrt() * (2 / n) ** 0.5
    assert ((torch.cov(x.T).reshape(covariance.shape) - covariance).abs() < spread).all()


def test_noise_around_the_modes_is_normal_with_the_given_std():
    torch.manual_seed(2)
    far = grid(3, spacing=10.0, std=0.5)
    x = far.sample(9_000)
    noise = x - far.centers[torch.cdist(x, far.centers).argmin(1)]
    assert stats.kstest(noise.flatten().numpy() / 0.5, "norm").pvalue > UNLIKELY
    assert abs(np.corrcoef(noise.T.numpy())[0, 1]) < 5 / 9_000**0.5


@pytest.mark.parametrize("weights", [None, [0.5, 0.3, 0.15, 0.05], [0.0, 0.6, 0.4, 0.0], [1.0, 0.0, 0.0, 0.0]])
def test_modes_come_up_as_often_as_their_weights_say(weights):
    torch.manual_seed(3)
    mixture = Mixture([[0.0], [10.0], [20.0], [30.0]], 0.1, weights)
    n, expected = 20_000, np.array(weights or [0.25] * 4)
    seen = (mixture.sample(n).squeeze(1) / 10).round().long().bincount(minlength=4).numpy()
    assert (seen[expected == 0] == 0).all()
    drawn = expected > 0
    if drawn.sum() > 1:
        assert stats.chisquare(seen[drawn], n * expected[drawn]).pvalue > UNLIKELY


def test_a_mode_without_weight_is_not_drawn_even_at_the_end_of_the_range(monkeypatch):
    mixture = Mixture([[0.0], [10.0], [20.0], [30.0]], 0.1, [0.0, 0.75, 0.0, 0.25])
    for number, place in ((0.0, 10), (0.75 - 2**-24, 10), (0.75, 30), (1 - 2**-24, 30)):
        monkeypatch.setattr(draws, "uniform", lambda rows, device=None, number=number: torch.full((rows,), number))
        assert mixture.sample(3).round().squeeze(1).tolist() == [place] * 3


def test_successive_draws_are_independent_of_each_other():
    torch.manual_seed(4)
    mode = (line((-2.0, 2.0), 0.1).sample(10_000) > 0).squeeze(1)
    pairs = torch.stack([mode[:-1] & mode[1:], mode[:-1] & ~mode[1:], ~mode[:-1] & mode[1:], ~mode[:-1] & ~mode[1:]])
    assert stats.chisquare(pairs.sum(1).numpy()).pvalue > UNLIKELY


@pytest.mark.parametrize("name", ["ring", "lopsided"])
def test_streams_share_a_sample_out_and_each_part_is_what_its_stream_draws_alone(name):
    with draws.streams(generators(1, 2, 3)):
        together = [MIXTURES[name].sample(12), MIXTURES[name].sample(6)]
    for i, generator in enumerate(generators(1, 2, 3)):
        with draws.streams([generator]):
            assert torch.equal(MIXTURES[name].sample(4), together[0][4 * i:4 * i + 4])
            assert torch.equal(MIXTURES[name].sample(2), together[1][2 * i:2 * i + 2])


@pytest.mark.parametrize("name", ["ring", "lopsided"])
def test_a_stream_draws_what_the_global_generator_of_that_seed_draws(name):
    torch.manual_seed(5)
    alone = MIXTURES[name].sample(8)
    with draws.streams(generators(5)):
        assert torch.equal(MIXTURES[name].sample(8), alone)
    assert not torch.equal(MIXTURES[name].sample(8), alone)


@pytest.mark.parametrize("name", ["ring", "lopsided"])
def test_samples_are_made_on_the_asked_device_in_the_default_dtype(name):
    assert MIXTURES[name].sample(3).dtype == torch.float32 and MIXTURES[name].sample(3).device.type == "cpu"
    assert MIXTURES[name].sample(3, device="meta").device.type == "meta"  # a device every machine has
    assert MIXTURES[name].sample(3, device=torch.device("meta")).shape == (3, 2)
    torch.set_default_dtype(torch.float64)
    try:
        assert MIXTURES[name].sample(3).dtype == torch.float64
        assert ring().centers.dtype == ring().sample(2).dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


# ---- geometry
def rows(centers):
    return sorted(tuple(round(float(v), 6) + 0.0 for v in center) for center in centers)


def test_the_grid_is_the_published_one():
    """Srivastava et al. 2017: 25 modes at {−4, −2, 0, 2, 4}², standard deviation 0.05."""
    published = grid()
    assert rows(published.centers) == sorted((float(x), float(y)) for x in range(-4, 5, 2) for y in range(-4, 5, 2))
    assert published.std == 0.05 and published.weights.tolist() == pytest.approx([1 / 25] * 25)
    assert rows(grid(2, spacing=3.0).centers) == [(-1.5, -1.5), (-1.5, 1.5), (1.5, -1.5), (1.5, 1.5)]


def test_the_ring_is_evenly_spaced_on_its_circle():
    for modes, radius in ((8, 1.0), (5, 2.5), (1, 1.0)):
        centers = ring(modes, radius).centers.double()
        torch.testing.assert_close(centers.norm(dim=1), torch.full((modes,), radius).double(), rtol=1e-6, atol=0)
        gaps = torch.cdist(centers, centers.roll(-1, 0)).diagonal()
        torch.testing.assert_close(gaps, torch.full((modes,), 2 * radius * math.sin(math.pi / modes)).double(),
                                   rtol=1e-6, atol=1e-6)
        assert len(set(rows(centers))) == modes
    assert ring().std == 0.05 and len(ring().centers) == 8 and rows(ring().centers)[-1] == (1.0, 0.0)


def test_the_line_and_the_two_blobs_are_where_they_say():
    assert line().centers.tolist() == [[-2.0], [2.0]] and line().std == 0.5 and line().sample(7).shape == (7, 1)
    assert line([0, 1, 5], 1.0, [0.2, 0.3, 0.5]).weights.tolist() == pytest.approx([0.2, 0.3, 0.5])
    for places in (np.array([1.0, 4.0]), torch.tensor([1.0, 4.0]), (1, 4)):
        assert line(places).centers.tolist() == [[1.0], [4.0]]
    assert two_blobs(3.0).centers.tolist() == [[-1.5, 0.0], [1.5, 0.0]] and two_blobs().std == 0.3
    assert two_blobs().centers.tolist() == [[-2.0, 0.0], [2.0, 0.0]] and two_blobs().sample(7).shape == (7, 2)


# ---- bad input
@pytest.mark.parametrize("call, message", [
    (lambda: Mixture([1.0, 2.0], 1.0), r"Mixture: centers must have 2 dimensions, got shape \(2,\)"),
    (lambda: Mixture([[]], 1.0), "Mixture: centers is empty"),
    (lambda: Mixture([[0.0], [math.nan]], 1.0), "Mixture: centers must be finite, got 1 NaN"),
    (lambda: Mixture([[0.0]], 0.0), "Mixture: std must be a finite number above 0, got 0.0"),
    (lambda: Mixture([[0.0]], -1.0), "std must be a finite number above 0, got -1.0"),
    (lambda: Mixture([[0.0]], math.nan), "std must be a finite number above 0, got nan"),
    (lambda: Mixture([[0.0]], [1.0]), "std must be a finite number"),
    (lambda: line(weights=[0.5, 0.4]), r"weights must be 2 numbers >= 0 that sum to 1, got \[0.5, 0.4"),
    (lambda: line(weights=[1.5, -0.5]), "weights must be 2 numbers >= 0 that sum to 1"),
    (lambda: line(weights=[1.0]), r"weights must be 2 numbers >= 0 that sum to 1, got \[1.0\]"),
    (lambda: line(weights=[math.nan, 1.0]), "weights must be finite, got 1 NaN"),
    (lambda: line(5), r"line: centers must have 1 dimensions, got shape \(\)"),
    (lambda: line([]), "line: centers is empty"),
    (lambda: line([[0.0]]), "line: centers must have 1 dimensions"),
    (lambda: ring(0), "ring: modes must be a whole number of at least 1, got 0"),
    (lambda: ring(8.0), "ring: modes must be a whole number of at least 1, got 8.0"),
    (lambda: ring(radius="big"), "ring: radius must be a finite number at least 0, got 'big'"),
    (lambda: grid(0), "grid: side must be a whole number of at least 1, got 0"),
    (lambda: grid(spacing=math.inf), "grid: spacing must be a finite number at least 0, got inf"),
    (lambda: two_blobs(-1.0), "two_blobs: distance must be a finite number at least 0, got -1.0"),
    (lambda: ring().sample(0), "Mixture.sample: rows must be a whole number of at least 1, got 0"),
    (lambda: ring().sample(2.0), "Mixture.sample: rows must be a whole number of at least 1, got 2.0"),
    (lambda: ring().density(torch.zeros(4, 3)), r"Mixture.log_density: x must end in dimension 2, got \(4, 3\)"),
    (lambda: ring().density(torch.tensor(0.0)), r"x must end in dimension 2, got \(\)"),
    (lambda: ring().density(torch.zeros(0, 2)), "Mixture.log_density: x is empty"),
])
def test_bad_values_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("call, message", [
    (lambda: Mixture("abc", 1.0), "Mixture: centers must be numbers in 2 dimensions, got 'abc'"),
    (lambda: Mixture(None, 1.0), "Mixture: centers must be numbers in 2 dimensions, got None"),
    (lambda: Mixture([[0.0], [0.0, 1.0]], 1.0), "Mixture: centers must be numbers in 2 dimensions"),
    (lambda: line(weights=["a", "b"]), "Mixture: weights must be numbers in 1 dimensions"),
    (lambda: ring().density([0.0, 0.0]), "Mixture.log_density: x must be a torch tensor, got list"),
    (lambda: ring().density(torch.zeros(3, 2).long()), "x must hold floating-point numbers, got dtype torch.int64"),
])
def test_bad_types_are_named(call, message):
    with pytest.raises(TypeError, match=message):
        call()
