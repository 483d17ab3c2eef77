"""The loop: equal to one written in the open, exact to resume, honest when it fails."""

import os
import signal
import threading
import time

import numpy as np
import pytest
import torch
from torch import nn

from ganlib import data, draws, losses, penalties
from ganlib.games import Game, Unrolled
from ganlib.networks import MLP
from ganlib.training import Diverged, cosine, ensemble, train

PENALTIES = {
    "none": None,
    "r1 + r2": lambda critic, real, fake: penalties.r1(critic, real, 0.5) + penalties.r2(critic, fake, 0.5),
    "gradient penalty": lambda critic, real, fake: penalties.gradient_penalty(critic, real, fake, 1.0),
}


def small(loss=losses.non_saturating, dtype=torch.float32, **settings):
    return Game(MLP(2, 8, 2).to(dtype), MLP(2, 8, 1).to(dtype), latent=2, loss=loss, **settings)


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


class Coin(nn.Module):
    """An augmentation that remembers: its strength is the share of real samples the discriminator got right."""

    def __init__(self):
        super().__init__()
        self.register_buffer("strength", torch.zeros(()))

    def forward(self, x):
        each = self.strength.reshape(-1).repeat_interleave(len(x) // self.strength.numel())
        return x + each.to(x)[:, None] * draws.normal(len(x), 2).to(x)

    def observe(self, real_logits):
        self.strength = draws.batch_mean((real_logits > 0).double())

    def reset_parameters(self):
        self.strength = torch.zeros(())

    def stack(self, several):
        stacked = Coin()
        stacked.strength = torch.stack([one.strength for one in several])
        return stacked

    def unstack(self):
        singles = [Coin() for _ in self.strength]
        for single, strength in zip(singles, self.strength, strict=True):
            single.strength = strength
        return singles


def game_of(kind, **settings):
    """A small game in float64 that uses one more thing than the plain one."""
    critic = {"spectral": True} if kind == "spectral norm" else {"minibatch_std": kind == "minibatch statistics"}
    generator = MLP(2, 8, 2).double()
    discriminator = MLP(4 if kind == "packs" else 2, 8, 8, 1, **critic).double()
    match kind:
        case "unrolled":
            return Unrolled(generator, discriminator, latent=2, unroll=3, **settings)
        case "packs":
            settings["pack"] = 2
        case "augmentation":
            settings["augment"] = lambda x: x + 0.1 * draws.normal(len(x), 2).to(x)
        case "augmentation that adapts":
            settings["augment"] = Coin()
        case "clipping":
            settings["constraint"] = penalties.clip(0.1)
    return Game(generator, discriminator, latent=2, **settings)


KINDS = ["plain", "spectral norm", "minibatch statistics", "unrolled", "packs", "augmentation",
         "augmentation that adapts", "clipping"]
CASES = [*(("plain", loss, penalty) for loss in losses.ALL for penalty in PENALTIES),
         *((kind, loss, "r1 + r2") for kind in KINDS[1:] for loss in ("non_saturating", "relativistic"))]
CHANGING = dict(lr=(cosine(1e-3, 0.0), 2e-3), betas=(0.5, lambda share: 0.9 + 0.09 * share), penalty_every=2,
                ema_decay=cosine(0.0, 0.99), penalty_weight=cosine(1.0, 0.1))


@pytest.mark.parametrize("kind, loss, penalty", CASES)
def test_a_member_of_an_ensemble_equals_the_single_run_of_its_seed(kind, loss, penalty):
    """To float64 rounding, over 200 steps: every loss with every penalty, and all else that a game can have."""
    def fresh():
        return game_of(kind, loss=losses.ALL[loss], penalty=PENALTIES[penalty])
    game = fresh()
    before = parameters(game).clone()
    # Rounding grows as the game goes on, most in what divides by small numbers; a mistake shows as 1e-3 and more.
    tolerance = dict(rtol=0, atol=1e-10 if kind == "plain" else 1e-8)
    settings = dict(steps=200, batch=8, discriminator_steps=1 + (kind == "plain"), progress=False, probe_every=90,
                    probes={"samples": lambda g: g.generate(4), "logits": lambda g: g.logits(g.generate(4))},
                    **(dict(ema_decay=0.9) if kind == "plain" else CHANGING))
    together = ensemble(game, data.ring(), seeds=[5, 2], **settings)
    assert torch.equal(parameters(game), before)  # the game given is a recipe, left untouched
    for seed, member in zip([5, 2], together, strict=True):
        single = fresh()
        alone = train(single, data.ring(), seed=seed, **settings)
        assert member.seed == seed
        torch.testing.assert_close(parameters(member.game), parameters(single), **tolerance)
        for one, other in zip(state(member.game), state(single), strict=True):
            torch.testing.assert_close(one, other, **tolerance)
        for field in ("discriminator_loss", "generator_loss"):
            np.testing.assert_allclose(getattr(member, field), getattr(alone, field), **tolerance)
        for name in settings["probes"]:
            np.testing.assert_allclose(member.probes[name], alone.probes[name], **tolerance)
        assert list(member.probe_steps) == list(alone.probe_steps) == [0, 90, 180, 200]


def state(game):
    """All that a game can learn or remember, averages and buffers included."""
    parts = (game.generator, game.discriminator, game.average, game.augment)
    return [value for part in parts if isinstance(part, nn.Module) for value in part.state_dict().values()]


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


# ---- settings that change
def test_the_cosine_goes_from_start_to_end():
    schedule = cosine(2.0, 1.0)
    assert [schedule(share) for share in (0.0, 0.5, 1.0)] == pytest.approx([2.0, 1.5, 1.0], abs=1e-15)
    assert repr(schedule) == "cosine(start=2.0, end=1.0)"


class Batches:
    """Data whose batches are tuples: points with labels."""

    def sample(self, rows):
        labels = draws.integers(3, rows)
        return draws.normal(rows, 2) + labels[:, None], labels


class Told(Game):
    """A game that asks for labels and keeps what it was given."""

    def discriminator_loss(self, real):
        self.given = real
        return super().discriminator_loss(real[0])

    def generator_loss(self, real):
        return super().generator_loss(real[0])


def test_a_batch_may_be_a_tuple_and_labels_stay_whole_numbers():
    game = Told(MLP(2, 8, 2).double(), MLP(2, 8, 1).double(), latent=2)
    train(game, Batches(), steps=3, batch=5, progress=False, device="cpu")
    points, labels = game.given
    assert points.dtype == torch.float64 and labels.dtype == torch.int64
    assert points.shape == (5, 2) and labels.shape == (5,)
    members = ensemble(game, Batches(), seeds=range(3), steps=4, batch=5, progress=False, device="cpu")
    single = train(game, Batches(), seed=2, steps=4, batch=5, progress=False, device="cpu")
    torch.testing.assert_close(parameters(members[2].game), parameters(single.game), rtol=0, atol=1e-12)


def test_schedules_equal_a_loop_written_in_the_open():
    """Rates, Adam's memory, the penalty's weight and the average, step by step, with torch's own Adam."""
    def penalty(critic, real, fake):
        return penalties.r1(critic, real, 1.0)
    lr, beta, weight, decay = cosine(1e-2, 0.0), (lambda t: 0.9 + 0.05 * t), cosine(4.0, 1.0), cosine(0.0, 0.9)
    game = small(penalty=penalty, dtype=torch.float64)
    train(game, data.ring(), steps=20, seed=3, batch=8, lr=(lr, 3e-3), betas=(0.5, beta), penalty_weight=weight,
          penalty_every=3, ema_decay=decay, progress=False)
    by_hand = small(dtype=torch.float64)
    torch.manual_seed(3)
    by_hand.reset()
    kept = [p.detach().clone() for p in by_hand.generator.parameters()]
    adam_g, adam_d = (torch.optim.Adam(p.parameters(), fused=True) for p in (by_hand.generator, by_hand.discriminator))
    for step in range(20):
        share = step / 20
        for adam, rate in ((adam_g, lr(share)), (adam_d, 3e-3)):
            adam.param_groups[0].update(lr=rate, betas=(0.5, beta(share)))
        real = data.ring().sample(8).double()
        d_loss = by_hand.discriminator_loss(real)
        if step % 3 == 0:
            d_loss = d_loss + 3 * weight(share) * penalty(by_hand.discriminator, real, real)
        for adam, loss in ((adam_d, d_loss), (adam_g, None)):
            loss = by_hand.generator_loss(real) if loss is None else loss
            adam.zero_grad()
            loss.backward()
            adam.step()
        kept = [decay(share) * k + (1 - decay(share)) * p.detach()
                for k, p in zip(kept, by_hand.generator.parameters(), strict=True)]
    torch.testing.assert_close(parameters(game), parameters(by_hand), rtol=0, atol=1e-12)
    for average, k in zip(game.average.parameters(), kept, strict=True):
        torch.testing.assert_close(average, k, rtol=0, atol=1e-12)


def test_lazy_penalties_count_as_much_as_those_of_every_step():
    seen = []

    def penalty(critic, real, fake):
        return critic(real).sum() * 0 + 1.0
    game = small(penalty=penalty)
    game.loss = game.loss._replace(discriminator=lambda real, fake: (real.sum() + fake.sum()) * 0)
    original = game.discriminator_loss

    def watched(real):
        value = original(real)
        seen.append(value.item())
        return value
    game.discriminator_loss = watched
    train(game, data.ring(), steps=8, discriminator_steps=2, penalty_every=4, penalty_weight=0.5, progress=False)
    assert seen == [2.0, 0, 0, 0] * 4 and sum(seen) == 16 * 0.5


def test_a_constraint_holds_after_every_update():
    game = small(constraint=penalties.clip(0.05))
    train(game, data.ring(), steps=5, progress=False)
    limit = torch.tensor(0.05)  # as float32 has it
    assert all((p.detach().abs() <= limit).all() for p in game.discriminator.parameters())
    assert max(float(p.detach().abs().max()) for p in game.generator.parameters()) > 0.05


def test_probes_do_not_disturb_what_a_network_remembers():
    """Looking at a spectrally normalised discriminator in training mode takes a step of power iteration: on a copy."""
    plain, probed = game_of("spectral norm"), game_of("spectral norm")
    train(plain, data.ring(), steps=20, progress=False)
    train(probed, data.ring(), steps=20, progress=False, probe_every=1, probes={"d": lambda g: g.logits(g.generate(9))})
    assert all(torch.equal(a, b) for a, b in zip(state(plain), state(probed), strict=True))


@pytest.mark.parametrize("kind", ["spectral norm", "augmentation that adapts"])
def test_what_a_game_remembers_is_resumed_too(tmp_path, kind):
    settings = dict(steps=220, batch=8, progress=False, checkpoint_seconds=0.0, **CHANGING)
    whole, cut, again = game_of(kind), game_of(kind), game_of(kind)
    train(whole, data.ring(), **settings)
    with pytest.raises(ConnectionError):
        train(cut, Flaky(150, ConnectionError()), checkpoint=tmp_path, **settings)
    train(again, data.ring(), checkpoint=tmp_path, **settings)
    assert all(torch.equal(a, b) for a, b in zip(state(whole), state(again), strict=True))


def test_a_schedule_is_part_of_the_checkpoints_settings(tmp_path):
    settings = dict(checkpoint=tmp_path, progress=False)
    train(small(), data.ring(), steps=3, lr=cosine(1e-3, 0.0), **settings)
    train(small(), data.ring(), steps=3, lr=cosine(1e-3, 0.0), **settings)
    with pytest.raises(ValueError, match=r"made with lr='cosine\(start=0.001, end=0.0\)', this run has 'cosine\(start"):
        train(small(), data.ring(), steps=3, lr=cosine(1e-3, 1e-4), **settings)
    with pytest.raises(ValueError, match="made with steps=3, this run has 5"):
        train(small(), data.ring(), steps=5, lr=cosine(1e-3, 0.0), **settings)


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
    (dict(steps=5, lr=cosine(1e-3, -1e-3)), "lr must be a finite number at least 0, got -0.001"),
    (dict(steps=5, betas=(0.5, cosine(0.9, 1.0))), "betas must be a finite number at least 0 and below 1, got 1.0"),
    (dict(steps=5, penalty_weight=-1.0), "penalty_weight must be a finite number at least 0, got -1.0"),
    (dict(steps=5, penalty_every=0), "penalty_every must be a whole number of at least 1, got 0"),
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
    with pytest.raises(ValueError, match="batch must be a multiple of the game's pack 3, got 128"):
        train(Game(MLP(2, 2), MLP(6, 1), latent=2, pack=3), data.ring(), steps=1)
    with pytest.raises(TypeError, match="augment must be a network that can be stacked .* got Dropout"):
        ensemble(Game(MLP(2, 2), MLP(2, 1), latent=2, augment=nn.Dropout()), data.ring(), seeds=[0], steps=1)
    with pytest.raises(ValueError, match="no moving average was kept"):
        small().generate(3, average=True)
