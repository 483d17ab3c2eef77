"""Games with labels: who is told what, whose gradient goes where, and what AC-GAN's classifier adds."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from ganlib import augmentation, draws, losses, penalties
from ganlib.data import images
from ganlib.games import AuxiliaryClassifier, Conditional
from ganlib.networks.conditional import ConditionalDiscriminator, ConditionalGenerator, ConditionalMLP
from ganlib.training import ensemble, train


class Pairs:
    """Points near their label: y = 0, 1, 2 and x ~ N(y, 1)."""

    def sample(self, rows):
        labels = draws.integers(3, rows)
        return draws.normal(rows, 1) + labels[:, None], labels


def small(way="concatenated", kind=Conditional, **settings):
    return kind(ConditionalMLP(2, 6, 1, classes=3), ConditionalMLP(1, 5, 1, classes=3, way=way), latent=2, **settings)


def batch(rows=6):
    torch.manual_seed(1)
    return Pairs().sample(rows)


GAMES = {"concatenated": lambda **s: small(**s), "projection": lambda **s: small("projection", **s),
         "auxiliary": lambda **s: small("auxiliary", AuxiliaryClassifier, **s),
         "auxiliary, taught by real": lambda **s: small("auxiliary", AuxiliaryClassifier, taught_by="real", **s)}


@pytest.fixture(params=GAMES, ids=list(GAMES))
def make(request):
    torch.manual_seed(0)
    return GAMES[request.param]


class Recorder(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner, self.seen = inner, []

    def forward(self, x, labels):
        self.seen.append((x, labels))
        return self.inner(x, labels)


def test_both_players_get_the_labels_of_the_batch(make):
    game = make()
    game.generator, game.discriminator = Recorder(game.generator), Recorder(game.discriminator)
    real, labels = batch()
    game.discriminator_loss((real, labels))
    assert all(torch.equal(told, labels) for _, told in game.generator.seen + game.discriminator.seen)
    assert len(game.discriminator.seen) == 2 and torch.equal(game.discriminator.seen[0][0], real)
    game.generator_loss((real, labels))
    assert torch.equal(game.generator.seen[-1][1], labels) and torch.equal(game.discriminator.seen[-1][1], labels)


def test_the_discriminators_loss_does_not_teach_the_generator(make):
    game = make()
    game.discriminator_loss(batch()).backward()
    assert all(p.grad is None for p in game.generator.parameters())
    assert any(p.grad is not None and p.grad.abs().max() > 0 for p in game.discriminator.parameters())
    game.generator_loss(batch()).backward()
    assert all(p.grad is not None for p in game.generator.parameters())


@pytest.mark.parametrize("way", ["concatenated", "projection"])
def test_the_losses_are_those_of_pairs(way):
    torch.manual_seed(0)
    game, (real, labels) = small(way, loss=losses.hinge), batch()
    torch.manual_seed(3)
    value = game.discriminator_loss((real, labels))
    torch.manual_seed(3)
    fake = game.generator(torch.randn(6, 2), labels)
    judged = game.discriminator(real, labels), game.discriminator(fake, labels)
    assert torch.allclose(value, losses.hinge.discriminator(*judged))
    torch.manual_seed(3)
    assert torch.allclose(game.generator_loss((real, labels)), losses.hinge.generator(judged[1]))


@pytest.mark.parametrize("taught_by", ["both", "real"])
def test_ac_gan_adds_cross_entropies(taught_by):
    torch.manual_seed(0)
    game = small("auxiliary", AuxiliaryClassifier, weight=0.7, taught_by=taught_by)
    real, labels = batch()
    torch.manual_seed(3)
    value = game.discriminator_loss((real, labels))
    torch.manual_seed(3)
    fake = game.generator(torch.randn(6, 2), labels)
    rows = [game.discriminator(x, labels) for x in (real, fake)]  # (n, 1 + 3)
    log_c = [row[:, 1:].log_softmax(1)[torch.arange(6), labels] for row in rows]
    adversarial = losses.non_saturating.discriminator(rows[0][:, :1], rows[1][:, :1])
    told = -log_c[0].mean() - (log_c[1].mean() if taught_by == "both" else 0)
    assert torch.allclose(value, adversarial + 0.7 * told)
    torch.manual_seed(3)
    expected = losses.non_saturating.generator(rows[1][:, :1]) - 0.7 * log_c[1].mean()
    assert torch.allclose(game.generator_loss((real, labels)), expected)


def test_the_penalty_sees_the_logit_with_its_label(make):
    torch.manual_seed(0)
    game = make(penalty=lambda critic, real, fake: penalties.r1(critic, real, weight=2.0))
    real, labels = batch()
    torch.manual_seed(3)
    whole = game.discriminator_loss((real, labels))
    game.penalty_weight = 0.0
    torch.manual_seed(3)
    bare = game.discriminator_loss((real, labels))
    x = real.clone().requires_grad_()
    slope, = torch.autograd.grad(game.discriminator(x, labels)[:, :1].sum(), x)
    assert torch.allclose(whole - bare, slope.square().sum(1).mean(), atol=1e-6) and whole > bare


def test_relativistic_and_augmented_games_train(make):
    game = make(loss=losses.relativistic, augment=augmentation.noise(0.1))
    history = train(game, Pairs(), steps=3, batch=4, device="cpu")
    assert np.isfinite(history.generator_loss).all()


@pytest.mark.parametrize("penalty", [None, lambda critic, real, fake: penalties.r1(critic, real, weight=0.3)])
def test_an_ensemble_equals_single_runs(make, penalty):
    settings = {"steps": 4, "batch": 6, "lr": 1e-2, "device": "cpu"}
    game = make(penalty=penalty)
    for player in (game.generator, game.discriminator):
        player.double()
    runs = ensemble(game, Pairs(), seeds=[5, 2], **settings)
    for seed, run in zip((5, 2), runs, strict=True):
        alone = train(game, Pairs(), seed=seed, **settings)
        assert np.allclose(run.discriminator_loss, alone.discriminator_loss, atol=1e-12)
        for a, b in zip(run.game.generator.parameters(), game.generator.parameters(), strict=True):
            assert torch.allclose(a, b, atol=1e-12)
    labels = torch.tensor([0, 1, 2, 2])
    assert runs[0].game.generate(4, labels=labels).shape == (4, 1)


def test_a_batch_is_the_same_batch_for_every_way():
    """The five ways differ in the discriminator only: same seed, same generator, same latents and pictures."""
    data, first = images.fashion_mnist().labelled(), []
    for way in ("none", "projection", "auxiliary"):
        kind = AuxiliaryClassifier if way == "auxiliary" else Conditional
        game = kind(ConditionalGenerator(4, channels=(8, 4)), ConditionalDiscriminator(way, channels=(4,)), latent=4)
        train(game, data, steps=0, seed=3, device="cpu")
        first.append(torch.cat([p.flatten() for p in game.generator.parameters()]))
    assert all(torch.equal(first[0], other) for other in first)


def test_a_discriminator_that_is_not_told_gives_one_loss_for_all_labels():
    torch.manual_seed(0)
    game, (real, labels) = small("none"), batch()
    game.generator = ConditionalMLP(2, 6, 1, classes=3, way="none")
    values = []
    for told in (labels, labels.flip(0)):
        torch.manual_seed(3)
        values.append(game.discriminator_loss((real, told)).item())
    assert values[0] == values[1]


def test_training_a_conditional_generator_moves_each_class_to_its_place():
    torch.manual_seed(0)
    game = Conditional(ConditionalMLP(2, 16, 1, classes=3), ConditionalMLP(1, 16, 1, classes=3, way="projection"),
                       latent=2, penalty=lambda critic, real, fake: penalties.r1(critic, real, weight=0.1))
    train(game, Pairs(), steps=600, batch=64, lr=4e-3, device="cpu")
    middle = game.generate(3000, labels=torch.arange(3).repeat(1000)).view(1000, 3).mean(0)
    assert middle[0] + 0.4 < middle[1] < middle[2] - 0.4


def test_errors_say_what_came(make):
    game = make()
    name = type(game).__name__
    with pytest.raises(ValueError, match=rf"{name}.generate: labels must be a tensor of shape \(3,\), got None"):
        game.generate(3)
    with pytest.raises(ValueError, match=r"got \(2,\)"):
        game.generate(3, labels=torch.tensor([0, 1]))
    with pytest.raises(TypeError, match=rf"{name}: data.sample must give samples and labels.* got a Tensor"):
        game.discriminator_loss(torch.randn(3, 1))
    with pytest.raises(TypeError, match="samples and labels"):
        train(game, images.mnist(), steps=1, device="cpu")
    with pytest.raises(ValueError, match=f"{name}: pack must be 1, got 2"):
        make(pack=2)


def test_errors_of_the_auxiliary_classifier():
    with pytest.raises(ValueError, match="AuxiliaryClassifier: weight must be a finite number at least 0, got -1"):
        small("auxiliary", AuxiliaryClassifier, weight=-1)
    with pytest.raises(ValueError, match="AuxiliaryClassifier: taught_by must be 'both' or 'real', got 'fake'"):
        small("auxiliary", AuxiliaryClassifier, taught_by="fake")


def test_the_classifiers_loss_of_a_clueless_head_is_log_3():
    game, (real, labels) = small("auxiliary", AuxiliaryClassifier), batch()
    for p in game.discriminator.parameters():
        nn.init.zeros_(p)
    assert game.generator_loss((real, labels)).item() == pytest.approx(math.log(2) + math.log(3))
    assert functional.cross_entropy(torch.zeros(6, 3), labels).item() == pytest.approx(math.log(3))
