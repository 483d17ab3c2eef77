"""The study of the modern baseline: its variants differ in what they are named after, its measures mean something."""

import numpy as np
import pytest
import torch
from torch import nn

from ganlib import losses, penalties
from ganlib.data import mnist
from ganlib.games import Game
from ganlib.studies import modern
from ganlib.training.schedules import at


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_each_variant_changes_one_thing():
    games = {name: modern.game_of(variant) for name, variant in modern.VARIANTS.items()}
    assert {name for name, game in games.items() if game.loss is losses.non_saturating} == {"usual loss"}
    assert {name for name, game in games.items() if game.penalty is None} == {"no penalty"}
    assert {name for name, variant in modern.VARIANTS.items() if "schedules" in variant} == {"no schedules"}
    critic, real, fake = games["modern"].discriminator, *torch.rand(2, 4, 1, 28, 28)
    r1, r2 = penalties.r1(critic, real, 1.0), penalties.r2(critic, fake, 1.0)
    for name, game in games.items():
        if game.penalty is not None:
            due = r1 if name == "R1 alone" else r1 + r2
            assert torch.allclose(game.penalty(critic, real, fake), due)


def test_without_schedules_the_settings_have_the_mean_of_the_schedules():
    shares = np.arange(modern.STEPS) / modern.STEPS
    for name, setting in modern.SCHEDULES.items():
        mean = np.mean([at(setting, share) for share in shares], axis=0)
        assert np.allclose(mean, modern.MIDDLE[name], rtol=0.01)


def test_the_slope_is_that_of_a_linear_critic():
    critic = nn.Sequential(nn.Flatten(), nn.Linear(784, 1))
    game = Game(modern.game_of({}).generator, critic, latent=modern.LATENT)
    expected = critic[1].weight.norm().item()
    assert modern.slope(game, torch.rand(5, 1, 28, 28)) == pytest.approx(expected, rel=1e-5)


def test_a_run_is_measured_and_draws_no_random_numbers_of_others():
    run = modern.play(modern.VARIANTS["modern"], seed=0, steps=2)
    torch.manual_seed(7)
    first, after = modern.measured(run.game), torch.rand(1)
    torch.manual_seed(7)
    assert torch.equal(after, torch.rand(1))
    assert first == modern.measured(run.game)
    assert first["frechet"] > 100 and 1 <= first["classes"] <= 10  # two steps are not enough for digits
    assert mnist().images.shape[1:] == run.game.generate(1).shape[1:]


def test_a_run_that_diverges_counts_as_no_pictures(monkeypatch):
    monkeypatch.setattr(modern, "STEPS", 3)
    settings = modern.SCHEDULES | {"lr": 1e30}
    assert modern.run({"schedules": settings}, 0)["diverged"] == 1
