"""Networks that are told a label: what each way of telling can express, shapes, starts, folding, errors."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from ganlib.networks.conditional import WAYS, ConditionalDiscriminator, ConditionalGenerator, ConditionalMLP
from ganlib.networks.dcgan import DCGANDiscriminator, DCGANGenerator

X, Y = torch.randn(6, 1, 28, 28, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 1, 2, 3, 9, 9])


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def moved(network):
    """The network with parameters large enough to tell its parts apart."""
    for p in network.parameters():
        nn.init.normal_(p, std=0.3)
    return network.eval()


def slope(network, labels):
    x = X.clone().requires_grad_()
    return torch.autograd.grad(network(x, labels)[:, 0].sum(), x)[0]


@pytest.mark.parametrize("way", WAYS)
def test_shapes_and_who_hears_the_label(way):
    network = moved(ConditionalDiscriminator(way, channels=(4, 6)))
    out = network(X, Y)
    assert out.shape == ((6, 11) if way == "auxiliary" else (6, 1))
    heard = not torch.allclose(out, network(X, Y.flip(0)))
    assert heard is (way not in ("none", "auxiliary"))
    assert (not torch.allclose(slope(network, Y), slope(network, Y.flip(0)), atol=1e-6)) is heard


def test_projection_is_psi_plus_an_inner_product():
    network = moved(ConditionalDiscriminator("projection", channels=(4, 6)))
    phi, head = network.features(X, Y), network.head
    psi, v = head.weight[0], head.weight[1:]  # (features,), (classes, features)
    expected = phi @ psi + head.bias[0] + (v[Y] * phi).sum(1) + head.bias[1:][Y]
    assert torch.allclose(network(X, Y)[:, 0], expected, atol=1e-4)


def test_auxiliary_and_projection_have_the_same_parameters():
    shapes = [[p.shape for p in ConditionalDiscriminator(way).parameters()] for way in ("projection", "auxiliary")]
    assert shapes[0] == shapes[1]
    one, other = ConditionalDiscriminator("projection"), moved(ConditionalDiscriminator("auxiliary"))
    one.load_state_dict(other.state_dict())
    rows = other(X, Y)
    assert torch.allclose(one.eval()(X, Y)[:, 0], rows[:, 0] + rows[torch.arange(6), 1 + Y], atol=1e-5)


def test_planes_are_a_bias_of_each_class_but_at_the_border():
    network = moved(ConditionalDiscriminator("concatenated", channels=(4, 6), batch_norm=False))
    layer = network.body[0]
    seen = []
    layer.register_forward_hook(lambda _, __, y: seen.append(y))
    network(X, Y)
    plain = functional.conv2d(X, layer.weight[:, :1], layer.bias, 2, 1)
    added = seen[0] - plain  # (6, 4, 14, 14)
    table = layer.weight[:, 1:].sum((2, 3)).T  # (classes, 4)
    assert torch.allclose(added[:, :, 1:-1, 1:-1], table[Y][:, :, None, None].expand(-1, -1, 12, 12), atol=1e-4)
    assert not torch.allclose(added[:, :, 0, 0], table[Y], atol=1e-2), "zero padding ends the plane"


def test_untold_and_unlabelled_are_the_dcgan():
    torch.manual_seed(4)
    plain = DCGANDiscriminator((4, 6))
    torch.manual_seed(4)
    network = ConditionalDiscriminator("none", channels=(4, 6))
    assert torch.equal(network(X, Y), plain(X))
    generator = moved(ConditionalGenerator(5, 10, 3, (8, 4)))
    z = torch.randn(6, 5)
    assert torch.equal(generator(z, Y), generator.body(torch.cat([z, generator.embedding.weight[Y]], 1)))
    assert isinstance(generator.body, DCGANGenerator)


def test_generator_gives_pictures_of_every_class():
    generator = ConditionalGenerator().eval()
    x = generator(torch.randn(6, 32), Y)
    assert x.shape == (6, 1, 28, 28) and x.abs().max() <= 1
    assert 0.8 < generator.embedding.weight.std() < 1.2, "as z is"
    assert sum(p.numel() for p in generator.parameters()) < 200_000


def test_folded_is_the_same_function():
    generator = moved(ConditionalGenerator(5, 4, 3, (8, 4))).train()
    for _ in range(10):
        generator(torch.randn(40, 5), torch.arange(40) % 4)
    generator.eval()
    folded, z, y = generator.folded(), torch.randn(8, 5), torch.arange(8) % 4
    assert (generator(z, y) - folded(z, y)).abs().max() < 1e-4 < generator(z, y).std()
    assert folded.arguments == generator.arguments | {"batch_norm": False} and not folded.training


@pytest.mark.parametrize("make", [lambda: ConditionalGenerator(5, 4, 3, (8, 4)),
                                  *(lambda way=way: ConditionalDiscriminator(way, channels=(4,)) for way in WAYS),
                                  lambda: ConditionalMLP(2, 5, 1, classes=3, way="projection")])
def test_reset_draws_the_start_again_and_arguments_build_it(make):
    torch.manual_seed(3)
    one = make()
    after = torch.get_rng_state()
    other = moved(make())
    torch.manual_seed(3)
    other.reset_parameters()
    assert torch.equal(torch.get_rng_state(), after), "building takes the same random numbers"
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
    if hasattr(one, "arguments"):
        again = type(one)(**one.arguments)
        assert [p.shape for p in again.parameters()] == [p.shape for p in one.parameters()]


@pytest.mark.parametrize("way", ["none", "concatenated", "projection", "auxiliary"])
def test_the_perceptron_says_what_its_way_says(way):
    network = ConditionalMLP(2, 7, 1, classes=3, way=way)
    x, y = torch.randn(4, 2), torch.tensor([0, 2, 1, 2])
    hot = functional.one_hot(y, 3).float()
    inputs = torch.cat([x, hot], 1) if way == "concatenated" else x
    rows = network.layers[1](functional.leaky_relu(network.layers[0](inputs), 0.2))
    expected = rows[:, :1] + (rows[:, 1:] * hot).sum(1, keepdim=True) if way == "projection" else rows
    assert torch.allclose(network(x, y), expected, atol=1e-6)
    stacked = network.stack([network, ConditionalMLP(2, 7, 1, classes=3, way=way)])
    both = stacked(torch.cat([x, x]), torch.cat([y, y]))
    assert torch.allclose(both[:4], network(x, y), atol=1e-6) and not torch.allclose(both[:4], both[4:])
    single = stacked.unstack()[1]
    assert type(single) is ConditionalMLP and torch.allclose(single(x, y), both[4:], atol=1e-6)


def test_networks_of_other_ways_are_not_stacked():
    one = ConditionalMLP(2, 7, 1, classes=3, way="projection")
    with pytest.raises(ValueError, match="stack: networks must be single ones made as this one was"):
        one.stack([one, ConditionalMLP(2, 7, 1, classes=3, way="auxiliary")])


def test_errors_say_what_came():
    network = ConditionalDiscriminator(channels=(4,))
    with pytest.raises(ValueError, match=r"labels must be an int64 tensor of shape \(6,\), got torch.float32 \(6,\)"):
        network(X, Y.float())
    with pytest.raises(ValueError, match=r"got torch.int64 \(5,\)"):
        network(X, Y[:5])
    with pytest.raises(ValueError, match="labels must be an int64 tensor.* got list"):
        network(X, [0] * 6)
    with pytest.raises(ValueError, match=r"expected pictures of shape \(n, 1, 28, 28\), got \(6, 1, 14, 14\)"):
        network(X[..., ::2, ::2], Y)
    with pytest.raises(ValueError, match="ConditionalDiscriminator: way must be 'none' or .* got 'planes'"):
        ConditionalDiscriminator("planes")
    with pytest.raises(ValueError, match=r"expected latents of shape \(n, 32\), got \(6, 31\)"):
        ConditionalGenerator()(torch.randn(6, 31), Y)
    with pytest.raises(ValueError, match="classes must be a whole number of at least 2, got 1"):
        ConditionalMLP(2, 1, classes=1)
    with pytest.raises(ValueError, match="with way='projection' sizes must end in 1"):
        ConditionalMLP(2, 3, classes=3, way="projection")
    with pytest.raises((IndexError, RuntimeError)):
        network(X, Y + 5)
