"""Augmentations: laws and shapes, differentiability, one stream per member, and how p adapts."""

import math

import pytest
import torch

from ganlib import augmentation, draws
from ganlib.augmentation import Adaptive, brightness, noise, rotate, translate
from ganlib.data import ring
from ganlib.games import Game
from ganlib.networks import MLP
from ganlib.training import ensemble, train

IMAGES = torch.rand(6, 2, 8, 12, dtype=torch.float64) * 2 - 1
POINTS = torch.tensor([[3.0, 4.0]], dtype=torch.float64).repeat(4000, 1)
TRANSFORMS = [(noise(0.3), POINTS[:7]), (noise(0.3), IMAGES), (rotate(), POINTS[:7]), (translate(), IMAGES),
              (brightness(), IMAGES)]


@pytest.mark.parametrize(("transform", "x"), TRANSFORMS)
def test_shape_dtype_input_untouched_and_differentiable(transform, x):
    x = x.clone().requires_grad_()
    before = x.detach().clone()
    torch.manual_seed(0)
    y = transform(x)
    assert y.shape == x.shape and y.dtype == x.dtype and torch.equal(x, before) and not torch.equal(y, x)

    def value(x):
        torch.manual_seed(1)
        return transform(x)

    assert torch.autograd.gradcheck(value, (x,))


@pytest.mark.parametrize(("transform", "x"), TRANSFORMS)
def test_rows_of_an_ensemble_draw_as_single_runs_do(transform, x):
    generators = [torch.Generator().manual_seed(seed) for seed in (3, 4)]
    with draws.streams(generators):
        both = transform(torch.cat([x, x]))
    for seed, rows in zip((3, 4), both.chunk(2), strict=True):
        torch.manual_seed(seed)
        assert torch.equal(rows, transform(x))


def test_noise_has_the_standard_deviation_it_says():
    torch.manual_seed(0)
    added = noise(0.3)(POINTS) - POINTS
    assert added.std() == pytest.approx(0.3, rel=0.05) and abs(added.mean()) < 0.02
    assert torch.equal(noise(0.0)(POINTS), POINTS)


def test_rotation_keeps_the_distance_and_spreads_the_angle():
    torch.manual_seed(0)
    turned = rotate()(POINTS)
    assert torch.allclose(turned.norm(dim=1), torch.tensor(5.0, dtype=torch.float64))
    angle = torch.atan2(turned[:, 1], turned[:, 0])
    assert angle.std() == pytest.approx(2 * math.pi / math.sqrt(12), rel=0.05)  # uniform on the circle


def test_translation_moves_whole_pictures_and_fills_with_black():
    picture = torch.full((400, 1, 8, 8), -1.0)
    picture[:, :, 4, 4] = 1.0
    torch.manual_seed(0)
    moved = translate(0.25)(picture)  # by up to 2 pixels
    assert (moved.sum((1, 2, 3)) == picture[0].sum()).all()  # one white pixel each, the rest black
    places = {tuple(at) for at in (moved[:, 0] == 1).nonzero()[:, 1:].tolist()}
    assert places == {(y, x) for y in range(2, 7) for x in range(2, 7)}


def test_brightness_is_one_number_a_sample():
    torch.manual_seed(0)
    added = (brightness(0.5)(IMAGES) - IMAGES).flatten(1)
    assert torch.allclose(added, added[:, :1].expand_as(added)) and len(added[:, 0].unique()) == 6
    assert added.abs().max() <= 0.5


def test_adaptive_transforms_a_share_p_of_the_samples():
    torch.manual_seed(0)
    augment = Adaptive(lambda x: -x)
    assert torch.equal(augment(POINTS), POINTS)  # p = 0 at the start
    augment.p.fill_(0.3)
    changed = (augment(POINTS) == -POINTS).all(1)
    assert changed.double().mean() == pytest.approx(0.3, abs=0.03)
    assert ((augment(POINTS) == POINTS).all(1) | (augment(POINTS) == -POINTS).all(1)).any()


def test_p_follows_the_sign_of_the_real_logits_within_its_limits():
    augment = Adaptive(rotate(), target=0.5, speed=0.25, limit=0.7)
    sure, unsure = torch.ones(8, 1), torch.tensor([1.0, -1.0, 1.0, -1.0])[:, None]
    seen = []
    for logits in (sure, sure, sure, sure, unsure, unsure, unsure, unsure):
        augment.observe(logits)
        seen.append(augment.p.item())
    assert seen == pytest.approx([0.25, 0.5, 0.7, 0.7, 0.45, 0.2, 0.0, 0.0])
    augment.p.fill_(0.4)
    augment.observe(torch.tensor([1.0, 1.0, 1.0, -1.0])[:, None])  # r = 0.5, the target
    assert augment.p.item() == pytest.approx(0.4)
    augment.reset_parameters()
    assert augment.p.item() == 0 and augment.p.dim() == 0


def test_a_stack_holds_one_p_a_member():
    first, second = Adaptive(lambda x: -x), Adaptive(lambda x: -x)
    first.p.fill_(0.0)
    second.p.fill_(0.8)
    stacked = first.stack([first, second])
    assert stacked.p.tolist() == pytest.approx([0.0, 0.8])
    torch.manual_seed(0)
    top, bottom = stacked(POINTS).chunk(2)
    assert (top == POINTS[:2000]).all() and 0.75 < (bottom == -POINTS[:2000]).all(1).double().mean() < 0.85
    generators = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
    with draws.streams(generators):
        stacked.observe(torch.cat([torch.ones(4, 1), -torch.ones(4, 1)]))
    assert stacked.p.tolist() == pytest.approx([0.002, 0.798])
    assert [single.p.item() for single in stacked.unstack()] == pytest.approx([0.002, 0.798])
    assert first.p.item() == 0  # the members are copies
    single, = first.unstack()
    single.p.fill_(0.5)
    assert first.p.item() == 0
    stacked.reset_parameters()
    assert stacked.p.tolist() == [0.0, 0.0]


def game(augment):
    return Game(MLP(2, 8, 2), MLP(2, 8, 1), latent=2, augment=augment).copy()


def test_an_ensemble_with_adaptive_augmentation_is_its_single_runs():
    def make():
        built = game(Adaptive(rotate(), target=-0.5, speed=0.01))
        built.generator.double(), built.discriminator.double()
        return built

    settings = {"steps": 40, "batch": 16, "device": "cpu", "progress": False,
                "probes": {"p": lambda g: g.augment.p}, "probe_every": 10}
    together = ensemble(make(), ring(), seeds=range(3), **settings)
    for seed, history in enumerate(together):
        alone = train(make(), ring(), seed=seed, **settings)
        assert history.probes["p"].tolist() == alone.probes["p"].tolist()
        for a, b in zip(history.game.discriminator.parameters(), alone.game.discriminator.parameters(), strict=True):
            assert torch.allclose(a, b, rtol=0, atol=1e-10)
    assert max(history.probes["p"].max() for history in together) > 0.05


def test_training_starts_again_from_p_0_and_the_first_game_is_untouched():
    augment = Adaptive(rotate(), target=-0.9)
    built = Game(MLP(2, 8, 2), MLP(2, 8, 1), latent=2, augment=augment)
    augment.p.fill_(0.7)
    history, = ensemble(built, ring(), seeds=[0], steps=5, batch=16, device="cpu", progress=False)
    assert history.game.augment.p.item() <= 5 / 500 + 1e-6 and augment.p.item() == pytest.approx(0.7)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: noise(-1), "noise: std must be a finite number at least 0, got -1"),
    (lambda: noise(0.1)([1.0]), "noise: x must be a torch tensor, got list"),
    (lambda: rotate()(torch.ones(4, 3)), r"rotate: x must hold points of the plane, shape \(n, 2\), got \(4, 3\)"),
    (lambda: translate(1.5), "translate: share must be at most 1, got 1.5"),
    (lambda: translate()(torch.ones(4, 2)), "translate: x must have 4 dimensions"),
    (lambda: brightness(math.nan), "brightness: amount must be a finite number"),
    (lambda: Adaptive("rotate"), "Adaptive: transform must be a function of samples, got str"),
    (lambda: Adaptive(rotate(), target=1), "Adaptive: target must be a finite number above -1 and below 1, got 1"),
    (lambda: Adaptive(rotate(), limit=2), "Adaptive: limit must be a probability, at most 1, got 2"),
    (lambda: Adaptive(lambda x: x[:1])(torch.ones(4, 2)), r"transform must keep the shape \(4, 2\), got \(1, 2\)"),
    (lambda: Adaptive(rotate()).stack([]), "networks is empty"),
    (lambda: Adaptive(rotate()).stack([Adaptive(rotate(), target=0.1)]), "target, speed and limit"),
    (lambda: Adaptive(rotate()).stack([Adaptive(rotate())] * 2)(torch.ones(3, 2)), "each of the 2 members, got 3"),
    (lambda: Adaptive(rotate()).stack([Adaptive(rotate())] * 2).observe(torch.ones(4)), "one mean per member"),
])
def test_errors_say_what_came_and_what_was_expected(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_module_is_documented():
    for name in ("noise", "rotate", "translate", "brightness", "Adaptive"):
        assert getattr(augmentation, name).__doc__
