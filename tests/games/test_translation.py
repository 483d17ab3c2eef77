"""Translation with and without pairs: whose gradient goes where, what counts how much, what the pool remembers."""

import copy
import itertools

import numpy as np
import pytest
import torch
from torch import nn

from ganlib import losses, penalties
from ganlib.data import two_blobs
from ganlib.data.pairs import Pairs, Unpaired
from ganlib.games import Game, ImagePool, PairedTranslation, UnpairedTranslation
from ganlib.networks import MLP
from ganlib.networks.translation import PatchDiscriminator, ResidualTranslator, UNet
from ganlib.training import train

N = 6


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def picture(rows=N, channels=1):
    return torch.rand(rows, channels, 8, 8) * 2 - 1


def translator():
    return ResidualTranslator(width=2, blocks=1)


def judge(channels=1, **settings):
    return PatchDiscriminator(channels, (3, 4), **settings)


def paired(**settings):
    judged = 2 if settings.get("conditional", True) else 1
    return PairedTranslation(UNet(channels=(3, 4)), judge(judged), **settings)


def unpaired(**settings):
    return UnpairedTranslation(nn.ModuleDict({"ab": translator(), "ba": translator()}),
                               nn.ModuleDict({"a": judge(), "b": judge()}), **settings)


def grads(player):
    return [p.grad for p in player.parameters()]


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


GAMES = {"paired": lambda **s: paired(**s), "unpaired": lambda **s: unpaired(identity=2.0, **s)}
DATA = {"paired": Pairs, "unpaired": Unpaired}


@pytest.fixture(params=GAMES)
def kind(request):
    return request.param


# ---- both
@pytest.mark.parametrize("loss", losses.ALL)
def test_the_discriminators_loss_gives_the_generator_no_gradient(kind, loss):
    game = GAMES[kind](loss=losses.ALL[loss])
    game.discriminator_loss((picture(), picture())).backward()
    assert all(g is None for g in grads(game.generator))
    assert all(g is not None and g.isfinite().all() for g in grads(game.discriminator))
    assert sum(float(g.abs().sum()) for g in grads(game.discriminator)) > 0


@pytest.mark.parametrize("loss", losses.ALL)
def test_the_generators_loss_reaches_every_part_of_the_generator_alone(kind, loss):
    game = GAMES[kind](loss=losses.ALL[loss])
    game.generator_loss((picture(), picture())).backward(inputs=list(game.generator.parameters()))
    assert all(g is None for g in grads(game.discriminator))
    assert all(g is not None and g.isfinite().all() and g.any() for g in grads(game.generator))


def test_one_step_of_each_player_moves_that_player_only(kind):
    """By the loop: a rate of almost nothing for one player, and what the other one does."""
    for mover, rates in (("generator", (1e-2, 1e-30)), ("discriminator", (1e-30, 1e-2))):
        game, pictures = GAMES[kind](), DATA[kind](picture(20), picture(20))
        before = copy.deepcopy(game)
        train(game, pictures, steps=1, batch=4, lr=rates, initialise=False, device="cpu")
        moved = {name: max((a - b).abs().max() for a, b in zip(getattr(game, name).parameters(),
                                                               getattr(before, name).parameters(), strict=True)) > 1e-3
                 for name in ("generator", "discriminator")}
        assert moved == {"generator": mover == "generator", "discriminator": mover == "discriminator"}


def test_the_loss_is_the_weighted_sum_of_the_terms_that_count(kind):
    names = {"paired": ("adversarial", "l1"), "unpaired": ("adversarial", "cycle", "identity")}[kind]
    real = picture(), picture()
    game = GAMES[kind]()
    for values in itertools.product((0.0, 1.0, 2.5), repeat=len(names)):
        if not any(values):
            continue
        game.weights = dict(zip(names, values, strict=True))
        terms = game.generator_terms(real)
        assert list(terms) == [name for name, value in game.weights.items() if value]
        expected = sum(game.weights[name] * float(term.detach()) for name, term in terms.items())
        assert game.generator_loss(real).item() == pytest.approx(expected, rel=1e-6)
        assert game.generator_loss(real).shape == ()


def test_a_term_that_counts_nothing_is_not_computed(kind):
    def never(*_):
        raise AssertionError("the discriminator was asked")

    game = GAMES[kind](adversarial=0.0)
    game.discriminator.register_forward_pre_hook(never)
    for part in game.discriminator.children():
        part.register_forward_pre_hook(never)
    game.generator_loss((picture(), picture()))


@pytest.mark.parametrize("penalised", [False, True])
def test_resumes_to_the_very_same_state(tmp_path, kind, penalised):
    """Parameters, moving average, pools: all as if nothing had happened, in a new kernel."""
    def fresh():
        torch.manual_seed(9)
        settings = {"pool": 5} if kind == "unpaired" else {}
        if penalised:
            settings["penalty"] = lambda critic, real, _: penalties.r1(lambda x: critic(x).mean((1, 2, 3)), real, 1.0)
        return GAMES[kind](**settings)

    class Flaky(DATA[kind]):
        left = 20

        def sample(self, rows):
            self.left -= 1
            if self.left < 0:
                raise ConnectionError
            return super().sample(rows)

    x, y = picture(30), picture(30)
    settings = dict(steps=24, batch=2, ema_decay=0.9, device="cpu", probe_every=8, checkpoint_seconds=0.0,
                    probes={"first": lambda game: next(game.generator.parameters())})
    whole, cut, again = fresh(), fresh(), fresh()
    straight = train(whole, DATA[kind](x, y), **settings)
    with pytest.raises(ConnectionError):
        train(cut, Flaky(x, y), checkpoint=tmp_path, **settings)
    resumed = train(again, DATA[kind](x, y), checkpoint=tmp_path, **settings)
    for name in ("generator", "discriminator", "average", "pool")[: 4 if kind == "unpaired" else 3]:
        assert same(getattr(again, name), getattr(whole, name)), name
        assert not same(getattr(cut, name), getattr(whole, name)), name
    np.testing.assert_array_equal(resumed.generator_loss, straight.generator_loss)
    np.testing.assert_array_equal(resumed.discriminator_loss, straight.discriminator_loss)


def test_the_moving_average_translates(kind):
    game, x = GAMES[kind](), picture()
    with pytest.raises(ValueError, match="no moving average was kept"):
        game.translate(x, *["ab"] * (kind == "unpaired"), average=True)
    train(game, DATA[kind](picture(20), picture(20)), steps=5, batch=4, ema_decay=0.5, device="cpu")
    for direction in ("ab", "ba") if kind == "unpaired" else ((),):
        arguments = (x, direction) if direction else (x,)
        now, averaged = game.translate(*arguments), game.translate(*arguments, average=True)
        average = game.average[direction] if direction else game.average
        assert torch.equal(averaged, average(x)) and not averaged.requires_grad and not torch.equal(now, averaged)


def test_a_seed_gives_one_run_whatever_was_before(kind):
    runs = []
    for before in (0, 7):
        game = GAMES[kind]()
        if before:  # other parameters, and pictures in the pool
            train(game, DATA[kind](picture(20), picture(20)), steps=before, batch=4, seed=5, device="cpu")
        torch.manual_seed(1)
        data = DATA[kind](picture(20), picture(20))
        runs.append(train(game, data, steps=8, batch=4, seed=3, device="cpu").generator_loss)
    np.testing.assert_array_equal(*runs)


# ---- with pairs
@pytest.mark.parametrize("loss", losses.ALL)
@pytest.mark.parametrize("conditional", [True, False])
def test_paired_losses_by_hand(loss, conditional):
    """Isola et al. 2017, eqs. 1 to 4, the generator's adversarial part as in section 3.3."""
    loss = losses.ALL[loss]
    game = paired(loss=loss, l1=10.0, adversarial=2.0, conditional=conditional)
    x, y = picture(), picture()
    fake = game.generator(x)
    if conditional:
        real_logits, fake_logits = (game.discriminator(torch.cat([x, second], 1)) for second in (y, fake))
    else:
        real_logits, fake_logits = game.discriminator(y), game.discriminator(fake)
    torch.testing.assert_close(game.discriminator_loss((x, y)), loss.discriminator(real_logits, fake_logits))
    expected = 2 * loss.generator(fake_logits, real_logits) + 10 * (y - fake).abs().sum() / y.numel()
    torch.testing.assert_close(game.generator_loss((x, y)), expected)


def test_the_judge_sees_what_belongs_together():
    game, heard = paired(), []
    game.discriminator.register_forward_pre_hook(lambda module, inputs: heard.append(inputs[0]))
    x, y = picture(), picture()
    game.discriminator_loss((x, y))
    assert torch.equal(heard[0], torch.cat([x, y], 1)) and torch.equal(heard[1], torch.cat([x, game.generator(x)], 1))
    game.generator_loss((x, y))
    assert torch.equal(heard[2], heard[1]) and heard[2].requires_grad


def test_an_augmentation_moves_both_pictures_of_a_pair_alike():
    game = paired(augment=lambda shown: shown.flip(3))
    plain = PairedTranslation(game.generator, game.discriminator)
    x, y = picture(), picture()
    heard = []
    game.discriminator.register_forward_pre_hook(lambda module, inputs: heard.append(inputs[0]))
    game.discriminator_loss((x, y))
    assert torch.equal(heard[0], torch.cat([x, y], 1).flip(3)) and torch.equal(heard[1], plain.judged(
        x, game.generator(x)).flip(3))


def test_absolute_error_alone_finds_the_median_and_squares_would_find_the_mean():
    """One input, three answers: −1 twice as often as 0.8. What the generator gives is the answer most often given."""
    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.value = nn.Parameter(torch.zeros(1, 1, 8, 8))

        def forward(self, x):
            return torch.tanh(self.value).expand(len(x), -1, -1, -1)

    x = torch.zeros(3, 1, 8, 8)
    y = torch.tensor([-0.9, -0.9, 0.8])[:, None, None, None].expand(3, 1, 8, 8)
    game = PairedTranslation(Constant(), judge(2), adversarial=0.0, l1=1.0)
    train(game, Pairs(x, y), steps=200, batch=32, lr=0.05, initialise=False, device="cpu")
    assert (game.translate(x[:1]) + 0.9).abs().max() < 0.05  # the median; the mean is −0.33


def test_colours_out_of_greys():
    game = PairedTranslation(UNet(1, 3, channels=(3, 4)), judge(4))
    train(game, Pairs(picture(10), picture(10, 3)), steps=3, batch=4, device="cpu")
    assert game.translate(picture()).shape == (N, 3, 8, 8)


# ---- without pairs
@pytest.mark.parametrize("loss", losses.ALL)
def test_unpaired_losses_by_hand(loss):
    """Zhu et al. 2017, eqs. 1 to 3 and the identity loss of section 5.2."""
    loss = losses.ALL[loss]
    game = unpaired(loss=loss, cycle=10.0, identity=5.0, adversarial=2.0)
    a, b = picture(), picture()
    forth, back, judge_a, judge_b = game.generator["ab"], game.generator["ba"], *game.discriminator.values()
    fake_a, fake_b = back(b), forth(a)
    by_judges = (loss.generator(judge_b(fake_b), judge_b(b)) + loss.generator(judge_a(fake_a), judge_a(a)))
    cycle = (back(fake_b) - a).abs().mean() + (forth(fake_a) - b).abs().mean()
    identity = (forth(b) - b).abs().mean() + (back(a) - a).abs().mean()
    torch.testing.assert_close(game.generator_loss((a, b)), 2 * by_judges + 10 * cycle + 5 * identity)
    expected = (loss.discriminator(judge_a(a), judge_a(fake_a)) + loss.discriminator(judge_b(b), judge_b(fake_b)))
    torch.testing.assert_close(game.discriminator_loss((a, b)), expected)  # the pools pass all on at first


def test_each_cycle_trains_both_translators():
    """Eq. 2's two terms one by one: neither translator is taken as a constant."""
    game = unpaired(adversarial=0.0)
    a, b = picture(), picture()
    whole = torch.autograd.grad(game.generator_loss((a, b)), list(game.generator.parameters()))
    forth, back = game.generator["ab"], game.generator["ba"]
    parts = [torch.autograd.grad(10 * term, list(game.generator.parameters()))
             for term in ((back(forth(a)) - a).abs().mean(), (forth(back(b)) - b).abs().mean())]
    assert all(g.any() for part in parts for g in part)
    for g, one, other in zip(whole, *parts, strict=True):
        torch.testing.assert_close(g, one + other, rtol=1e-4, atol=1e-6)


def test_the_judges_are_shown_what_comes_out_of_the_pools():
    game, heard = unpaired(pool=2), {"a": [], "b": []}
    for name, player in game.discriminator.items():
        player.register_forward_pre_hook(lambda module, inputs, name=name: heard[name].append(inputs[0]))
    game.discriminator_loss((picture(2), picture(2)))
    first = {name: seen[1] for name, seen in heard.items()}
    for name in "ab":
        assert torch.equal(game.pool[name].images, first[name])
    game.pool["a"].images, game.pool["b"].images = torch.full((2, 1, 8, 8), 5.0), torch.full((2, 1, 8, 8), 7.0)
    for seen in heard.values():
        seen.clear()
    for _ in range(10):
        game.discriminator_loss((picture(2), picture(2)))
    old = {name: {float(x.mean()) for seen in heard[name][1::2] for x in seen} for name in "ab"}
    assert 5.0 in old["a"] and 7.0 not in old["a"] and 7.0 in old["b"] and 5.0 not in old["b"]


def test_generators_take_nothing_from_the_pool_and_give_it_nothing():
    game = unpaired()
    game.generator_loss((picture(), picture()))
    assert not len(game.pool["a"].images) and not len(game.pool["b"].images)


def test_domains_of_different_channels_without_identity():
    game = UnpairedTranslation(
        nn.ModuleDict({"ab": ResidualTranslator(1, 3, width=2), "ba": ResidualTranslator(3, 1, width=2)}),
        nn.ModuleDict({"a": judge(1), "b": judge(3)}))
    train(game, Unpaired(picture(10), picture(12, 3)), steps=3, batch=4, device="cpu")
    assert game.translate(picture(), "ab").shape == (N, 3, 8, 8) and game.pool["b"].images.shape == (12, 3, 8, 8)


def test_the_default_is_the_papers_but_for_the_half():
    game = unpaired()
    assert game.loss is losses.least_squares and game.pool["a"].size == 50
    game = UnpairedTranslation(game.generator, game.discriminator)
    assert game.weights == {"adversarial": 1.0, "cycle": 10.0, "identity": 0.0}


# ---- the pool
def numbered(first, rows):
    return torch.arange(float(first), first + rows)[:, None, None, None].expand(rows, 1, 2, 2)


def test_a_pool_first_fills_and_passes_all_on():
    pool = ImagePool(5)
    for first in (0, 3):
        x = numbered(first, 3)
        passed = pool(x)
        if first == 0:
            assert torch.equal(passed, x) and torch.equal(pool.images, x)
    assert torch.equal(passed[:2], numbered(3, 2)) and len(pool.images) == 5


def test_nothing_is_lost_and_nothing_doubled():
    pool, seen, size = ImagePool(7), [], 7
    for first in range(0, 400, 4):
        passed = pool(numbered(first, 4))
        seen += passed[:, 0, 0, 0].tolist()
    again = seen[size:] + pool.images[:, 0, 0, 0].tolist()  # once full, each leaves once or is still there
    assert sorted(again) == list(range(400))


def test_a_full_pool_passes_half_on_and_swaps_half_with_places_drawn_evenly():
    torch.manual_seed(2)
    pool, size, rows = ImagePool(5), 5, 20_000
    pool(numbered(0, size))
    swaps = np.zeros(size)
    new = 0
    for first in range(size, size + rows, 4):
        before = pool.images.clone()
        passed = pool(numbered(first, 1))
        changed = (pool.images != before).flatten(1).any(1).nonzero().flatten().tolist()
        assert len(changed) <= 1
        if changed:
            swaps[changed[0]] += 1
            assert torch.equal(passed[0], before[changed[0]]) and pool.images[changed[0], 0, 0, 0] == first
        else:
            new += 1
            assert passed[0, 0, 0, 0] == first
    visits = rows // 4
    assert abs(new - visits / 2) < 4 * (visits / 4) ** 0.5
    expected = swaps.sum() / size
    assert ((swaps - expected) ** 2 / expected).sum() < 18.5  # χ² with 4 degrees of freedom, p = 0.001


def test_old_pictures_stay_for_about_twice_the_size():
    """Each visit swaps one place of ``size`` with probability ½, so an age is geometric with mean 2 · size."""
    torch.manual_seed(3)
    pool, ages = ImagePool(10), []
    for first in range(0, 12_000, 8):
        passed = pool(numbered(first, 8))[:, 0, 0, 0]
        age = torch.arange(first, first + 8) - passed
        ages += age[age > 0].tolist()
    assert np.mean(ages[200:]) == pytest.approx(20, rel=0.08)


def test_a_pool_keeps_copies_without_gradient_and_does_not_touch_what_came():
    pool = ImagePool(2)
    x = numbered(0, 2).clone().requires_grad_()
    passed = pool(x)
    with torch.no_grad():
        x += 100
    assert not passed.requires_grad and not pool.images.requires_grad and pool.images.max() == passed.max() == 1
    for first in range(10, 60, 2):
        y = numbered(first, 2).clone()
        pool(y)
        assert torch.equal(y, numbered(first, 2))


def test_a_pool_of_nothing_passes_all_on():
    x = picture()
    pool = ImagePool(0)
    state = torch.get_rng_state()
    assert pool(x) is x and len(pool.images) == 0 and torch.equal(torch.get_rng_state(), state)


def test_a_pools_state_goes_into_a_fresh_one_and_not_into_a_smaller_one():
    pool = nn.ModuleDict({"a": ImagePool(4)})
    pool["a"](numbered(0, 3))
    fresh = nn.ModuleDict({"a": ImagePool(4)})
    fresh.load_state_dict(pool.state_dict())
    assert torch.equal(fresh["a"].images, pool["a"].images)
    with pytest.raises(RuntimeError, match="size mismatch"):
        nn.ModuleDict({"a": ImagePool(2)}).load_state_dict(pool.state_dict())
    with pytest.raises(RuntimeError, match="Missing key"):
        fresh.load_state_dict({})


def test_a_probe_does_not_disturb_the_pool():
    x, y = picture(20), picture(20)
    runs = []
    for probes in ({}, {"loss": lambda game: game.discriminator_loss((x, y))}):
        game = unpaired(pool=3)
        train(game, Unpaired(x, y), steps=6, batch=4, probes=probes, probe_every=2, device="cpu")
        runs.append(game)
    assert same(runs[0].pool, runs[1].pool) and same(runs[0].discriminator, runs[1].discriminator)


# ---- points
class Both:
    def __init__(self, first, second):
        self.first, self.second = first, second

    def sample(self, rows):
        return self.first.sample(rows), self.second.sample(rows)


def test_points_are_translated_as_well():
    game = UnpairedTranslation(nn.ModuleDict({"ab": MLP(2, 16, 2), "ba": MLP(2, 16, 2)}),
                               nn.ModuleDict({"a": MLP(2, 16, 1), "b": MLP(2, 16, 1)}))
    a, b = two_blobs(), two_blobs()
    train(game, Both(a, b), steps=3, batch=8, device="cpu")
    x = a.sample(5)
    assert game.translate(game.translate(x, "ab"), "ba").shape == (5, 2)
    game = PairedTranslation(MLP(2, 8, 2), MLP(4, 8, 1), l1=1.0)
    train(game, Both(a, b), steps=3, batch=8, device="cpu")
    assert game.translate(x).shape == (5, 2)


# ---- bad input
@pytest.mark.parametrize("call, error, message", [
    (lambda: paired(latent=3), ValueError, "PairedTranslation: a translation has no latent, got latent=3"),
    (lambda: unpaired(pack=2), ValueError, "UnpairedTranslation: a translation has no pack, got pack=2"),
    (lambda: paired(l1=-1), ValueError, "PairedTranslation: l1 must be a finite number at least 0, got -1"),
    (lambda: paired(l1=0, adversarial=0), ValueError, "PairedTranslation: adversarial or l1 must be more than 0"),
    (lambda: unpaired(cycle="1"), ValueError, "UnpairedTranslation: cycle must be a finite number at least 0, got '1'"),
    (lambda: unpaired(pool=-1), ValueError, "UnpairedTranslation: pool must be a whole number of at least 0, got -1"),
    (lambda: ImagePool(1.5), ValueError, "ImagePool: size must be a whole number of at least 0, got 1.5"),
    (lambda: UnpairedTranslation(translator(), nn.ModuleDict()), TypeError,
     "generator must be an nn.ModuleDict with the keys ab and ba, got ResidualTranslator"),
    (lambda: UnpairedTranslation(nn.ModuleDict({"ab": translator(), "ba": translator()}),
                                 nn.ModuleDict({"a": judge(), "c": judge()})), TypeError,
     "discriminator must be an nn.ModuleDict with the keys a and b, got a, c"),
    (lambda: paired().generate(3), TypeError, r"PairedTranslation.generate: there are no latents here, use translate"),
    (lambda: paired().discriminator_loss(picture(2)), ValueError,
     r"PairedTranslation: data.sample must give a tuple of two tensors with as many pictures each, got \(2, 1, 8, 8\)"),
    (lambda: unpaired().generator_loss((picture(2), picture(3))), ValueError,
     r"as many pictures each, got \(\(2, 1, 8, 8\), \(3, 1, 8, 8\)\)"),
    (lambda: paired().generator_loss((picture(), picture(N, 3))), ValueError,
     r"the generator must give targets of shape \(6, 3, 8, 8\), got \(6, 1, 8, 8\)"),
    (lambda: paired().discriminator_loss((picture(), torch.zeros(N, 1, 16, 16))), ValueError,
     "the two pictures of a pair must be of one size"),
    (lambda: unpaired().translate(picture(), "ac"), ValueError, "direction must be 'ab' or 'ba', got 'ac'"),
    (lambda: unpaired().translate(picture().long(), "ab"), TypeError, "x must hold floating-point numbers, got dtype"),
    (lambda: paired().translate([1]), TypeError, "PairedTranslation.translate: x must be a torch tensor, got list"),
])
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_both_are_games():
    assert isinstance(paired(), Game) and isinstance(unpaired(), Game)
