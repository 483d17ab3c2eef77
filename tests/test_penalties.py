"""A linear critic has slope w everywhere, so every penalty on it is known exactly, for any batch and any shape."""

import pytest
import torch
from torch import nn

from ganlib import penalties
from ganlib.games import Game
from ganlib.networks import MLP

SHAPES = [(3,), (2, 4, 4), (1, 5, 3)]


def linear_critic(shape, norm):
    w = torch.randn(shape, dtype=torch.float64)
    w = norm * w / w.norm()
    return lambda x: (x * w).flatten(1).sum(1, keepdim=True) + 0.7


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("n", [1, 16, 64])
@pytest.mark.parametrize("norm", [0.5, 1.0, 3.0])
def test_exact_on_a_linear_critic(shape, n, norm):
    """Peers: one norm over the batch gives (√n − 1)² for a critic of slope 1; a norm per pixel is wrong as well."""
    critic = linear_critic(shape, norm)
    real, fake = torch.randn(2, n, *shape, dtype=torch.float64)
    assert penalties.gradient_penalty(critic, real, fake).item() == pytest.approx(10 * (norm - 1) ** 2, abs=1e-12)
    zero = penalties.gradient_penalty(critic, real, fake, weight=2.0, center=0.0)
    assert zero.item() == pytest.approx(2 * norm**2, rel=1e-12)
    assert penalties.r1(critic, real, 0.8).item() == pytest.approx(0.4 * norm**2, rel=1e-12)
    assert penalties.r2(critic, fake, 0.8).item() == pytest.approx(0.4 * norm**2, rel=1e-12)


def test_gradients_against_finite_differences_including_the_second_order():
    x = torch.randn(6, 2, dtype=torch.float64)
    fake = torch.randn(6, 2, dtype=torch.float64)
    first, second = (torch.randn(s, dtype=torch.float64, requires_grad=True) for s in ((2, 5), (5, 1)))

    def of(penalty):
        def value(a, b):
            torch.manual_seed(0)
            return penalty(lambda s: torch.tanh(s @ a) @ b)
        return value

    for penalty in (lambda c: penalties.r1(c, x, 1.3), lambda c: penalties.r2(c, fake, 1.3),
                    lambda c: penalties.gradient_penalty(c, x, fake),
                    lambda c: penalties.gradient_penalty(c, x, fake, center=0.0)):
        assert torch.autograd.gradcheck(of(penalty), (first, second))


def test_one_epsilon_per_sample_strictly_between_real_and_fake():
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.flatten(1).sum(1)

    real, fake = torch.zeros(500, 1, 2, 2), torch.ones(500, 1, 2, 2)
    penalties.gradient_penalty(critic, real, fake)
    place = seen[0].flatten(1)
    assert (place.std(1) == 0).all()  # one ε for all entries of a sample …
    assert len(place[:, 0].unique()) > 490  # … another for each sample …
    assert place.min() >= 0 and place.max() <= 1  # … inside the segment (peers draw it from N(0, 1))
    assert abs(place.mean() - 0.5) < 0.05  # … and uniform, not stuck at the real end (peers: ε = 1)


def test_no_gradient_reaches_the_generator():
    generator, critic = nn.Linear(2, 3), MLP(3, 8, 1)
    fake = generator(torch.randn(5, 2))
    total = penalties.gradient_penalty(critic, torch.randn(5, 3), fake) + penalties.r2(critic, fake, 1.0)
    total.backward()
    assert generator.weight.grad is None and critic.layers[0].weight.grad.abs().sum() > 0


def test_the_discriminators_step_leaves_the_generator_without_gradient():
    game = Game(MLP(2, 8, 3), MLP(3, 8, 1), latent=2, penalty=lambda c, r, f: penalties.gradient_penalty(c, r, f))
    game.discriminator_loss(torch.randn(7, 3)).backward()
    assert all(p.grad is None for p in game.generator.parameters())
    assert all(p.grad is not None for p in game.discriminator.parameters())


def test_a_flat_critic_has_a_finite_penalty_and_gradient():
    critic = nn.Linear(2, 1)
    nn.init.zeros_(critic.weight)
    value = penalties.gradient_penalty(critic, torch.randn(4, 2), torch.randn(4, 2))
    value.backward()
    assert value.item() == pytest.approx(10) and critic.weight.grad.isfinite().all()


def test_clipping_puts_every_parameter_back_into_its_interval():
    critic = MLP(2, 8, 8, 1)
    before = [p.detach().clone() for p in critic.parameters()]
    with torch.no_grad():
        penalties.clip(0.2)(critic)
    for p, b in zip(critic.parameters(), before, strict=True):
        assert torch.equal(p, b.clamp(-0.2, 0.2))
    assert any(b.abs().max() > 0.2 for b in before)


@pytest.mark.parametrize("call, message", [
    (lambda: penalties.clip(0.0), "limit must be a finite number above 0, got 0.0"),
    (lambda: penalties.gradient_penalty(lambda x: x.sum(1), torch.zeros(3, 2), torch.zeros(3, 2), center=-1.0),
     "center must be a finite number at least 0, got -1.0"),
    (lambda: penalties.gradient_penalty(lambda x: x.sum(1), torch.zeros(3, 2), torch.zeros(4, 2)),
     r"real \(3, 2\), fake"),
    (lambda: penalties.r1(lambda x: x, torch.zeros(3, 2), 1.0), r"one score per sample, got \(3, 2\)"),
    (lambda: penalties.r1(lambda x: x.sum(1), torch.zeros(3, 2), -1.0), "weight must be"),
    (lambda: penalties.r2(lambda x: x.sum(1), torch.zeros(0, 2), 1.0), "fake is empty"),
])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
