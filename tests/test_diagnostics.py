"""Diagnostics on players whose discriminator is known exactly: a linear logit between two normal distributions."""

import math

import numpy as np
import pytest
import torch
from sklearn.calibration import calibration_curve
from torch import nn

from ganlib import data, diagnostics, losses, theory
from ganlib.diagnostics import calibration, gradient_norm, kullback_leibler_from_logits
from ganlib.games import Game
from ganlib.networks import MLP

NORMAL = data.line([0.0], std=1.0)  # the data; the generators below make N(1, 1)


def linear(slope, shift):
    layer = nn.Linear(1, 1)
    with torch.no_grad():
        layer.weight.fill_(slope)
        layer.bias.fill_(shift)
    return layer


def shifted(slope=-1.0, shift=0.5, mean=1.0):
    """Data N(0, 1) against N(mean, 1); for mean 1 the optimal logit is log p/q = ½ − x, the default."""
    return Game(linear(1.0, mean), linear(slope, shift), latent=1)


# ---- logits, accuracy, value
def test_logits_are_those_of_fresh_samples_without_gradient():
    game = shifted()
    torch.manual_seed(0)
    real, fake = diagnostics.logits(game, NORMAL, rows=50)
    torch.manual_seed(0)
    assert torch.equal(real, game.discriminator(NORMAL.sample(50)).flatten().detach())
    assert torch.equal(fake, game.discriminator(game.generate(50)).flatten().detach())
    assert real.shape == fake.shape == (50,) and not real.requires_grad and not fake.requires_grad


def test_data_are_brought_to_the_players_dtype():
    game = Game(MLP(2, 2).double(), MLP(2, 1).double(), latent=2)
    real, fake = diagnostics.logits(game, data.ring(), rows=5)
    assert real.dtype == fake.dtype == torch.float64


@pytest.mark.parametrize("slope, shift, expected", [
    (-1.0, 50.0, 1.0),  # real around 0, generated around 100: always right
    (1.0, -50.0, 0.0),  # always wrong
    (0.0, 5.0, 0.5), (0.0, -5.0, 0.5), (0.0, 0.0, 0.5),  # the same answer for all
])
def test_accuracy_of_a_perfect_a_mistaken_and_a_constant_discriminator(slope, shift, expected):
    assert diagnostics.accuracy(shifted(slope, shift, mean=100.0), NORMAL, rows=300) == expected


def test_accuracy_of_the_optimal_discriminator_is_that_of_the_bayes_classifier():
    torch.manual_seed(0)
    bayes = 0.5 * (1 + math.erf(0.5 / 2**0.5))  # the border lies half a standard deviation from each mean
    assert diagnostics.accuracy(shifted(), NORMAL, rows=40_000) == pytest.approx(bayes, abs=4 * 0.5 / 80_000**0.5)


def test_the_value_at_one_half_is_minus_log_four():
    assert diagnostics.held_out_value(shifted(0.0, 0.0), NORMAL, rows=1000) == pytest.approx(-math.log(4), rel=1e-14)


def test_the_value_of_a_constant_discriminator_is_its_closed_form():
    d = 1 / (1 + math.exp(-2))
    value = diagnostics.held_out_value(shifted(0.0, 2.0), NORMAL, rows=100)
    assert value == pytest.approx(math.log(d) + math.log(1 - d), rel=1e-6)


def test_the_held_out_value_of_the_optimal_discriminator_is_twice_jsd_minus_log_four():
    """Peers: the factor 2 before the divergence dropped."""
    x, dx = theory.grid(-10, 11)
    jsd = theory.jensen_shannon(theory.normal(x), theory.normal(x, mean=1.0), dx)
    torch.manual_seed(1)
    rows = 100_000  # the standard deviation of log D is below ½, so the standard error is below 0.0023
    best = diagnostics.held_out_value(shifted(), NORMAL, rows)
    assert best == pytest.approx(2 * jsd - math.log(4), abs=4 * 0.0023)
    for other in (shifted(0.0, 0.0), shifted(-2.0, 1.0), shifted(-1.0, 1.5), shifted(1.0, -0.5)):
        assert diagnostics.held_out_value(other, NORMAL, rows) < best - 0.05


def test_the_value_stays_finite_for_a_sure_and_mistaken_discriminator():
    value = diagnostics.held_out_value(shifted(0.0, 500.0), NORMAL, rows=10)
    assert value == pytest.approx(-500)


# ---- gradient norm
def test_gradient_norm_is_that_of_the_gradient_by_all_parameters_together():
    torch.manual_seed(0)
    network = MLP(2, 6, 1)
    value = network(torch.randn(20, 2)).square().mean()
    found = gradient_norm(value, network.parameters())
    assert all(p.grad is None for p in network.parameters())
    assert gradient_norm(value, network.parameters()) == found  # the graph is kept
    assert gradient_norm(3 * value.reshape(1, 1), network.parameters()) == pytest.approx(3 * found)
    value.backward()
    flat = torch.cat([p.grad.flatten() for p in network.parameters()])
    assert found == pytest.approx(float(flat.double().norm()), rel=1e-6) and isinstance(found, float)


def test_gradient_norm_by_hand():
    a, b, unused = (torch.tensor(v, requires_grad=True) for v in ([1.0, 2.0], 3.0, 4.0))
    value = (torch.tensor([1.0, 2.0]) * a).sum() + 2 * b
    assert gradient_norm(value, [a, b, unused]) == pytest.approx(3.0)  # √(1 + 4 + 4)
    assert gradient_norm(value, iter([a])) == pytest.approx(5**0.5)
    assert gradient_norm(value, [unused]) == 0


def test_gradient_norm_of_a_saturated_loss_does_not_round_to_nought():
    logit = torch.tensor([-60.0], requires_grad=True)
    found = gradient_norm(losses.minimax.generator(logit), [logit])
    assert found == pytest.approx(math.exp(-60), rel=1e-5, abs=0)  # its square is no float32 any more


# ---- calibration
def test_calibration_of_a_hand_made_case():
    sure, unsure = math.log(0.85 / 0.15), math.log(0.35 / 0.65)
    found = calibration(torch.tensor([[sure, sure, unsure]]), torch.tensor([[sure], [unsure]]), bins=5)
    assert found.counts.tolist() == [0, 2, 0, 0, 3]
    np.testing.assert_allclose(found.predicted, [np.nan, 0.35, np.nan, np.nan, 0.85], rtol=1e-6)
    np.testing.assert_allclose(found.observed, [np.nan, 1 / 2, np.nan, np.nan, 2 / 3], rtol=1e-12)
    assert found.error == pytest.approx(2 / 5 * abs(1 / 2 - 0.35) + 3 / 5 * abs(2 / 3 - 0.85), rel=1e-6)


def test_calibration_is_that_of_sklearn():
    torch.manual_seed(0)
    real, fake = torch.randn(3000, dtype=torch.float64) + 0.7, 1.5 * torch.randn(2000, dtype=torch.float64)
    for bins in (1, 7, 10):
        found = calibration(real, fake, bins)
        labels = np.repeat([1, 0], [3000, 2000])
        observed, predicted = calibration_curve(labels, torch.cat([real, fake]).sigmoid().numpy(), n_bins=bins)
        there = found.counts > 0
        np.testing.assert_allclose(found.observed[there], observed, rtol=1e-12)
        np.testing.assert_allclose(found.predicted[there], predicted, rtol=1e-12)
        assert found.counts.sum() == 5000 and len(found.counts) == bins


def test_the_true_log_density_ratio_is_calibrated_and_a_distorted_one_is_not():
    torch.manual_seed(1)
    real, fake = diagnostics.logits(shifted(), NORMAL, rows=20_000)
    error = calibration(real, fake).error
    assert error < 0.02
    for distorted in (lambda x: x + 1, lambda x: x - 1, lambda x: 3 * x, lambda x: 0.2 * x):
        assert calibration(distorted(real), distorted(fake)).error > 4 * error


def test_extreme_logits_fall_into_the_outer_bins():
    found = calibration(torch.tensor([1e9, 800.0]), torch.tensor([-1e9, -800.0]), bins=4)
    assert found.counts.tolist() == [2, 0, 0, 2] and found.error == 0


# ---- the divergence by the logits
def test_the_divergence_from_the_exact_log_ratio():
    """KL(N(0, 1) ‖ N(μ, 1)) = μ²/2, and the logit −μx + μ²/2 on x ~ N(0, 1) has standard deviation μ."""
    torch.manual_seed(2)
    for mean in (0.0, 0.5, 1.0, 2.0):
        real = diagnostics.logits(shifted(-mean, mean**2 / 2, mean), NORMAL, rows=40_000)[0]
        estimate, error = kullback_leibler_from_logits(real)
        assert error == pytest.approx(mean / 40_000**0.5, rel=0.03)
        assert abs(estimate - mean**2 / 2) <= 4 * error + 1e-12


def test_the_standard_error_is_the_formula_of_the_mean():
    estimate, error = kullback_leibler_from_logits(torch.tensor([[1.0], [2.0], [3.0], [6.0]]))
    assert estimate == 3 and error == pytest.approx((14 / 3) ** 0.5 / 2, rel=1e-12)


def test_the_standard_error_is_how_much_estimates_scatter():
    torch.manual_seed(3)
    found = np.array([kullback_leibler_from_logits(0.5 - NORMAL.sample(400)) for _ in range(400)])
    assert found[:, 0].std() == pytest.approx(found[:, 1].mean(), rel=0.15)


# ---- bad input
@pytest.mark.parametrize("call, message", [
    (lambda: diagnostics.accuracy(shifted(), NORMAL, rows=0), "rows must be a whole number of at least 1, got 0"),
    (lambda: gradient_norm(torch.ones(2, requires_grad=True), []), r"value must be a scalar .*got shape \(2,\)"),
    (lambda: gradient_norm(torch.ones(()), []), "value must be a scalar with a gradient, .*requires_grad=False"),
    (lambda: calibration(torch.zeros(3), torch.zeros(0)), "calibration: fake_logits is empty"),
    (lambda: calibration(torch.tensor([math.nan]), torch.zeros(3)), "calibration: real_logits must be finite, got 1"),
    (lambda: calibration(torch.zeros(3), torch.zeros(3), bins=0), "bins must be a whole number of at least 1, got 0"),
    (lambda: kullback_leibler_from_logits(torch.zeros(1)), "real_logits must hold at least 2 values, got 1"),
    (lambda: kullback_leibler_from_logits(torch.zeros(0)), "kullback_leibler_from_logits: real_logits is empty"),
    (lambda: kullback_leibler_from_logits(torch.tensor([0.0, math.inf])), "real_logits must be finite, got 1"),
])
def test_bad_values_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("call, message", [
    (lambda: gradient_norm(1.0, []), "gradient_norm: value must be a torch tensor, got float"),
    (lambda: calibration([0.0], torch.zeros(3)), "calibration: real_logits must be a torch tensor, got list"),
    (lambda: calibration(torch.zeros(3), torch.ones(3).long()), "fake_logits must hold floating-point numbers"),
    (lambda: kullback_leibler_from_logits(0.5), "real_logits must be a torch tensor, got float"),
])
def test_bad_types_are_named(call, message):
    with pytest.raises(TypeError, match=message):
        call()
