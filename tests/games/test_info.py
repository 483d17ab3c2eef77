"""InfoGAN: the latents' layout, the losses against torch.distributions and the loop in the open, who learns what."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import Categorical, Normal

from ganlib import augmentation, losses, penalties
from ganlib.data import Mixture
from ganlib.games import InfoGAN
from ganlib.networks import MLP
from ganlib.training import train

ROWS = 12


class Reading(nn.Module):
    """Points (n, 2) → a logit, and what Q reads: a small body with two heads."""

    def __init__(self, categories=3, continuous=2):
        super().__init__()
        self.body, self.judge, self.reader = MLP(2, 16), MLP(16, 1), MLP(16, categories + continuous)

    def forward(self, x):
        return self.judge(self.body(x))

    def read(self, x):
        return self.reader(self.body(x))

    def both(self, x):
        features = self.body(x)
        return self.judge(features), self.reader(features)


def small(**settings):
    continuous = settings.get("continuous", 2)
    return InfoGAN(MLP(4 + 3 + continuous, 16, 2), Reading(3, continuous), noise=4, categories=3, **settings)


data = Mixture([[1.0, 0.0], [-1.0, 0.0]], 0.1)


def test_the_layout_of_latents():
    torch.manual_seed(0)
    latents = small().latents(3000)
    noise, one_hot, continuous = latents.split([4, 3, 2], 1)
    assert set(one_hot.unique().tolist()) == {0.0, 1.0} and torch.equal(one_hot.sum(1), torch.ones(3000))
    assert ((one_hot.mean(0) - 1 / 3).abs() < 0.03).all()
    assert abs(noise.std() - 1) < 0.03 and abs(noise.mean()) < 0.03
    assert continuous.aminmax().max <= 1 and continuous.aminmax().min >= -1
    assert abs(continuous.var() - 1 / 3) < 0.02 and abs(continuous.mean()) < 0.03


@pytest.mark.parametrize("strength", [1.0, 3.0])
def test_noise_and_codes_are_joined_and_split(strength):
    game = small(strength=strength)
    noise, codes = torch.randn(5, 4), game.codes(5)
    again, (category, continuous) = game.split(game.join(noise, codes))
    assert game.join(noise, codes)[:, 4:7].max(1).values.eq(strength).all()
    assert torch.equal(again, noise) and torch.equal(category, codes[0]) and torch.equal(continuous, codes[1])


def test_the_surprise_is_that_of_torchs_distributions():
    game = small(std=0.7)
    reading, (category, continuous) = 3 * torch.randn(ROWS, 5), game.codes(ROWS)
    of_category, of_continuous = game.surprise(reading, (category, continuous))
    assert torch.allclose(of_category, -Categorical(logits=reading[:, :3]).log_prob(category), atol=1e-5)
    assert torch.allclose(of_continuous, -Normal(reading[:, 3:], 0.7).log_prob(continuous), atol=1e-5)
    latents = game.join(torch.randn(ROWS, 4), (category, continuous))
    assert torch.allclose(game.reading_loss(reading, latents), (of_category + of_continuous.sum(1)).mean())


def test_a_perfect_reader_costs_nothing_for_the_category():
    """Where a softmax came before the cross-entropy it would cost log(1 + 2/e) or more."""
    game = small(continuous=0)
    category = torch.tensor([0, 1, 2])
    perfect = 50 * torch.eye(3)
    assert game.surprise(perfect, (category, torch.zeros(3, 0)))[0].max() < 1e-6


def test_the_losses_are_those_of_the_game_plus_the_reading():
    game = small(weight=0.3, loss=losses.hinge)
    real = data.sample(ROWS)
    torch.manual_seed(5)
    latents = game.latents(ROWS)
    fake = game.generator(latents)
    reading = game.reading_loss(game.discriminator.read(fake), latents)
    torch.manual_seed(5)
    expected = losses.hinge.discriminator(game.discriminator(real), game.discriminator(fake)) + reading
    assert torch.allclose(game.discriminator_loss(real), expected, atol=1e-6)
    torch.manual_seed(5)
    expected = losses.hinge.generator(game.discriminator(fake)) + 0.3 * reading
    assert torch.allclose(game.generator_loss(real), expected, atol=1e-6)


def test_the_discriminators_loss_trains_both_heads_and_the_generator_not():
    game = small(penalty=lambda critic, x, y: penalties.r1(critic, x, 1.0))
    game.discriminator_loss(data.sample(ROWS)).backward()
    assert all(p.grad is None for p in game.generator.parameters())
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in game.discriminator.parameters())


def test_with_weight_0_the_reader_learns_and_the_generator_takes_no_notice():
    game, plain = small(weight=0.0), small(weight=1.0)
    plain.discriminator.load_state_dict(game.discriminator.state_dict())
    plain.generator.load_state_dict(game.generator.state_dict())
    real = data.sample(ROWS)
    gradients = []
    for one in (game, plain):
        torch.manual_seed(1)
        found = torch.autograd.grad(one.generator_loss(real), list(one.discriminator.reader.parameters()),
                                    allow_unused=True)
        gradients.append([g is not None and bool(g.any()) for g in found])
    assert not any(gradients[0]) and all(gradients[1])
    game.discriminator_loss(real).backward()
    assert all(p.grad.any() for p in game.discriminator.reader.parameters())


def test_training_is_the_loop_in_the_open():
    game = small(weight=0.5)
    history = train(game, data, steps=3, seed=2, batch=8, lr=1e-2, device="cpu", progress=False)
    torch.manual_seed(2)
    G, D = MLP(9, 16, 2), Reading()
    adam_g, adam_d = (torch.optim.Adam(player.parameters(), lr=1e-2, betas=(0.5, 0.99), fused=True)
                      for player in (G, D))

    def latents():
        noise, category = torch.randn(8, 4), torch.randint(3, (8,))
        return torch.cat([noise, torch.eye(3)[category], 2 * torch.rand(8, 2) - 1], 1)

    def unread(reading, z):
        category = nn.functional.cross_entropy(reading[:, :3], z[:, 4:7].argmax(1))
        return category - Normal(reading[:, 3:], 0.5).log_prob(z[:, 7:]).sum(1).mean()

    for _ in range(3):
        real, z = data.sample(8), latents()
        fake = G(z).detach()
        loss = losses.non_saturating.discriminator(D(real), D(fake)) + unread(D.read(fake), z)
        adam_d.zero_grad()
        loss.backward()
        adam_d.step()
        z = latents()
        loss = losses.non_saturating.generator(D(G(z))) + 0.5 * unread(D.read(G(z)), z)
        adam_g.zero_grad()
        loss.backward()
        adam_g.step()
    ours, theirs = history.game.generator, G
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in
               zip(history.game.discriminator.parameters(), D.parameters(), strict=True))


def test_samples_with_given_codes():
    game = small()
    codes = torch.tensor([0, 2, 1]), torch.tensor([[0.5, -1.0]] * 3)
    torch.manual_seed(4)
    given = game.generate(3, codes=codes)
    torch.manual_seed(4)
    noise = torch.randn(3, 4)
    assert torch.allclose(given, game.generator(game.join(noise, codes)).detach(), atol=1e-6)
    assert not given.requires_grad
    torch.manual_seed(4)
    free = game.generate(3)
    torch.manual_seed(4)
    assert torch.equal(free, game.generator(game.latents(3)).detach())


def test_the_bound_of_a_reader_that_knows_all_and_of_one_that_knows_nothing():
    """The sample is the codes themselves, so that all can be said exactly."""
    class Show(nn.Module):
        def __init__(self):
            super().__init__()
            self.unused = nn.Parameter(torch.zeros(1))

        def forward(self, z):
            return z[:, 4:]

    class Know(Show):
        def __init__(self, error, sure):
            super().__init__()
            self.error, self.sure = error, sure

        def read(self, x):
            return torch.cat([self.sure * x[:, :3], x[:, 3:] + self.error * (-1.0) ** torch.arange(len(x))[:, None]], 1)

        both = read

    class Blind(Know):
        def read(self, x):
            return torch.zeros(len(x), 5)

    torch.manual_seed(0)
    bound = InfoGAN(Show(), Know(0.1, 50.0), noise=4, categories=3).bound(500)
    assert bound.category == pytest.approx(math.log(3), abs=1e-5)
    assert bound.continuous == pytest.approx([math.log(2) - 0.5 * math.log(2 * math.pi * math.e * 0.01)] * 2, abs=1e-4)
    nothing = InfoGAN(Show(), Blind(0, 0), noise=4, categories=3).bound(20_000)
    assert nothing.category == pytest.approx(0, abs=1e-6)
    assert nothing.continuous == pytest.approx([math.log(2) - 0.5 * math.log(2 * math.pi * math.e / 3)] * 2, abs=0.02)


def test_augmentation_is_seen_by_the_reader_too():
    game = small(augment=augmentation.noise(0.5))
    seen = []
    game.discriminator.body.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    real = data.sample(ROWS)
    torch.manual_seed(0)
    game.generator_loss(real)
    torch.manual_seed(0)
    plain = game.generator(game.latents(ROWS))
    assert len(seen) == 1 and 0.2 < (seen[0] - plain).std() < 0.8


def test_a_checkpoint_and_a_copy_hold_the_reader():
    names = dict(small().discriminator.named_parameters())
    assert any(name.startswith("reader") for name in names)
    game = small()
    train(game, data, steps=2, seed=0, batch=8, device="cpu", progress=False, ema_decay=0.9,
          probes={"bound": lambda g: g.bound(64).category})
    assert game.generate(5, average=True).shape == (5, 2)


def test_errors_say_what_came():
    with pytest.raises(TypeError, match=r"InfoGAN: discriminator must have a method both\(x\), .* got MLP"):
        InfoGAN(MLP(9, 2), MLP(2, 1), noise=4, categories=3)
    with pytest.raises(ValueError, match="InfoGAN: pack must be 1, got 2"):
        small(pack=2)
    with pytest.raises(ValueError, match="InfoGAN: std must be a finite number above 0, got 0"):
        small(std=0)
    with pytest.raises(ValueError, match="InfoGAN: weight must be a finite number at least 0, got -1"):
        small(weight=-1)
    with pytest.raises(ValueError, match=r"InfoGAN.generate: codes must have the shapes \(2,\) and \(2, 2\), got"):
        small().generate(2, codes=(torch.zeros(3, dtype=torch.long), torch.zeros(3, 2)))
    with pytest.raises(ValueError, match="InfoGAN.generate: rows must be a whole number of at least 1, got 0"):
        small().generate(0)
