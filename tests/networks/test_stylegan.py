"""The style-based generator: shapes, start, modulation by the published formula, noise inputs, mixing, truncation."""

import inspect
import math

import pytest
import torch
from torch.nn import functional

from ganlib import losses
from ganlib.data import images
from ganlib.games import Game
from ganlib.networks.dcgan import DCGANDiscriminator
from ganlib.networks.stylegan import GAIN, LAYERS, SIDES, EqualLinear, ModulatedLayer, StyleGenerator
from ganlib.training import train

SMALL = (8, (8, 8, 4))


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def noisy(strength=0.5):
    network = StyleGenerator(*SMALL, noise=True).eval()
    with torch.no_grad():
        for layer in network.layers[:-1]:
            layer.strength.fill_(strength)
    return network


@pytest.mark.parametrize("noise", [False, True])
def test_it_gives_pictures_within_its_budget(noise):
    network = StyleGenerator(noise=noise).eval()
    x = network(torch.randn(5, 32))
    assert x.shape == (5, 1, 28, 28) and x.abs().max() <= 1
    assert 95_000 < sum(p.numel() for p in network.parameters()) <= 135_000


@pytest.mark.parametrize("noise", [False, True])
def test_reset_draws_the_start_again(noise):
    def fresh():
        torch.manual_seed(3)
        return StyleGenerator(noise=noise)

    one, other = fresh(), fresh()
    after = torch.get_rng_state()
    start = {key: value.clone() for key, value in one.state_dict().items()}
    with torch.no_grad():
        for value in other.state_dict().values():
            value.copy_(torch.ones_like(value))
    torch.manual_seed(3)
    other.reset_parameters()
    assert torch.equal(torch.get_rng_state(), after), "building takes the same random numbers"
    assert all(torch.equal(value, start[key]) for key, value in other.state_dict().items())


def test_arguments_build_it_again():
    network = StyleGenerator(6, (5, 4, 3), 2, mixing=0.3, noise=True)
    assert set(network.arguments) == set(inspect.signature(StyleGenerator.__init__).parameters) - {"self"}
    again = StyleGenerator(**network.arguments)
    assert again.arguments == network.arguments
    again.load_state_dict(network.state_dict())


def test_the_loop_trains_it():
    game = Game(StyleGenerator(4, (8, 6, 4), noise=True), DCGANDiscriminator((4, 8)), latent=4, loss=losses.hinge)
    history = train(game, images.mnist(), steps=3, batch=8, seed=1, ema_decay=0.9, device="cpu")
    again = train(game, images.mnist(), steps=3, batch=8, seed=1, ema_decay=0.9, device="cpu")
    assert history.generator_loss.tolist() == again.generator_loss.tolist()
    assert game.generate(5, average=True).shape == (5, 1, 28, 28)
    assert all(layer.strength != 0 for layer in game.generator.layers[:-1]), "strengths are learnt"


# Modulation

def direct(layer, x, w):
    """Karras et al. 2020, eqs. 1 and 3, literally: weights scaled, brought to length 1, one convolution a sample."""
    rows = []
    for sample, style in zip(x, layer.style(w), strict=True):
        weight = layer.weight * layer.gain * style[:, None, None, None]
        if layer.demodulate:
            weight = weight / (weight.square().sum((0, 2, 3), keepdim=True) + 1e-8).sqrt()
        large = functional.interpolate(sample[None], scale_factor=layer.stride)
        rows.append(functional.conv_transpose2d(large, weight, layer.bias, padding=weight.shape[-1] // 2))
    return torch.cat(rows)


@pytest.mark.parametrize("kernel, stride, demodulate", [(3, 1, True), (3, 2, True), (1, 1, False)])
def test_a_modulated_layer_is_the_published_formula(kernel, stride, demodulate):
    layer = ModulatedLayer(5, 6, 4, kernel, stride, demodulate)
    with torch.no_grad():
        layer.bias.normal_()
    x, w = torch.randn(3, 6, 7, 7), torch.randn(3, 5)
    assert torch.allclose(layer(x, w), direct(layer, x, w), atol=1e-5)
    assert layer(x, w).shape == (3, 4, 7 * stride, 7 * stride)


@torch.no_grad()
@pytest.mark.parametrize("stride", [1, 2])
def test_demodulation_keeps_the_variance(stride):
    layer = ModulatedLayer(5, 64, 64, 3, stride)
    y = layer(torch.randn(8, 64, 14, 14), 5 * torch.randn(8, 5))[:, :, 2:-2, 2:-2]
    assert y.var() == pytest.approx(1, rel=0.1)


def test_equal_linear_scales_in_the_pass():
    layer = EqualLinear(50, 400, bias=1.0, rate=0.01)
    assert layer.weight.detach().std() == pytest.approx(100, rel=0.02), "a hundredth of the rate, so larger weights"
    x = torch.randn(500, 50)
    y = layer(x).detach()
    assert y.var() == pytest.approx(1, rel=0.1) and y.mean() == pytest.approx(1, abs=0.05)
    layer(x).sum().backward()
    assert torch.allclose(layer.bias.grad, torch.full((400,), 5.0))


def test_only_the_direction_of_z_counts():
    network = StyleGenerator(*SMALL).eval()
    z = torch.randn(4, 8)
    assert torch.allclose(network(z), network(7 * z), atol=1e-5)
    assert not torch.allclose(network(z), network(-z), atol=1e-2)


def test_mapping_is_a_perceptron_of_leaky_relus():
    network = StyleGenerator(*SMALL, mapping_layers=2)
    x = functional.normalize(torch.randn(4, 8)) * math.sqrt(8)
    expected = x
    for layer in network.maps:
        expected = functional.leaky_relu(layer(expected), 0.2) * GAIN
    assert torch.allclose(network.mapping(x), expected, atol=1e-6)


def test_truncation_pulls_towards_the_mean():
    network = StyleGenerator(*SMALL).eval()
    network.measure_mean()
    z = torch.randn(5000, 8)
    w = network.mapping(z)
    assert (w.mean(0) - network.mean_w).norm() < 0.1 * w.std(0).norm() and network.mean_w.norm() > 0
    half = network.truncate(w, 0.5)
    assert torch.allclose(half - network.mean_w, 0.5 * (w - network.mean_w), atol=1e-6)
    flat = network(z[:4], psi=0.0)
    assert torch.allclose(flat, network.synthesis(network.mean_w[None]).expand_as(flat), atol=1e-5)
    assert torch.equal(network(z[:4], psi=0.5), network.synthesis(half[:4]))


def test_styles_act_from_their_layer_on():
    network = StyleGenerator(*SMALL).eval()
    one, other = network.mapping(torch.randn(2, 8))
    styles = one.expand(1, 6, 8).clone()
    assert torch.equal(network.synthesis(styles), network.synthesis(one[None]))
    inside = {}
    for name, changed in (("one", styles), ("mixed", torch.cat([styles[:, :3], other.expand(1, 3, 8)], 1))):
        seen = []
        hooks = [layer.register_forward_hook(lambda _, __, y, seen=seen: seen.append(y)) for layer in network.layers]
        network.synthesis(changed)
        for hook in hooks:
            hook.remove()
        inside[name] = seen
    same = [torch.equal(a, b) for a, b in zip(inside["one"], inside["mixed"], strict=True)]
    assert same == [group != "fine" for group in LAYERS], "coarse and middle layers see only their own styles"


def test_mixing_is_for_training_only():
    network = StyleGenerator(*SMALL, mixing=1.0)
    z = torch.randn(64, 8)
    plain = network.synthesis(network.mapping(z))
    assert torch.equal(network.eval()(z), plain)
    mixed = network.train()(z)
    assert all(not torch.allclose(a, b, atol=1e-4) for a, b in zip(mixed, plain, strict=True))
    # Each is one of the five mixtures with the latent before it.
    w = network.mapping(z)
    for i in range(8):
        options = [network.synthesis(torch.cat([w[i].expand(1, k, 8), w[i - 1].expand(1, 6 - k, 8)], 1))
                   for k in range(1, 6)]
        assert min((mixed[i] - option).abs().max() for option in options) < 1e-5
    network.mixing = 0.0
    assert torch.equal(network(z), plain)


# Noise

def test_noise_off_is_the_old_generator_to_the_bit():
    plain = StyleGenerator(*SMALL).eval()
    z = torch.randn(4, 8)
    with torch.no_grad():
        x = plain.constant  # the formula without noise, in the open
        w = plain.mapping(z)
        for layer in plain.layers[:-1]:
            x = functional.leaky_relu(layer(x, w), 0.2) * GAIN
        expected = torch.tanh(plain.layers[-1](x, w))
        before = torch.get_rng_state()
        found = [plain(z), *(plain.synthesis(w, noise) for noise in ("fresh", "none", plain.noise_maps()))]
        torch.set_rng_state(before)
        plain(z)
    assert all(torch.equal(one, expected) for one in found)
    assert torch.equal(torch.get_rng_state(), before), "and it takes no random numbers"
    assert not any("strength" in key for key in plain.state_dict())
    fresh = StyleGenerator(*SMALL, noise=True).eval()  # its strengths are 0
    z = torch.randn(4, 8)
    assert torch.equal(fresh(z), fresh(z, noise="none"))


@torch.no_grad()
def test_noise_is_added_after_demodulation_the_same_to_all_channels():
    layer = ModulatedLayer(5, 6, 4, 3, 2, noisy=True)
    layer.strength.fill_(0.7)
    x, w, noise = torch.randn(3, 6, 7, 7), torch.randn(3, 5), torch.randn(3, 1, 14, 14)
    assert torch.allclose(layer(x, w, noise), layer(x, w) + 0.7 * noise, atol=1e-6)
    assert torch.equal(layer(x, w), layer(x, w, torch.zeros_like(noise)))


@torch.no_grad()
def test_noise_can_be_fresh_fixed_or_none():
    network, w = noisy(), torch.randn(6, 8)
    maps, own = network.noise_maps(), network.noise_maps(6)
    assert [tuple(part.shape) for part in maps] == [(1, 1, side, side) for side in SIDES]
    one, other = network.synthesis(w), network.synthesis(w)
    assert (one - other).abs().amax((1, 2, 3)).min() > 0.01, "fresh noise is new for each picture and each pass"
    assert torch.equal(network.synthesis(w, maps), network.synthesis(w, maps))
    assert torch.equal(network.synthesis(w, own), network.synthesis(w, own))
    assert not torch.equal(network.synthesis(w, own), network.synthesis(w, maps))
    same = network.synthesis(w[:1].expand(6, 8), maps)
    assert torch.allclose(same, same[:1].expand_as(same), atol=1e-6), "one map serves all pictures"
    alone = network.synthesis(w[2:3], [part[2:3] for part in own])
    assert torch.allclose(network.synthesis(w, own)[2:3], alone, atol=1e-6), "each picture has its own map"
    assert torch.equal(network.synthesis(w, "none"), network.synthesis(w, [0 * part for part in maps]))
    z = torch.randn(6, 8)
    assert torch.equal(network(z, noise=maps), network.synthesis(network.mapping(z), maps))
    network.train()
    mixed = {}
    for name, noise in (("fixed", maps), ("again", maps), ("none", "none"), ("fresh", "fresh")):
        torch.manual_seed(1)  # the same styles are mixed
        mixed[name] = network(z, noise=noise)
    assert torch.equal(mixed["fixed"], mixed["again"]), "in training too"
    assert not any(torch.equal(mixed["fixed"], mixed[name]) for name in ("none", "fresh"))


@torch.no_grad()
def test_fresh_noise_comes_from_the_seed_and_has_variance_one():
    network, z = noisy(), torch.randn(6, 8)
    torch.manual_seed(5)
    one = network(z)
    torch.manual_seed(5)
    assert torch.equal(network.synthesis(network.mapping(z), network.noise_maps(6)), one)
    values = torch.cat([part.flatten() for part in network.noise_maps(50)])
    assert abs(values.mean()) < 0.02 and values.var() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("make, message", [
    (lambda: StyleGenerator(8, (4, 4)), "StyleGenerator: channels must be three widths"),
    (lambda: StyleGenerator(mixing=-1), "StyleGenerator: mixing must be a finite number at least 0, got -1"),
    (lambda: StyleGenerator(8)(torch.zeros(2, 7)), r"expected latents of shape \(n, 8\), got \(2, 7\)"),
    (lambda: StyleGenerator(8).synthesis(torch.zeros(2, 5, 8)), r"expected styles of shape \(n, 6, 8\) or \(n, 8\)"),
    (lambda: noisy().synthesis(torch.zeros(2, 8), "fixed"), "noise must be 'fresh' or 'none', got 'fixed'"),
    (lambda: noisy().synthesis(torch.zeros(2, 8), noisy().noise_maps(3)), r"noise must be maps of shapes \(1 or 2, 1"),
    (lambda: noisy().synthesis(torch.zeros(2, 8), noisy().noise_maps()[1:]), "as noise_maps gives them, got"),
])
def test_errors_say_what_came(make, message):
    with pytest.raises(ValueError, match=message):
        make()
