"""StyleGAN2's game: path lengths by the explicit Jacobian, the penalty's gradient, laziness, the loop, resuming."""

import math

import numpy as np
import pytest
import torch
from scipy.special import gammaln
from torch import nn
from torch.nn.functional import softplus

from ganlib import losses, penalties
from ganlib.games import Game, PathLengthPenalty, StyleGame, path_lengths
from ganlib.networks import MLP
from ganlib.networks.dcgan import DCGANDiscriminator
from ganlib.networks.stylegan import StyleGenerator
from ganlib.training import train


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


class Points(nn.Module):
    """z (n, 3) → w (n, 3) → points (n, 2)."""

    def __init__(self, latent=3):
        super().__init__()
        self.mapping, self.synthesis = MLP(latent, 6, latent), MLP(latent, 6, 2)

    def forward(self, z):
        return self.synthesis(self.mapping(z))


class Pictures:
    def __init__(self):
        self.images = torch.randn(40, 1, 28, 28).clamp(-1, 1)

    def sample(self, rows):
        return self.images[torch.randint(len(self.images), (rows,))]


class Plane:
    def sample(self, rows):
        return torch.randn(rows, 2)


def styled(noise=True):
    return StyleGenerator(4, (6, 4, 3), 2, noise=noise)


def game(**settings):
    return StyleGame(styled(), DCGANDiscriminator((4, 8), batch_norm=False), latent=4,
                     **{"path_weight": 2.0, "path_every": 3} | settings)


def parameters(player):
    return torch.cat([p.detach().flatten() for p in player.parameters()])


def same(one, other):
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


# ---- path lengths

def test_lengths_are_those_of_the_explicit_jacobian():
    network = styled(noise=False).double()
    w = torch.randn(5, 4, dtype=torch.float64)
    y = torch.randn(5, 1, 28, 28, dtype=torch.float64)
    found = path_lengths(network.synthesis, w, y)
    steps = 1e-6 * torch.eye(4, dtype=torch.float64)
    for row, direction, length in zip(w, y, found, strict=True):
        with torch.no_grad():  # all columns of the Jacobian, by differences: (4, 784)
            columns = (network.synthesis(row + steps) - network.synthesis(row - steps)).flatten(1) / 2e-6
        assert length.item() == pytest.approx((columns @ direction.flatten()).norm().item(), rel=1e-6)


def test_random_directions_have_the_size_of_one_picture():
    """E ‖Jᵀy‖² is the squared Frobenius norm of J over the number of pixels."""
    matrix = torch.randn(2 * 5 * 5, 3, dtype=torch.float64)
    w = torch.randn(20_000, 3, dtype=torch.float64)
    lengths = path_lengths(lambda w: (w @ matrix.T).view(-1, 2, 5, 5), w)
    assert lengths.square().mean().item() == pytest.approx(matrix.square().sum().item() / 25, rel=0.03)
    points = path_lengths(lambda w: w @ matrix[:2].T, w)
    assert points.square().mean().item() == pytest.approx(matrix[:2].square().sum().item(), rel=0.03)


def test_lengths_of_an_orthogonal_map_vary_as_little_as_they_can():
    """Of all J with one Frobenius norm the variance is least where singular values are equal: d − m², m = E χ_d."""
    d, rows = 6, 40_000
    m = math.sqrt(2) * math.exp(gammaln((d + 1) / 2) - gammaln(d / 2))
    basis = torch.linalg.qr(torch.randn(20, d, dtype=torch.float64)).Q
    for scales in (torch.ones(d), torch.linspace(0.5, 1.5, d), torch.eye(d)[0]):
        scales = scales.double() * math.sqrt(d) / scales.norm()
        lengths = path_lengths(lambda w, scales=scales: w @ (basis * scales).T, torch.randn(rows, d).double())
        if scales.var() < 1e-12:
            least = lengths.var().item()
            assert lengths.mean().item() == pytest.approx(m, rel=0.01) and least == pytest.approx(d - m ** 2, rel=0.05)
        else:
            assert lengths.var().item() > 1.15 * least


def test_lengths_need_no_gradient_mode_and_leave_none_behind():
    network, w = styled(), torch.randn(3, 4)
    with torch.no_grad():
        assert path_lengths(network.synthesis, w).shape == (3,)
    assert not w.requires_grad and all(p.grad is None for p in network.parameters())


# ---- the penalty

def test_the_running_mean():
    penalty = PathLengthPenalty(decay=0.9)
    assert penalty(torch.tensor([1.0, 3.0])).item() == pytest.approx(1) and penalty.mean == 2, "the first batch sets a"
    assert penalty(torch.tensor([7.0])).item() == pytest.approx((7 - 2.5) ** 2) and penalty.mean == pytest.approx(2.5)
    penalty.steps = 5
    again = PathLengthPenalty(decay=0.9)
    again.load_state_dict(penalty.state_dict())
    assert again.steps == 5 and again.mean == penalty.mean
    penalty.reset_parameters()
    assert penalty.steps == 0 and penalty.mean == 0


def test_its_gradient_is_that_of_finite_differences():
    """In the parameters of both networks, w = mapping(z) among them; a is a constant."""
    network, penalty = Points().double(), PathLengthPenalty(decay=0.5).double()
    network.mapping, network.synthesis = (nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, size)).double()
                                          for size in (3, 2))
    penalty.mean.fill_(0.7)
    z, y = torch.randn(6, 3, dtype=torch.float64), torch.randn(6, 2, dtype=torch.float64)
    penalty(path_lengths(network.synthesis, network.mapping(z), y)).backward()

    def value():
        return (path_lengths(network.synthesis, network.mapping(z), y) - penalty.mean).square().mean().item()

    checked = 0
    for parameter in network.parameters():
        if parameter.grad is None:  # a bias of the last layer moves pictures, not slopes
            continue
        flat, slope = parameter.data.view(-1), parameter.grad.view(-1)
        for i in range(len(flat)):
            flat[i] += 1e-5
            above = value()
            flat[i] -= 2e-5
            below = value()
            flat[i] += 1e-5
            assert slope[i].item() == pytest.approx((above - below) / 2e-5, rel=1e-4, abs=1e-7)
            checked += slope[i] != 0
    assert checked > 60 and next(network.mapping.parameters()).grad.abs().max() > 0


def test_the_penalty_alone_evens_the_lengths():
    network, penalty = Points(), PathLengthPenalty()
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)

    def spread():
        torch.manual_seed(1)
        lengths = path_lengths(network.synthesis, network.mapping(torch.randn(4000, 3)))
        return (lengths.std() / lengths.mean()).item()

    before = spread()
    for _ in range(200):
        optimiser.zero_grad()
        penalty(path_lengths(network.synthesis, network.mapping(torch.randn(64, 3)))).backward()
        optimiser.step()
    assert spread() < 0.8 * before


# ---- the game

def test_the_penalty_comes_every_few_steps_and_as_many_times_as_strongly():
    mine, real = game(), Pictures().sample(8)
    for step in range(7):
        torch.manual_seed(step)
        plain = Game.generator_loss(mine, real).item()
        mean = mine.path.mean.clone()
        lengths = mine.lengths(4)  # half the batch, drawn after the loss's own numbers
        torch.manual_seed(step)
        extra = mine.generator_loss(real).item() - plain
        if step % 3:
            assert extra == 0 and mine.path.mean == mean
        else:
            mean = lengths.mean() if step == 0 else mean + 0.01 * (lengths.mean() - mean)
            assert mine.path.mean.item() == pytest.approx(mean.item(), rel=1e-5)
            assert extra == pytest.approx(3 * 2.0 * (lengths - mean).square().mean().item(), rel=1e-3)
    assert mine.path.steps == 7


def test_without_the_penalty_it_is_a_game_with_r1():
    mine = game(path_weight=0.0, r1=0.5)
    plain = Game(styled(), DCGANDiscriminator((4, 8), batch_norm=False), latent=4, loss=losses.non_saturating,
                 penalty=lambda critic, real, fake: penalties.r1(critic, real, weight=0.5))
    for one in (mine, plain):
        torch.manual_seed(4)
        train(one, Pictures(), steps=4, batch=4, penalty_every=2, device="cpu")
    assert same(mine.generator, plain.generator) and same(mine.discriminator, plain.discriminator)
    assert mine.path.steps == 0
    assert game(r1=0.0).penalty is None


def test_the_loop_in_the_open_gives_the_same_parameters():
    weight, every, rows, steps = 1.5, 2, 10, 5
    torch.manual_seed(3)
    generator, discriminator = Points(), MLP(2, 8, 1)
    optimisers = [torch.optim.Adam(player.parameters(), 1e-2, (0.0, 0.99), fused=True)
                  for player in (generator, discriminator)]
    a = None
    for step in range(steps):
        real = Plane().sample(rows)
        with torch.no_grad():
            fake = generator(torch.randn(rows, 3))
        loss = softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()
        x = real.clone().requires_grad_()
        (slope,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
        loss = loss + 1.0 / 2 * slope.square().sum(1).mean()
        optimisers[1].zero_grad()
        loss.backward()
        optimisers[1].step()

        loss = softplus(-discriminator(generator(torch.randn(rows, 3)))).mean()
        if step % every == 0:
            w = generator.mapping(torch.randn(rows // 2, 3))
            points = generator.synthesis(w)
            (slope,) = torch.autograd.grad((points * torch.randn(rows // 2, 2)).sum(), w, create_graph=True)
            lengths = slope.norm(dim=1)
            a = lengths.mean().detach() if a is None else a + 0.01 * (lengths.mean().detach() - a)
            loss = loss + every * weight * (lengths - a).square().mean()
        optimisers[0].zero_grad()
        loss.backward(inputs=list(generator.parameters()))
        optimisers[0].step()
    mine = StyleGame(Points(), MLP(2, 8, 1), latent=3, path_weight=weight, path_every=every)
    train(mine, Plane(), steps=steps, batch=rows, seed=3, lr=1e-2, betas=(0.0, 0.99), device="cpu")
    assert torch.allclose(parameters(mine.generator), parameters(generator), atol=1e-6)
    assert torch.allclose(parameters(mine.discriminator), parameters(discriminator), atol=1e-6)
    assert mine.path.mean.item() == pytest.approx(a.item(), rel=1e-5)


def test_resumes_to_the_very_same_state(tmp_path):
    class Flaky(Pictures):
        left = 5

        def sample(self, rows):
            self.left -= 1
            if self.left < 0:
                raise ConnectionError
            return super().sample(rows)

    def fresh():
        torch.manual_seed(9)
        return game(), Flaky()

    settings = dict(steps=8, batch=4, ema_decay=0.9, penalty_every=2, device="cpu", probe_every=2,
                    checkpoint_seconds=0.0, probes={"a": lambda game: game.path.mean})
    (whole, _), (cut, flaky), (again, _) = fresh(), fresh(), fresh()
    data = Pictures()
    flaky.images = data.images
    straight = train(whole, data, **settings)
    with pytest.raises(ConnectionError):
        train(cut, flaky, checkpoint=tmp_path, **settings)
    resumed = train(again, data, checkpoint=tmp_path, **settings)
    for name in ("generator", "discriminator", "average", "path"):
        assert same(getattr(again, name), getattr(whole, name)), name
    assert not same(cut.path, whole.path) and again.path.steps == 8
    np.testing.assert_array_equal(resumed.generator_loss, straight.generator_loss)
    np.testing.assert_array_equal(resumed.probes["a"], straight.probes["a"])


def test_a_new_training_forgets_and_a_copy_keeps():
    mine = game()
    train(mine, Pictures(), steps=4, batch=4, device="cpu")
    twin = mine.copy()
    assert twin.path.steps == 4 and twin.path.mean == mine.path.mean > 0
    twin.generator_loss(Pictures().sample(4))
    assert mine.path.steps == 4
    before = mine.path.mean.clone()
    train(mine, Pictures(), steps=1, batch=4, seed=7, device="cpu")
    assert mine.path.steps == 1 and mine.path.mean != before
    train(mine, Pictures(), steps=1, batch=4, initialise=False, device="cpu")
    assert mine.path.steps == 2


@pytest.mark.parametrize("make, kind, message", [
    (lambda: StyleGame(MLP(4, 2), MLP(2, 1), latent=4), TypeError, "generator must have a method mapping.* got MLP"),
    (lambda: game(path_weight=-1), ValueError, "StyleGame: path_weight must be a finite number at least 0, got -1"),
    (lambda: game(path_every=0), ValueError, "StyleGame: path_every must be a whole number of at least 1, got 0"),
    (lambda: game(path_decay=1), ValueError, "PathLengthPenalty: decay must be .* below 1, got 1"),
    (lambda: game(r1=-1), ValueError, "StyleGame: r1 must be a finite number at least 0, got -1"),
    (lambda: game(penalty=None), TypeError, "StyleGame: penalty is R1 here"),
    (lambda: path_lengths(lambda w: w, torch.zeros(2, 3), torch.zeros(2, 2)), ValueError, "path_lengths: expected one"),
    (lambda: path_lengths(lambda w: w, [1.0]), TypeError, "path_lengths: w must be a torch tensor, got list"),
])
def test_errors_say_what_came(make, kind, message):
    with pytest.raises(kind, match=message):
        make()
