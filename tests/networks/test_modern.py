"""The modern baseline's networks: shapes, their start, resampling, slopes; nothing in them looks at a batch."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from ganlib import losses, penalties
from ganlib.data import images
from ganlib.games import Game
from ganlib.networks.modern import GAIN, Down, Layer, ModernDiscriminator, ModernGenerator, Residual, Up
from ganlib.pretrained.storing import described, quantised
from ganlib.training import train

SMALL = {"channels": (8, 8, 8), "group": 8}


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@pytest.mark.parametrize("size", [28, 32])
@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize("stages, blocks", [(2, 1), (3, 1), (3, 2)])
def test_pictures_of_both_sizes(size, colours, stages, blocks):
    generator = ModernGenerator(16, (12, 8, 6)[:stages], (colours, size), blocks, group=4)
    discriminator = ModernDiscriminator((6, 8, 12)[-stages:], (colours, size), blocks, group=4)
    x = generator(torch.randn(5, 16))
    assert x.shape == (5, colours, size, size) and x.abs().max() <= 1
    assert discriminator(x).shape == (5, 1)
    for network in (generator, discriminator):
        assert sum(isinstance(m, Residual) for m in network.modules()) == stages * blocks


@torch.no_grad()
@pytest.mark.parametrize("stages", [2, 3])
def test_neighbours_stay_neighbours(stages):
    """A pixel changed moves only the finest stage's one pixel that holds it, and what a generator's draws goes back."""
    widths = (8, 8, 8)[:stages]
    discriminator, generator = ModernDiscriminator(widths, group=8), ModernGenerator(8, widths, group=8)
    x = torch.zeros(1, 1, 28, 28)
    x[0, 0, 5, 9] = 1
    seen = []
    discriminator.first.register_forward_hook(lambda _, __, y: seen.append(y))
    generator.last.register_forward_hook(lambda _, __, y: seen.append(y))
    discriminator(x)
    patch = 28 // seen[0].shape[-1]
    assert patch == (2, 1)[stages - 2]
    assert seen[0].abs().sum(1).nonzero().tolist() == [[0, 5 // patch, 9 // patch]]
    picture = generator(torch.randn(1, 8))
    made = seen[1][0, 5 % patch * patch + 9 % patch, 5 // patch, 9 // patch]
    assert torch.equal(picture[0, 0, 5, 9], torch.tanh(made))


def test_default_sizes_fit_a_shipped_model():
    assert 30_000 < sum(p.numel() for p in ModernGenerator().parameters()) < 150_000


@torch.no_grad()
def test_a_block_is_its_formula():
    block = Residual(6, blocks=3, groups=3)
    for p in block.parameters():
        p.normal_()
    x = torch.randn(4, 6, 7, 7)

    def act(y):
        return torch.where(y > 0, y, 0.2 * y)

    y = act(torch.einsum("oi,nihw->nohw", block.widen.weight[:, :, 0, 0], x) + block.widen.bias[:, None, None])
    columns = functional.unfold(y, 3, padding=1).view(4, 3, 4 * 9, 49)  # groups of 4 channels
    weight = block.mix.weight.view(3, 4, 4 * 9)
    y = act(torch.einsum("gok,ngkp->ngop", weight, columns).reshape(4, 12, 7, 7) + block.mix.bias[:, None, None])
    expected = x + torch.einsum("oi,nihw->nohw", block.narrow.weight[:, :, 0, 0], y)
    assert torch.allclose(block(x), expected, rtol=1e-4, atol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("blocks", [1, 16])
def test_a_block_starts_as_the_identity_and_its_inside_small(blocks):
    block = Residual(64, blocks)
    x = torch.randn(2, 64, 7, 7)
    assert torch.equal(block(x), x)
    for layer, fan_in in ((block.widen, 64), (block.mix, 128 * 9)):
        expected = GAIN / math.sqrt(fan_in) * blocks**-0.25
        assert layer.weight.std() == pytest.approx(expected, rel=0.05)
        assert not layer.bias.any()


@torch.no_grad()
def test_the_gain_keeps_the_size_through_many_layers():
    x = torch.randn(500, 256, 1, 1)
    for _ in range(10):
        x = functional.leaky_relu(Layer(256, 256, gain=GAIN)(x), 0.2)
    assert x.square().mean() == pytest.approx(1, rel=0.3)


def test_one_step_moves_the_sum_alike_however_many_blocks():
    """What the start is for: the change of the output in one gradient step on c does not grow with the depth."""
    def change(blocks):
        torch.manual_seed(0)
        stack = nn.Sequential(*(Residual(32, blocks) for _ in range(blocks)))
        x, direction = torch.randn(16, 32, 5, 5), torch.randn(16, 32, 5, 5)
        loss = (stack(x) * direction).mean()
        loss.backward()
        with torch.no_grad():
            for p in stack.parameters():
                p -= 0.01 * p.grad
            return float((stack(x) * direction).mean() - loss)

    assert change(32) == pytest.approx(change(1), rel=0.25)


@torch.no_grad()
def test_resampling_is_bilinear_both_ways():
    up, down = Up(3, 3), Down(3, 3)
    for layer in (up.layer, down.layer):
        layer.weight.copy_(torch.eye(3)[:, :, None, None])
    ramp = torch.arange(8.0).expand(1, 3, 8, 8)
    assert torch.allclose(up(ramp)[0, 0, 4, 1:-1], torch.arange(14) / 2 + 0.25)
    assert torch.allclose(down(ramp)[0, 0, 0], torch.tensor([0.5, 2.5, 4.5, 6.5]))
    x = torch.randn(2, 3, 8, 8)
    small = functional.interpolate(x, scale_factor=0.5, mode="bilinear", align_corners=False)
    assert torch.allclose(down(x), small, atol=1e-6)
    assert up(torch.ones(1, 3, 4, 4)).allclose(torch.ones(1, 3, 8, 8))


def test_nothing_normalises_and_samples_do_not_meet():
    for network in (ModernGenerator(), ModernDiscriminator()):
        kinds = {type(m).__name__ for m in network.modules()}
        assert not {kind for kind in kinds if "Norm" in kind} and not list(network.buffers())
    network = ModernDiscriminator(**SMALL)
    for p in network.parameters():
        nn.init.normal_(p, 0, 0.3)
    x = torch.randn(6, 1, 28, 28)
    together, alone = network(x), torch.cat([network(one[None]) for one in x])
    assert torch.allclose(together, alone, rtol=1e-4, atol=1e-5)


def test_the_penalty_is_differentiable_twice():
    network = ModernDiscriminator(**SMALL).double()
    for p in network.parameters():
        nn.init.normal_(p, 0, 0.3)
    x = torch.randn(3, 1, 28, 28, dtype=torch.float64)
    penalties.r1(network, x, 1.0).backward()
    for p in (network.first.weight, network.stages[0].mix.weight, network.stages[3].layer.weight, network.last.weight):
        with torch.no_grad():
            place = (0,) * p.dim()
            kept, found = p[place].item(), []
            for h in (1e-6, -1e-6):
                p[place] = kept + h
                with torch.enable_grad():
                    found.append(penalties.r1(network, x, 1.0).item())
            p[place] = kept
        assert p.grad[place].item() == pytest.approx((found[0] - found[1]) / 2e-6, rel=1e-4)


@pytest.mark.parametrize("network", [lambda: ModernGenerator(8, **SMALL), lambda: ModernDiscriminator(**SMALL)])
def test_reset_draws_the_start_again(network):
    torch.manual_seed(3)
    one = network()
    after = torch.get_rng_state()
    start = {key: value.clone() for key, value in one.state_dict().items()}
    with torch.no_grad():
        for value in one.state_dict().values():
            value.fill_(7.0)
    torch.manual_seed(3)
    one.reset_parameters()
    assert torch.equal(torch.get_rng_state(), after), "building takes the same random numbers"
    assert all(torch.equal(value, start[key]) for key, value in one.state_dict().items())


@pytest.mark.parametrize("network", [
    lambda: ModernGenerator(8, (8, 6, 4), (3, 32), 2, group=4),
    lambda: ModernDiscriminator((4, 6, 8), group=4, pack=2)])
def test_arguments_build_it_again_and_it_can_be_stored(network):
    one = network()
    twin = type(one)(**one.arguments)
    twin.load_state_dict(one.state_dict())
    assert twin.arguments == one.arguments == described(one)[1]
    assert quantised(one).arguments == one.arguments


def test_the_loop_trains_them_with_packs_too():
    for pack in (1, 2):
        game = Game(ModernGenerator(8, **SMALL), ModernDiscriminator(**SMALL, pack=pack), latent=8, pack=pack,
                    loss=losses.relativistic, penalty=lambda critic, real, fake: (
                        penalties.r1(critic, real, 1.0) + penalties.r2(critic, fake, 1.0)))
        history = train(game, images.mnist(), steps=3, batch=8, seed=1, ema_decay=0.9, device="cpu")
        again = train(game, images.mnist(), steps=3, batch=8, seed=1, ema_decay=0.9, device="cpu")
        assert history.generator_loss.tolist() == again.generator_loss.tolist()
        assert game.generate(5, average=True).shape == (5, 1, 28, 28)


@pytest.mark.parametrize("make, message", [
    (lambda: ModernGenerator(0), "ModernGenerator: latent must be a whole number of at least 1, got 0"),
    (lambda: ModernGenerator(8, (4,)), r"channels must be two or three widths, one a stage, got \(4,\)"),
    (lambda: ModernDiscriminator((8, 8, 0)), "ModernDiscriminator: channels must be a whole number of at least 1"),
    (lambda: ModernGenerator(8, pictures=(1, 64)), r"pictures must be \(1 or 3 channels, 28 or 32 pixels\), got \(1,"),
    (lambda: ModernGenerator(8, pictures=(2, 28)), r"pictures must be \(1 or 3 channels, 28 or 32 pixels\), got \(2,"),
    (lambda: ModernGenerator(8, blocks=0), "ModernGenerator: blocks must be a whole number of at least 1, got 0"),
    (lambda: ModernGenerator(8, (12, 8, 8), group=16), "group must divide twice each of channels .*, got 16"),
    (lambda: ModernDiscriminator(pack=0), "ModernDiscriminator: pack must be a whole number of at least 1, got 0"),
    (lambda: ModernGenerator(8)(torch.zeros(2, 7)), r"expected latents of shape \(n, 8\), got \(2, 7\)"),
    (lambda: ModernDiscriminator()(torch.zeros(2, 3, 28, 28)), r"expected pictures of shape \(n, 1, 28, 28\), got \(2"),
    (lambda: ModernDiscriminator(pack=2)(torch.zeros(2, 1, 28, 28)), r"expected pictures of shape \(n, 2, 28, 28\)"),
])
def test_errors_say_what_came(make, message):
    with pytest.raises(ValueError, match=message):
        make()
