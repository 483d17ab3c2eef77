"""What a game is made of: who is reset first, who sees which samples, and whose gradient goes where."""

import math

import pytest
import torch
from torch import nn

from ganlib import losses, penalties
from ganlib.games import Game, Unrolled
from ganlib.networks import MLP

REAL = torch.tensor([[1.0, 0.0], [0.5, -1.0], [2.0, 2.0]])


def small(**settings):
    return Game(MLP(2, 6, 2), MLP(2, 5, 1), latent=2, **settings)


def parameters(*players):
    return torch.cat([p.detach().flatten() for player in players for p in player.parameters()])


def grads(player):
    return [p.grad for p in player.parameters()]


class Recorder(nn.Module):
    """Passes on to a network and remembers what came in."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.seen = inner, []

    def forward(self, x):
        self.seen.append(x)
        return self.inner(x)


# ---- parameters
PLAYERS = {
    "perceptrons": (lambda: MLP(2, 6, 2), lambda: MLP(2, 5, 1)),
    "plain torch modules": (lambda: nn.Sequential(nn.Linear(2, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 2)),
                            lambda: nn.Sequential(nn.Linear(2, 5), nn.Sequential(nn.ReLU(), nn.Linear(5, 1)))),
    "one bare linear layer": (lambda: nn.Linear(2, 2), lambda: nn.Linear(2, 1)),
    "a perceptron inside another module": (lambda: nn.Sequential(MLP(2, 6, 2), nn.Tanh()), lambda: Recorder(MLP(2, 1))),
}


@pytest.fixture(params=PLAYERS, ids=list(PLAYERS))
def players(request):
    return PLAYERS[request.param]


def test_reset_draws_what_making_the_players_draws_generator_first(players):
    torch.manual_seed(8)
    fresh = [make() for make in players]
    after = torch.get_rng_state()
    torch.manual_seed(0)
    discriminator = players[1]()  # made in the other order
    game = Game(players[0](), discriminator, latent=2)
    before = parameters(game.generator, game.discriminator)
    torch.manual_seed(8)
    game.reset()
    assert torch.equal(parameters(game.generator, game.discriminator), parameters(*fresh))
    assert torch.equal(torch.get_rng_state(), after) and not torch.equal(parameters(*fresh), before)


def test_reset_redraws_every_parameter_in_place_and_goes_on_from_the_generator(players):
    game = Game(*(make() for make in players), latent=2)
    kept = [*game.generator.parameters(), *game.discriminator.parameters()]
    first = parameters(game.generator, game.discriminator)
    game.reset()
    second = parameters(game.generator, game.discriminator)
    game.reset()
    assert not torch.equal(first, second) and not torch.equal(second, parameters(game.generator, game.discriminator))
    now = [*game.generator.parameters(), *game.discriminator.parameters()]
    assert all(a is b for a, b in zip(kept, now, strict=True))  # optimisers keep hold of them


def test_reset_also_forgets_the_statistics_of_batch_norm():
    game = Game(PLAYERS["plain torch modules"][0](), MLP(2, 1), latent=2)
    game.generate(50)
    norm = game.generator[1]
    assert norm.running_mean.abs().sum() > 0
    game.reset()
    assert norm.running_mean.abs().sum() == 0 and norm.num_batches_tracked == 0


def test_a_copy_is_independent():
    game = small(loss=losses.hinge)
    twin = game.copy()
    assert isinstance(twin, Game) and twin.loss == losses.hinge and twin.latent == 2
    assert torch.equal(parameters(twin.generator, twin.discriminator), parameters(game.generator, game.discriminator))
    before = parameters(game.generator, game.discriminator)
    twin.reset()
    twin.discriminator_loss(REAL).backward()
    assert torch.equal(parameters(game.generator, game.discriminator), before)
    assert grads(game.discriminator) == [None] * 4
    assert not torch.equal(parameters(twin.generator), parameters(game.generator))


# ---- samples
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_latents_are_standard_normal_in_the_players_dtype(dtype):
    game = Game(MLP(3, 2).to(dtype), MLP(2, 1).to(dtype), latent=3)
    torch.manual_seed(2)
    z = game.latents(20_000)
    torch.manual_seed(2)
    assert torch.equal(z, torch.randn(20_000, 3).to(dtype)) and z.dtype == dtype  # the same numbers in both
    assert (z.mean(0).abs() < 5 / 20_000**0.5).all() and (z.var(0) - 1).abs().max() < 5 * (2 / 20_000) ** 0.5
    assert game.place == {"device": torch.device("cpu"), "dtype": dtype} and game.generate(4).dtype == dtype


def test_generate_gives_the_generators_samples_without_gradient():
    game = small()
    torch.manual_seed(2)
    samples = game.generate(7)
    torch.manual_seed(2)
    assert torch.equal(samples, game.generator(torch.randn(7, 2)).detach())
    assert samples.shape == (7, 2) and not samples.requires_grad


def test_generate_from_the_average_uses_the_average():
    game = small()
    game.average = MLP(2, 2)
    torch.manual_seed(2)
    averaged = game.generate(5, average=True)
    torch.manual_seed(2)
    assert torch.equal(averaged, game.average(torch.randn(5, 2)).detach()) and not averaged.requires_grad
    torch.manual_seed(2)
    assert not torch.equal(averaged, game.generate(5))


def test_every_loss_draws_fresh_latents_as_many_as_there_are_real_samples():
    """Peers: one z for the discriminator's and the generator's update."""
    game = Game(Recorder(MLP(2, 2)), MLP(2, 1), latent=2)
    game.discriminator_loss(REAL)
    game.generator_loss(REAL)
    first, second = game.generator.seen
    assert first.shape == second.shape == (3, 2) and not torch.equal(first, second)


# ---- losses
@pytest.mark.parametrize("name", losses.ALL)
def test_losses_are_those_of_the_logits(name):
    game, loss = small(loss=losses.ALL[name]), losses.ALL[name]
    torch.manual_seed(3)
    values = game.discriminator_loss(REAL), game.generator_loss(REAL)
    torch.manual_seed(3)
    real = game.discriminator(REAL)
    fake = [game.discriminator(game.generator(torch.randn(3, 2))) for _ in range(2)]
    assert torch.equal(values[0], loss.discriminator(real, fake[0])) and values[0].shape == ()
    assert torch.equal(values[1], loss.generator(fake[1], real)) and values[1].shape == ()


@pytest.mark.parametrize("name", losses.ALL)
def test_the_discriminators_loss_gives_the_generator_no_gradient(name):
    """Peers: the fake samples were not detached, so the generator collected gradients in the discriminator's step."""
    game = small(loss=losses.ALL[name],
                 penalty=lambda critic, real, fake: penalties.r1(critic, real, 1.0) + penalties.r2(critic, fake, 1.0))
    game.discriminator_loss(REAL).backward()
    assert grads(game.generator) == [None] * 4
    assert all(g is not None and g.isfinite().all() for g in grads(game.discriminator))


@pytest.mark.parametrize("name", losses.ALL)
def test_the_generators_loss_reaches_the_generator_through_the_discriminator(name):
    game = small(loss=losses.ALL[name])
    game.generator_loss(REAL).backward(inputs=list(game.generator.parameters()))
    assert grads(game.discriminator) == [None] * 4
    assert sum(float(g.abs().sum()) for g in grads(game.generator)) > 0


def test_the_relativistic_generator_compares_with_the_real_logits_as_constants():
    game = small(loss=losses.relativistic)
    torch.manual_seed(3)
    value = game.generator_loss(REAL)
    (slope,) = torch.autograd.grad(value, game.discriminator.layers[-1].bias)
    assert abs(slope) > 1e-3  # a shift of all logits would leave fake − real as it is, were real not a constant
    torch.manual_seed(3)
    assert value != game.generator_loss(REAL + 3)


@pytest.mark.parametrize("name", set(losses.ALL) - {"relativistic"})
def test_other_generators_never_look_at_the_real_samples(name):
    game = Game(MLP(2, 2), Recorder(MLP(2, 1)), latent=2, loss=losses.ALL[name])
    game.generator_loss(torch.full_like(REAL, math.nan))
    (only,) = game.discriminator.seen
    assert only.isfinite().all() and len(only) == 3


def test_the_penalty_is_added_and_gets_the_discriminator_the_real_and_the_judged_fake_samples():
    seen = []

    def penalty(critic, real, fake):
        seen.append((critic, real, fake))
        return torch.tensor(100.0)

    game = Game(MLP(2, 2), Recorder(MLP(2, 1)), latent=2, penalty=penalty)
    torch.manual_seed(4)
    value = game.discriminator_loss(REAL)
    game.penalty = None
    torch.manual_seed(4)
    assert (value - game.discriminator_loss(REAL)).item() == pytest.approx(100, abs=1e-4)
    ((critic, real, fake),) = seen
    assert critic is game.discriminator and real is REAL
    assert not fake.requires_grad and any(fake is x for x in game.discriminator.seen)
    game.penalty = penalty
    game.generator_loss(REAL)
    assert len(seen) == 1  # the generator does not pay it


# ---- bad input
@pytest.mark.parametrize("call, error, message", [
    (lambda: Game("G", MLP(2, 1), latent=2), TypeError, "Game: generator must be a torch.nn.Module, got str"),
    (lambda: Game(MLP(2, 2), torch.sigmoid, latent=2), TypeError, "Game: discriminator must be a torch.nn.Module"),
    (lambda: Game(MLP(2, 2), MLP(2, 1), latent=0), ValueError, "Game: latent must be a whole number of at least 1"),
    (lambda: Game(MLP(2, 2), MLP(2, 1), latent=2.0), ValueError, "Game: latent must be .*, got 2.0"),
    (lambda: small(loss="hinge"), TypeError, "Game: loss must be a ganlib.losses.Loss, .*got 'hinge'"),
    (lambda: small(loss=losses.hinge.generator), TypeError, "Game: loss must be a ganlib.losses.Loss"),
    (lambda: small().generate(0), ValueError, "Game.generate: rows must be a whole number of at least 1, got 0"),
    (lambda: small().generate(1.5), ValueError, "Game.generate: rows must be .*, got 1.5"),
    (lambda: small().generate(3, average=True), ValueError, "average=True, but no moving average was kept"),
])
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


# ---- what the discriminator is shown
def test_packs_stand_side_by_side():
    game = Game(MLP(2, 2), MLP(6, 1), latent=2, pack=3)
    x = torch.arange(12.0).reshape(6, 2)
    assert torch.equal(game.seen(x), torch.arange(12.0).reshape(2, 6))
    assert game.logits(x).shape == (2, 1)
    pictures = torch.arange(2 * 2 * 3 * 4.0).reshape(4, 1, 3, 4)
    game = Game(MLP(2, 2), MLP(24, 1), latent=2, pack=2)
    assert torch.equal(game.seen(pictures)[1], torch.cat([pictures[2], pictures[3]]))


@pytest.mark.parametrize("loss", [losses.non_saturating, losses.relativistic])
def test_a_packed_game_by_hand(loss):
    game = Game(MLP(2, 6, 2), MLP(4, 5, 1), latent=2, pack=2, loss=loss,
                penalty=lambda critic, real, fake: penalties.r1(critic, real, 1.0))
    real = torch.randn(8, 2)
    torch.manual_seed(1)
    d_loss, g_loss = game.discriminator_loss(real), game.generator_loss(real)
    torch.manual_seed(1)
    fake, again = (game.generator(torch.randn(8, 2)).reshape(4, 4) for _ in range(2))
    packs = real.reshape(4, 4)
    judged = game.discriminator(packs)
    expected = loss.discriminator(judged, game.discriminator(fake)) + penalties.r1(game.discriminator, packs, 1.0)
    assert torch.equal(d_loss, expected)
    assert torch.equal(g_loss, loss.generator(game.discriminator(again), judged))


def test_augmentation_reaches_all_that_the_discriminator_sees_and_lets_the_generators_gradient_through():
    heard = []

    class Shift:
        def __call__(self, x):
            return x + 5

        def observe(self, real_logits):
            heard.append(real_logits)

    discriminator = Recorder(MLP(2, 5, 1))
    game = Game(MLP(2, 6, 2), discriminator, latent=2, augment=Shift(), loss=losses.relativistic)
    game.discriminator_loss(REAL)
    assert torch.equal(discriminator.seen[0], REAL + 5) and discriminator.seen[1].mean() > 4
    assert len(heard) == 1 and heard[0].shape == (3, 1) and not heard[0].requires_grad
    game.generator_loss(REAL).backward()
    assert discriminator.seen[2].mean() > 4 and torch.equal(discriminator.seen[3], REAL + 5)
    assert all(g is not None and g.abs().sum() > 0 for g in grads(game.generator)) and len(heard) == 1


def test_the_penaltys_weight_is_the_loops_to_set():
    game = small(penalty=lambda critic, real, fake: torch.tensor(2.0))
    torch.manual_seed(0)
    plain = small(penalty=None)
    plain.generator, plain.discriminator = game.generator, game.discriminator
    values = []
    for one, weight in ((plain, 1.0), (game, 0.0), (game, 1.0), (game, 3.0)):
        torch.manual_seed(0)
        one.penalty_weight = weight
        values.append(one.discriminator_loss(REAL).item())
    assert values[1] == values[0] and values[2:] == pytest.approx([values[0] + 2, values[0] + 6])


# ---- unrolling
def test_without_steps_an_unrolled_game_is_the_plain_one():
    for loss in losses.ALL.values():
        plain = small(loss=loss)
        ahead = Unrolled(plain.generator, plain.discriminator, latent=2, loss=loss, unroll=0)
        torch.manual_seed(0)
        expected = plain.generator_loss(REAL)
        torch.manual_seed(0)
        assert torch.equal(ahead.generator_loss(REAL), expected)


def test_unrolling_by_hand_for_a_linear_discriminator():
    """D(x) = w·x with the Wasserstein loss: each thought step moves w by rate · (E real − E fake), whatever w is."""
    generator, critic = nn.Linear(2, 2).double(), nn.Linear(2, 1, bias=False).double()
    game = Unrolled(generator, critic, latent=2, loss=losses.wasserstein, unroll=3, unroll_lr=0.1)
    real = REAL.double()
    before = critic.weight.detach().clone()
    torch.manual_seed(0)
    loss = game.generator_loss(real)
    torch.manual_seed(0)
    fake = generator(torch.randn(3, 2).double())
    w = before + 3 * 0.1 * (real.mean(0) - fake.mean(0))
    assert loss.item() == pytest.approx(-(fake @ w.T).mean().item(), rel=1e-12)
    mine = torch.autograd.grad(loss, list(generator.parameters()))
    by_hand = torch.autograd.grad(-(fake @ w.T).mean(), list(generator.parameters()))  # through w as well
    for one, other in zip(mine, by_hand, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)
    assert torch.equal(critic.weight, before)  # only thought


def test_the_unrolled_gradient_against_finite_differences():
    torch.manual_seed(0)
    game = Unrolled(MLP(2, 3, 2, activation="tanh").double(), MLP(2, 4, 1, activation="tanh").double(), latent=2,
                    unroll=2, unroll_lr=0.5)

    def value():
        torch.manual_seed(0)
        return game.generator_loss(REAL.double())

    exact = torch.autograd.grad(value(), list(game.generator.parameters()))
    for parameter, gradient in zip(game.generator.parameters(), exact, strict=True):
        flat = parameter.detach().view(-1)
        for i in range(len(flat)):
            there = []
            for shift in (1e-5, -2e-5):
                flat[i] += shift
                there.append(value().item())
            flat[i] += 1e-5
            assert gradient.view(-1)[i].item() == pytest.approx((there[0] - there[1]) / 2e-5, abs=1e-8)


@pytest.mark.parametrize("settings, message", [
    (dict(pack=0), "pack must be a whole number of at least 1, got 0"),
    (dict(penalty="r1"), "penalty must be a function or None, got str"),
    (dict(augment=0.1), "augment must be a function or None, got float"),
    (dict(constraint=0.01), "constraint must be a function or None, got float"),
    (dict(unroll=-1), "unroll must be"),
    (dict(unroll_lr=0.0), "unroll_lr must be"),
])
def test_bad_settings_of_a_game_are_named(settings, message):
    with pytest.raises((ValueError, TypeError), match=message):
        Unrolled(MLP(2, 2), MLP(2, 1), latent=2, **settings)
