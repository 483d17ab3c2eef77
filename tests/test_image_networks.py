"""The DCGAN: shapes, starts, the guidelines and what leaves them out, batch norm folded."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from ganlib import losses
from ganlib.data import images
from ganlib.games import Game
from ganlib.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from ganlib.training import train


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def count(network):
    return sum(p.numel() for p in network.parameters())


def test_the_generator_gives_pictures_within_its_budget():
    network = DCGANGenerator().eval()
    x = network(torch.randn(5, 32))
    assert x.shape == (5, 1, 28, 28) and x.abs().max() <= 1
    assert 95_000 < count(network) <= 135_000


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


def kinds(network):
    return [type(m) for m in network.modules() if not list(m.children())]


def test_each_guideline_can_be_left_out():
    x, z = torch.randn(6, 1, 28, 28), torch.randn(6, 8)
    plain = [nn.Conv2d, nn.LeakyReLU, nn.Conv2d, nn.BatchNorm2d, nn.LeakyReLU, nn.Flatten, nn.Linear]
    assert kinds(DCGANDiscriminator((4, 8))) == plain
    pooled = DCGANDiscriminator((4, 8), pool=True)
    assert kinds(pooled).count(nn.MaxPool2d) == 2 and all(m.stride == (1, 1) for m in pooled.modules()
                                                          if isinstance(m, nn.Conv2d))
    assert kinds(DCGANDiscriminator((4, 8), batch_norm="everywhere")) == [
        nn.BatchNorm2d, nn.Conv2d, nn.BatchNorm2d, *plain[1:]], "of the picture, and after every convolution"
    assert all(m.negative_slope == 0 for m in DCGANDiscriminator((4, 8), slope=0.0).modules()
               if isinstance(m, nn.LeakyReLU))
    repeating = DCGANGenerator(8, (6, 4), upsample=True)
    assert kinds(repeating)[:3] == [nn.ConvTranspose2d, nn.Conv2d, nn.Conv2d]
    assert [norm.num_features for norm in DCGANGenerator(8, (6, 4), batch_norm="everywhere").norms] == [6, 4, 1]
    for make in (DCGANGenerator, DCGANDiscriminator):
        scales = [m.weight for m in make(scale=0.0).modules() if isinstance(m, nn.BatchNorm2d)]
        assert max(scale.abs().max() for scale in scales) < 0.1
    assert pooled(x).shape == (6, 1) and repeating(z).shape == (6, 1, 28, 28)


@torch.no_grad()
def test_upsampling_repeats_each_pixel_before_it_convolves():
    network = DCGANGenerator(8, (6, 4), batch_norm=False, upsample=True)
    for layer in network.layers:
        layer.weight.mul_(20)
    z = torch.randn(5, 8)
    first, second, third = network.layers
    x = functional.relu(first(z[:, :, None, None]))
    x = functional.relu(second(x.repeat_interleave(2, 2).repeat_interleave(2, 3)))
    expected = torch.tanh(third(x.repeat_interleave(2, 2).repeat_interleave(2, 3)))
    assert torch.allclose(network(z), expected, atol=1e-6) and expected.std() > 0.01


@torch.no_grad()
@pytest.mark.parametrize("settings", [{"upsample": True}, {"batch_norm": "everywhere"},
                                      {"upsample": True, "batch_norm": "everywhere"}])
def test_other_settings_fold_too(settings):
    network = DCGANGenerator(8, (6, 4), **settings)
    for _ in range(20):
        network(torch.randn(32, 8))
    for norm in network.norms:
        norm.weight.uniform_(0.5, 2)
        norm.bias.normal_()
    z = torch.randn(20, 8)
    assert (network.eval()(z) - network.folded()(z)).abs().max() < 1e-5 < network(z).std()


@pytest.mark.parametrize("network", [DCGANGenerator, DCGANDiscriminator])
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


def test_the_loop_trains_them():
    game = Game(DCGANGenerator(4, (8, 6)), DCGANDiscriminator((4, 8)), latent=4, loss=losses.hinge)
    history = train(game, images.mnist(), steps=3, batch=8, seed=1, ema_decay=0.9, device="cpu")
    again = train(game, images.mnist(), steps=3, batch=8, seed=1, ema_decay=0.9, device="cpu")
    assert history.generator_loss.tolist() == again.generator_loss.tolist()
    assert game.generate(5, average=True).shape == (5, 1, 28, 28)


@pytest.mark.parametrize("make, message", [
    (lambda: DCGANGenerator(0), "DCGANGenerator: latent must be a whole number of at least 1, got 0"),
    (lambda: DCGANGenerator(8, (4,)), r"DCGANGenerator: channels must be two widths, at 7 × 7 and 14 × 14, got \(4,\)"),
    (lambda: DCGANGenerator(8, (4, 0)), "DCGANGenerator: channels must be a whole number of at least 1, got 0"),
    (lambda: DCGANGenerator(batch_norm="all"), "DCGANGenerator: batch_norm must be True, False or 'everywhere'"),
    (lambda: DCGANDiscriminator(batch_norm=None), "DCGANDiscriminator: batch_norm must be .* got None"),
    (lambda: DCGANDiscriminator(slope=-1), "DCGANDiscriminator: slope must be a finite number at least 0, got -1"),
    (lambda: DCGANGenerator(scale="1"), "DCGANGenerator: scale must be a finite number, got '1'"),
    (lambda: DCGANDiscriminator(()), r"DCGANDiscriminator: channels must be one to three widths, got \(\)"),
    (lambda: DCGANGenerator(8)(torch.zeros(2, 7)), r"expected latents of shape \(n, 8\), got \(2, 7\)"),
    (lambda: DCGANDiscriminator()(torch.zeros(2, 3, 28, 28)), r"expected pictures of shape \(n, 1, 28, 28\)"),
])
def test_errors_say_what_came(make, message):
    with pytest.raises(ValueError, match=message):
        make()
