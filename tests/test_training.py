"""The loop: equal to one written in the open, exact to resume, honest when it fails."""

import os
import signal
import threading
import time

import numpy as np
import pytest
import torch
from torch import nn

from ganlib import data, losses, penalties
from ganlib.games import Game
from ganlib.networks import MLP
from ganlib.training import Diverged, ensemble, train

PENALTIES = {
    "none": None,
    "r1 + r2": lambda critic, real, fake: penalties.r1(critic, real, 0.5) + penalties.r2(critic, fake, 0.5),
    "gradient penalty": lambda critic, real, fake: penalties.gradient_penalty(critic, real, fake, 1.0),
}


def small(loss=losses.non_saturating, penalty=None, dtype=torch.float32):
    return Game(MLP(2, 8, 2).to(dtype), MLP(2, 8, 1).to(dtype), latent=2, loss=loss, penalty=penalty)


def parameters(game):
    return torch.cat([p.detach().flatten() for p in (*game.generator.parameters(), *game.discriminator.parameters())])


def test_equals_the_loop_written_in_the_open():
    """Show it, then shelve it: torch's own layers, torch's own random numbers, the textbook's three lines."""
    torch.manual_seed(3)
    generator = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 2))
    discriminator = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
    adam_g = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.99), fused=True)
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.99), fused=True)
    mixture, softplus = data.ring(), nn.functional.softplus
    seen = []
    for _ in range(30):
        for _ in range(2):
            real = mixture.sample(16)
            fake = generator(torch.randn(16, 2)).detach()
            d_loss = softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()
            adam_d.zero_grad()
            d_loss.backward()
            adam_d.step()
        g_loss = softplus(-discriminator(generator(torch.randn(16, 2)))).mean()
        adam_g.zero_grad()
        g_loss.backward()
        adam_g.step()
        seen.append([d_loss.item(), g_loss.item()])

    game = small()
    history = train(game, mixture, steps=30, seed=3, batch=16, discriminator_steps=2, progress=False)
    in_the_open = torch.cat([p.detach().flatten() for p in (*generator.parameters(), *discriminator.parameters())])
    assert torch.equal(parameters(game), in_the_open)
    np.testing.assert_array_equal(np.stack([history.discriminator_loss, history.generator_loss], 1), np.array(seen))


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("loss", losses.ALL)
def test_a_member_of_an_ensemble_equals_the_single_run_of_its_seed(loss, penalty):
    game = small(losses.ALL[loss], PENALTIES[penalty], torch.float64)
    before = parameters(game).clone()
    settings = dict(steps=25, batch=8, ema_decay=0.9, discriminator_steps=2, progress=False, probe_every=10,
                    probes={"samples": lambda g: g.generate(4)})
    together = ensemble(game, data.ring(), seeds=[5, 2, 9], **settings)
    assert torch.equal(parameters(game), before)  # the game given is a recipe, left untouched
    for seed, member in zip([5, 2, 9], together, strict=True):
        single = small(losses.ALL[loss], PENALTIES[penalty], torch.float64)
        alone = train(single, data.ring(), seed=seed, **settings)
        assert member.seed == seed
        torch.testing.assert_close(parameters(member.game), parameters(single), rtol=0, atol=1e-12)
        for one, other in ((member.game.average, single.average),):
            for a, b in zip(one.parameters(), other.parameters(), strict=True):
                torch.testing.assert_close(a, b, rtol=0, atol=1e-12)
        for field in ("discriminator_loss", "generator_loss"):
            np.testing.assert_allclose(getattr(member, field), getattr(alone, field), rtol=0, atol=1e-12)
        np.testing.assert_allclose(member.probes["samples"], alone.probes["samples"], rtol=0, atol=1e-12)
        assert list(member.probe_steps) == list(alone.probe_steps) == [0, 10, 20, 25]


def test_members_differ_from_each_other():
    first, second = ensemble(small(), data.ring(), seeds=[0, 1], steps=5, progress=False)
    assert not torch.allclose(parameters(first.game), parameters(second.game))


def test_a_custom_loss_or_penalty_with_its_own_mean_works_in_an_ensemble():
    def penalty(critic, real, fake):
        return 0.1 * critic(real).square().mean()  # one number for the whole stack
    game = small(penalty=penalty, dtype=torch.float64)
    together = ensemble(game, data.ring(), seeds=[0, 1], steps=10, progress=False)
    single = small(penalty=penalty, dtype=torch.float64)
    train(single, data.ring(), seed=1, steps=10, progress=False)
    torch.testing.assert_close(parameters(together[1].game), parameters(single), rtol=0, atol=1e-12)


def test_seeded_and_polite_to_the_global_generator():
    torch.manual_seed(7)
    before = torch.get_rng_state()
    one, two, other = small(), small(), small()
    for game, seed in ((one, 0), (two, 0), (other, 1)):
        train(game, data.ring(), steps=5, seed=seed, progress=False)
    assert torch.equal(parameters(one), parameters(two)) and not torch.equal(parameters(one), parameters(other))
    torch.manual_seed(7)
    assert torch.equal(torch.get_rng_state(), before)
    state = torch.get_rng_state()
    train(one, data.ring(), steps=2, progress=False)
    assert torch.equal(torch.get_rng_state(), state)


def test_probes_do_not_disturb_the_run_and_see_fixed_latents():
    plain, probed = small(), small()
    train(plain, data.ring(), steps=20, progress=False)
    history = train(probed, data.ring(), steps=20, progress=False, probe_every=5,
                    probes={"z": lambda g: g.latents(3), "norm": lambda g: float(parameters(g).norm())})
    assert torch.equal(parameters(plain), parameters(probed))
    assert history.probes["z"].shape == (5, 3, 2) and (history.probes["z"] == history.probes["z"][0]).all()
    assert history.probes["norm"].shape == (5,) and len(set(history.probes["norm"])) == 5


def test_going_on_from_where_the_players_are():
    game = small()
    train(game, data.ring(), steps=5, progress=False)
    before = parameters(game).clone()
    train(game, data.ring(), steps=0, seed=1, initialise=False, progress=False)
    assert torch.equal(parameters(game), before)
    train(game, data.ring(), steps=0, seed=1, progress=False)
    assert not torch.equal(parameters(game), before)


def test_moving_average_by_its_formula():
    game, follower = small(dtype=torch.float64), small(dtype=torch.float64)
    train(game, data.ring(), steps=3, ema_decay=0.8, progress=False)
    train(follower, data.ring(), steps=0, progress=False)
    expected = [p.detach().clone() for p in follower.generator.parameters()]
    for steps in (1, 2, 3):
        train(follower, data.ring(), steps=steps, progress=False)
        expected = [0.8 * e + 0.2 * p.detach() for e, p in zip(expected, follower.generator.parameters(), strict=True)]
    for kept, e in zip(game.average.parameters(), expected, strict=True):
        torch.testing.assert_close(kept, e, rtol=0, atol=1e-12)


class Broken(nn.Module):
    """A generator with batch norm, to see that buffers are averaged, saved and restored too."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))

    def forward(self, z):
        return self.body(z)


def test_the_average_takes_the_buffers_over():
    game = Game(Broken(), MLP(2, 4, 1), latent=2)
    train(game, data.ring(), steps=4, ema_decay=0.9, progress=False)
    assert torch.equal(game.average.body[1].running_mean, game.generator.body[1].running_mean)
    assert game.average.body[1].running_mean.abs().sum() > 0


class Flaky:
    """A data set whose sample raises at a given call, as a lost connection or Ctrl-C would."""

    def __init__(self, calls, error):
        self.left, self.error, self.mixture = calls, error, data.ring()

    def sample(self, rows):
        self.left -= 1
        if self.left < 0:
            raise self.error
        return self.mixture.sample(rows)


@pytest.mark.parametrize("network", ["mlp", "batch norm"])
@pytest.mark.parametrize("penalty", ["none", "gradient penalty"])
def test_resumes_to_the_very_same_parameters(tmp_path, penalty, network):
    def fresh():
        generator = MLP(2, 8, 2) if network == "mlp" else Broken()
        return Game(generator, MLP(2, 8, 1), latent=2, penalty=PENALTIES[penalty])
    settings = dict(steps=350, batch=8, ema_decay=0.9, probes={"samples": lambda g: g.generate(3)}, progress=False,
                    checkpoint_seconds=0.0)
    whole, cut = fresh(), fresh()
    straight = train(whole, data.ring(), **settings)
    with pytest.raises(ConnectionError):
        train(cut, Flaky(250, ConnectionError()), checkpoint=tmp_path, **settings)
    again = fresh()  # a new kernel: nothing in memory
    resumed = train(again, data.ring(), checkpoint=tmp_path, **settings)
    assert torch.equal(parameters(again), parameters(whole))
    for a, b in zip(again.average.state_dict().values(), whole.average.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    np.testing.assert_array_equal(resumed.generator_loss, straight.generator_loss)
    np.testing.assert_array_equal(resumed.probes["samples"], straight.probes["samples"])
    assert list(resumed.probe_steps) == [0, 100, 200, 300, 350]
    third = fresh()  # finished: asking again trains nothing and gives the same
    finished = train(third, Flaky(0, AssertionError()), checkpoint=tmp_path, **settings)
    np.testing.assert_array_equal(finished.generator_loss, straight.generator_loss)
    assert torch.equal(parameters(third), parameters(whole))


def test_an_ensemble_resumes_too(tmp_path):
    settings = dict(seeds=[0, 1], steps=220, batch=8, progress=False, checkpoint_seconds=0.0)
    straight = ensemble(small(), data.ring(), **settings)
    with pytest.raises(ConnectionError):
        ensemble(small(), Flaky(150, ConnectionError()), checkpoint=tmp_path, **settings)
    resumed = ensemble(small(), data.ring(), checkpoint=tmp_path, **settings)
    for a, b in zip(straight, resumed, strict=True):
        assert torch.equal(parameters(a.game), parameters(b.game))


def test_checkpoint_of_other_settings_or_other_networks_is_refused(tmp_path):
    train(small(), data.ring(), steps=3, checkpoint=tmp_path, progress=False)
    with pytest.raises(ValueError, match=r"made with lr=0.001, this run has 0.002"):
        train(small(), data.ring(), steps=3, lr=2e-3, checkpoint=tmp_path, progress=False)
    with pytest.raises(ValueError, match="made with another generator"):
        train(Game(MLP(2, 9, 2), MLP(2, 8, 1), latent=2), data.ring(), steps=3, checkpoint=tmp_path, progress=False)


def test_a_broken_checkpoint_is_named_and_not_touched(tmp_path):
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(ValueError, match="cannot be read"):
        train(small(), data.ring(), steps=3, checkpoint=tmp_path, progress=False)
    assert path.read_bytes() == b"not a checkpoint"


def test_a_checkpoint_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    train(small(), data.ring(), steps=3, checkpoint=tmp_path, progress=False)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()

    def power_cut(*_):
        raise OSError("no space left on device")
    monkeypatch.setattr("ganlib.training.checkpoint.os.replace", power_cut)
    with pytest.raises(OSError, match="no space"):
        train(small(), data.ring(), steps=5, checkpoint=tmp_path, progress=False)
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.safetensors"]
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before


def test_interrupted_returns_what_it_has(capsys):
    history = train(small(), Flaky(42, KeyboardInterrupt()), steps=1000, progress=False)
    assert history.interrupted and history.steps == 42 == len(history.discriminator_loss)
    assert "after 42 of 1000 steps" in capsys.readouterr().out


def test_a_real_ctrl_c_returns_what_it_has():
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    history = train(small(), data.ring(), steps=10**9, progress=False)
    assert history.interrupted and history.steps > 0
    time.sleep(0.01)


def test_divergence_stops_and_says_where_and_why():
    class Spoiled:
        calls = 0

        def sample(self, rows):
            self.calls += 1
            return torch.full((rows, 2), float("nan")) if self.calls > 7 else data.ring().sample(rows)
    with pytest.raises(Diverged, match=r"discriminator's loss is nan at step 7, seed 4 .*learning rate") as caught:
        train(small(), Spoiled(), steps=1000, seed=4, progress=False)
    assert caught.value.history.steps == 7 and np.isfinite(caught.value.history.generator_loss).all()


def test_divergence_of_one_member_names_its_seed():
    class Spoiled:
        calls = 0

        def sample(self, rows):
            self.calls += 1
            batch = data.ring().sample(rows)
            if self.calls > 3:
                batch[rows // 2:] = float("inf")  # the second member's half
            return batch
    with pytest.raises(Diverged, match=r"at step 3, seed 8 ") as caught:
        ensemble(small(), Spoiled(), seeds=[6, 8], steps=50, progress=False)
    assert len(caught.value.history) == 2


def test_a_parameter_that_is_not_finite_is_caught_at_the_end():
    def poison(critic, real, fake):
        weight = critic.layers[0].weight
        return (weight * 0).sum() + (weight * 0).sum() / 0  # gradient NaN, and so is the loss
    with pytest.raises(Diverged):
        train(small(penalty=poison), data.ring(), steps=1, progress=False)


@pytest.mark.parametrize("settings, message", [
    (dict(steps=-1), "steps must be a whole number of at least 0, got -1"),
    (dict(steps=5, batch=0), "batch must be"),
    (dict(steps=5, lr=0.0), "lr must be a finite number above 0, got 0.0"),
    (dict(steps=5, lr=float("nan")), "lr must be"),
    (dict(steps=5, betas=(0.5, 1.0)), "betas must be a finite number at least 0 and below 1"),
    (dict(steps=5, ema_decay=1.5), "ema_decay must be"),
    (dict(steps=5, discriminator_steps=0), "discriminator_steps must be"),
    (dict(steps=5, device="warp drive"), "device must be one this machine has .* got 'warp drive'"),
    (dict(steps=5, seed=0.5), "seed must be a whole number"),
])
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        train(small(), data.ring(), **settings)


def test_bad_players_and_data_are_named():
    with pytest.raises(TypeError, match="data must have a method sample"):
        train(small(), torch.zeros(5, 2), steps=1)
    with pytest.raises(TypeError, match="game must be a ganlib.games.Game"):
        train("game", data.ring(), steps=1)
    with pytest.raises(TypeError, match="generator must be a network that can be stacked .* got Broken"):
        ensemble(Game(Broken(), MLP(2, 4, 1), latent=2), data.ring(), seeds=[0], steps=1)
    with pytest.raises(ValueError, match="seeds must be different"):
        ensemble(small(), data.ring(), seeds=[1, 1], steps=1)
    with pytest.raises(TypeError, match="loss must be a ganlib.losses.Loss"):
        Game(MLP(2, 2), MLP(2, 1), latent=2, loss="hinge")
    with pytest.raises(TypeError, match="generator must be a torch.nn.Module"):
        Game(lambda z: z, MLP(2, 1), latent=2)
    with pytest.raises(ValueError, match="no moving average was kept"):
        small().generate(3, average=True)
