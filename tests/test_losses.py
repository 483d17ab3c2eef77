"""Every loss against its closed form, its gradient against the formula, and the errors found in other books."""

import math

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from ganlib import losses

REAL = torch.tensor([-1.3, 0.2, 2.4, 0.7], dtype=torch.float64)
FAKE = torch.tensor([0.5, -0.8, 1.9, -2.0], dtype=torch.float64)
SIG = torch.sigmoid

# (discriminator's loss, generator's loss) written with probabilities, as the papers write them
CLOSED = {
    "minimax": (lambda r, f: -SIG(r).log().mean() - (1 - SIG(f)).log().mean(),
                lambda f, r: (1 - SIG(f)).log().mean()),
    "non_saturating": (lambda r, f: -SIG(r).log().mean() - (1 - SIG(f)).log().mean(),
                       lambda f, r: -SIG(f).log().mean()),
    "least_squares": (lambda r, f: 0.5 * ((r - 1) ** 2).mean() + 0.5 * (f**2).mean(),
                      lambda f, r: 0.5 * ((f - 1) ** 2).mean()),
    "hinge": (lambda r, f: -torch.minimum(r - 1, 0 * r).mean() - torch.minimum(-f - 1, 0 * f).mean(),
              lambda f, r: -f.mean()),
    "wasserstein": (lambda r, f: f.mean() - r.mean(), lambda f, r: -f.mean()),
    "relativistic": (lambda r, f: -SIG(r - f).log().mean(), lambda f, r: -SIG(f - r).log().mean()),
}


@pytest.fixture(params=losses.ALL, ids=list(losses.ALL))
def name(request):
    return request.param


def test_the_table_is_complete():
    assert set(losses.ALL) == set(CLOSED) and all(key == loss.name for key, loss in losses.ALL.items())


def test_values(name):
    loss, (d, g) = losses.ALL[name], CLOSED[name]
    torch.testing.assert_close(loss.discriminator(REAL, FAKE), d(REAL, FAKE), rtol=1e-12, atol=0)
    torch.testing.assert_close(loss.generator(FAKE, REAL), g(FAKE, REAL), rtol=1e-12, atol=0)
    assert loss.discriminator(REAL[:, None], FAKE[:, None]).shape == ()


def test_gradients_against_finite_differences(name):
    loss = losses.ALL[name]
    real, fake = REAL.clone().requires_grad_(), FAKE.clone().requires_grad_()
    assert torch.autograd.gradcheck(loss.discriminator, (real, fake))
    assert torch.autograd.gradcheck(loss.generator, (fake, real) if loss.relativistic else (fake,))


def test_the_classifier_losses_are_binary_cross_entropy():
    expected = bce(REAL, torch.ones(4).double()) + bce(FAKE, torch.zeros(4).double())
    for loss in (losses.minimax, losses.non_saturating):
        torch.testing.assert_close(loss.discriminator(REAL, FAKE), expected)
    torch.testing.assert_close(losses.non_saturating.generator(FAKE), bce(FAKE, torch.ones(4).double()))


def test_extreme_logits_stay_finite_and_keep_the_right_gradient(name):
    real, fake = (torch.tensor([300.0, -300.0], requires_grad=True) for _ in range(2))
    loss = losses.ALL[name]
    total = loss.discriminator(real, fake) + loss.generator(fake, real)
    total.backward()
    assert total.isfinite() and real.grad.isfinite().all() and fake.grad.isfinite().all()


def test_saturating_and_non_saturating_gradients_differ_as_the_formulas_say():
    """Peers: "log(1 − D) is about 0 for a perfect generator", "the two losses are the same", a wrong sign."""
    logit = torch.tensor([-10.0], dtype=torch.float64, requires_grad=True)
    (minimax,) = torch.autograd.grad(losses.minimax.generator(logit), logit)
    (non_saturating,) = torch.autograd.grad(losses.non_saturating.generator(logit), logit)
    assert minimax.item() == pytest.approx(-SIG(logit).item(), rel=1e-12)
    assert non_saturating.item() == pytest.approx(-SIG(-logit).item(), rel=1e-12)
    assert (non_saturating / minimax).item() == pytest.approx(math.exp(10), rel=1e-9)
    bad, good = torch.tensor([-40.0]).double(), torch.tensor([40.0]).double()
    assert abs(losses.minimax.generator(bad).item()) < 1e-15  # a bad generator: the loss has levelled out at 0
    assert losses.minimax.generator(good).item() == pytest.approx(-40)  # one that fools D: towards −∞


def test_wasserstein_is_not_the_hinge_loss():
    assert losses.wasserstein.discriminator(REAL, FAKE).item() == pytest.approx((FAKE.mean() - REAL.mean()).item())
    assert losses.hinge.discriminator(REAL + 9, FAKE - 9).item() == 0
    assert losses.wasserstein.discriminator(REAL + 9, FAKE - 9).item() < -17


def test_losses_fall_when_their_player_improves(name):
    loss = losses.ALL[name]
    step = 1e-3
    assert loss.discriminator(REAL + step, FAKE) < loss.discriminator(REAL, FAKE)
    if name != "least_squares":  # which pulls logits to targets rather than up or down
        assert loss.generator(FAKE + step, REAL) < loss.generator(FAKE, REAL)


def test_classifier_losses_are_never_negative():
    for loss in (losses.minimax, losses.non_saturating, losses.relativistic):
        for scale in (1, 50, 1000):
            assert loss.discriminator(REAL * scale, FAKE * scale) >= 0


def test_closeness_is_two_sided():
    """A one-sided comparison (`loss - expected < 1e-2`) passes for −∞; ours must not."""
    with pytest.raises(AssertionError):
        torch.testing.assert_close(torch.tensor(-1e9), torch.tensor(0.31))


@pytest.mark.parametrize("call, message", [
    (lambda: losses.hinge.discriminator([1.0], FAKE), "real_logits must be a torch tensor, got list"),
    (lambda: losses.hinge.generator(torch.ones(3, dtype=torch.int64)), "fake_logits must hold floating-point"),
])
def test_bad_types_are_named(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize("call, message", [
    (lambda: losses.minimax.generator(torch.empty(0)), "fake_logits is empty"),
    (lambda: losses.relativistic.generator(FAKE), "real_logits is missing"),
    (lambda: losses.relativistic.discriminator(REAL, FAKE[:2]), r"real_logits \(4,\), fake_logits \(2,\)"),
])
def test_bad_values_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
