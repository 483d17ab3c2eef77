"""The generators and the discriminator of pictures: shapes, starts, batch norm folded, styles modulated, mixing."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from ganlib import losses
from ganlib.data import images
from ganlib.games import Game
from ganlib.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from ganlib.networks.stylegan import GAIN, LAYERS, EqualLinear, ModulatedLayer, StyleGenerator
from ganlib.training import train


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def count(network):
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize("generator, most", [(DCGANGenerator, 135_000), (StyleGenerator, 135_000)])
def test_generators_give_pictures_within_their_budget(generator, most):
    network = generator().eval()
    x = network(torch.randn(5, 32))
    assert x.shape == (5, 1, 28, 28) and x.abs().max() <= 1
    assert most * 0.7 < count(network) <= most


@torch.no_grad()
def test_dcgan_has_the_guidelines_of_its_source():
    generator, discriminator = DCGANGenerator(), DCGANDiscriminator((16, 32, 64))
    kinds = [type(m) for m in generator.modules()]
    assert kinds.count(nn.ConvTranspose2d) == 3 and kinds.count(nn.BatchNorm2d) == 2 and nn.Linear not in kinds
    inside = list(discriminator.layers)
    assert [type(m) for m in inside if isinstance(m, nn.Conv2d | nn.BatchNorm2d)] == [
        nn.Conv2d, nn.Conv2d, nn.BatchNorm2d, nn.Conv2d, nn.BatchNorm2d], "none at the discriminator's input"
    assert all(m.negative_slope == 0.2 for m in inside if isinstance(m, nn.LeakyReLU))
    assert all(m.stride == (2, 2) for m in inside if isinstance(m, nn.Conv2d))
    for network in (generator, discriminator):
        weights = torch.cat([m.weight.flatten() for m in network.modules()
                             if isinstance(m, nn.Conv2d | nn.ConvTranspose2d | nn.Linear)])
        assert weights.std() == pytest.approx(0.02, rel=0.05) and abs(weights.mean()) < 1e-3
        scales = torch.cat([m.weight for m in network.modules() if isinstance(m, nn.BatchNorm2d)])
        assert scales.mean() == pytest.approx(1, abs=0.01) and scales.std() == pytest.approx(0.02, rel=0.4)


@pytest.mark.parametrize("batch_norm", [True, False])
@pytest.mark.parametrize("channels", [(8,), (8, 12), (4, 8, 12)])
def test_discriminator_gives_one_logit_a_picture(channels, batch_norm):
    network = DCGANDiscriminator(channels, batch_norm)
    assert network(torch.randn(6, 1, 28, 28)).shape == (6, 1)
    assert any(isinstance(m, nn.BatchNorm2d) for m in network.modules()) is (batch_norm and len(channels) > 1)


def test_folded_is_the_same_function():
    network = DCGANGenerator(8, (12, 6))
    for _ in range(20):
        network(torch.randn(32, 8))
    with torch.no_grad():
        for norm in network.norms:
            norm.weight.uniform_(0.5, 2)
            norm.bias.normal_()
        network.layers[-1].bias.fill_(0.3)
    network.eval()
    folded = network.folded()
    z = torch.randn(20, 8)
    assert not folded.norms and not folded.training
    assert (network(z) - folded(z)).abs().max() < 1e-5 < network(z).std()
    assert torch.equal(folded.folded()(z), folded(z))
    with torch.no_grad():  # a copy
        network.layers[0].weight.zero_()
    assert folded.layers[0].weight.abs().sum() > 0


@pytest.mark.parametrize("network", [DCGANGenerator, StyleGenerator, DCGANDiscriminator])
def test_reset_draws_the_start_again(network):
    torch.manual_seed(3)
    one = network()
    torch.manual_seed(3)
    other = network()
    start = {key: value.clone() for key, value in one.state_dict().items()}
    with torch.no_grad():
        for value in other.state_dict().values():
            value.copy_(torch.ones_like(value))
    torch.manual_seed(3)
    other.reset_parameters()
    after = torch.get_rng_state()
    torch.manual_seed(3)
    network()
    assert torch.equal(torch.get_rng_state(), after), "building takes the same random numbers"
    assert all(torch.equal(value, start[key]) for key, value in other.state_dict().items())


@pytest.mark.parametrize("generator", [DCGANGenerator, StyleGenerator])
def test_the_loop_trains_them(generator):
    game = Game(generator(4, (8, 6) if generator is DCGANGenerator else (8, 6, 4)), DCGANDiscriminator((4, 8)),
                latent=4, loss=losses.hinge)
    history = train(game, images.mnist(), steps=3, batch=8, seed=1, ema_decay=0.9, device="cpu")
    again = train(game, images.mnist(), steps=3, batch=8, seed=1, ema_decay=0.9, device="cpu")
    assert history.generator_loss.tolist() == again.generator_loss.tolist()
    assert game.generate(5, average=True).shape == (5, 1, 28, 28)


# The style-based generator

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
    network = StyleGenerator(8, (8, 8, 4)).eval()
    z = torch.randn(4, 8)
    assert torch.allclose(network(z), network(7 * z), atol=1e-5)
    assert not torch.allclose(network(z), network(-z), atol=1e-2)


def test_mapping_is_a_perceptron_of_leaky_relus():
    network = StyleGenerator(8, (8, 8, 4), mapping_layers=2)
    x = functional.normalize(torch.randn(4, 8)) * math.sqrt(8)
    expected = x
    for layer in network.maps:
        expected = functional.leaky_relu(layer(expected), 0.2) * GAIN
    assert torch.allclose(network.mapping(x), expected, atol=1e-6)


def test_truncation_pulls_towards_the_mean():
    network = StyleGenerator(8, (8, 8, 4)).eval()
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
    network = StyleGenerator(8, (8, 8, 4)).eval()
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
    network = StyleGenerator(8, (8, 8, 4), mixing=1.0)
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


@pytest.mark.parametrize("make, message", [
    (lambda: DCGANGenerator(0), "DCGANGenerator: latent must be a whole number of at least 1, got 0"),
    (lambda: DCGANGenerator(8, (4,)), r"DCGANGenerator: channels must be two widths, at 7 × 7 and 14 × 14, got \(4,\)"),
    (lambda: DCGANGenerator(8, (4, 0)), "DCGANGenerator: channels must be a whole number of at least 1, got 0"),
    (lambda: DCGANDiscriminator(()), r"DCGANDiscriminator: channels must be one to three widths, got \(\)"),
    (lambda: StyleGenerator(8, (4, 4)), "StyleGenerator: channels must be three widths"),
    (lambda: StyleGenerator(mixing=-1), "StyleGenerator: mixing must be a finite number at least 0, got -1"),
    (lambda: DCGANGenerator(8)(torch.zeros(2, 7)), r"expected latents of shape \(n, 8\), got \(2, 7\)"),
    (lambda: StyleGenerator(8)(torch.zeros(2, 7)), r"expected latents of shape \(n, 8\), got \(2, 7\)"),
    (lambda: StyleGenerator(8).synthesis(torch.zeros(2, 5, 8)), r"expected styles of shape \(n, 6, 8\) or \(n, 8\)"),
    (lambda: DCGANDiscriminator()(torch.zeros(2, 3, 28, 28)), r"expected pictures of shape \(n, 1, 28, 28\)"),
])
def test_errors_say_what_came(make, message):
    with pytest.raises(ValueError, match=message):
        make()
