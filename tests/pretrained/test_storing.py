"""Networks as bytes and back: which dimension gets the scales, 8 and 16 bits, one network and several."""

import pytest
import torch
from safetensors.torch import load
from torch import nn

from ganlib import networks, pretrained
from ganlib.networks import MLP
from ganlib.networks.classifier import Classifier
from ganlib.networks.dcgan import DCGANGenerator
from ganlib.networks.stylegan import StyleGenerator
from ganlib.pretrained import storing

MAKERS = [lambda: DCGANGenerator(6, (8, 4)), lambda: DCGANGenerator(6, (8, 4), upsample=True),
          lambda: StyleGenerator(6, (8, 6, 4), 2)]


@pytest.mark.parametrize("shape, channel", [((2, 2), 0), ((5, 4), 0), ((3, 4, 2, 2), 1), ((3, 4, 2, 2), 0)])
def test_quantise(shape, channel):
    torch.manual_seed(0)
    values = torch.randn(shape)
    values.select(channel, 0).zero_()
    numbers, scale = pretrained.quantise(values, channel)
    assert numbers.dtype == torch.int8 and scale.dim() == values.dim()
    assert ((numbers * scale - values).abs() <= scale / 2 + 1e-7).all(), "to the nearest step"
    assert list(scale.shape) == [n if d == channel else 1 for d, n in enumerate(values.shape)]
    largest = numbers.movedim(channel, 0).flatten(1).int().abs().amax(1)
    assert largest[0] == 0 and (largest[1:] == 127).all(), "all of the eight bits are used"
    again, same = pretrained.quantise(numbers * scale, channel)
    assert torch.equal(again, numbers) and torch.allclose(same, scale)


def test_the_scales_are_those_of_output_channels():
    """In every kind of layer: an output channel a thousand times as large leaves the others as exact as before."""
    network = nn.ModuleDict({"convolution": nn.Conv2d(3, 4, 5), "transposed": nn.ConvTranspose2d(3, 4, 5),
                             "dense": nn.Linear(3, 4), "modulated": StyleGenerator(3, (3, 4, 4)).layers[1]})
    for part, axis in (("convolution", 0), ("transposed", 1), ("dense", 0), ("modulated", 1)):
        key = f"{part}.weight"
        weight = network.get_parameter(key)
        assert weight.shape[axis] == 4 and storing.channel(network, key) == axis
        with torch.no_grad():
            weight.select(axis, 2).mul_(1000)
        stored = load(storing.pack(network[part]))
        error = (stored["weight"].float() * stored["weight.scale"] - weight).abs().movedim(axis, 0).flatten(1).amax(1)
        assert error.argmax() == 2 and (error[[0, 1, 3]] < error[2] / 50).all()
    assert storing.channel(StyleGenerator(3, (5, 4, 4)), "constant") == 1, "(1, channels, 7, 7)"


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("bits, largest", [(8, 0.15), (16, 0.005)])
def test_quantised_is_near_the_original(make, bits, largest):
    torch.manual_seed(0)
    generator = make()
    with torch.no_grad():
        generator(torch.randn(64, 6))
    generator.eval()
    small = pretrained.quantised(generator, bits)
    z = torch.randn(20, 6)
    with torch.no_grad():
        difference = (small(z) - generator(z)).abs()
    assert type(small) is type(generator) and not small.training and small is not generator
    assert 0 < difference.max() < largest and difference.mean() < largest / 7
    twice = pretrained.quantised(small, bits)
    with torch.no_grad():
        assert torch.allclose(twice(z), small(z), atol=1e-6)
    assert len(storing.pack(small, 16)) > len(storing.pack(small, 8))


def test_several_in_one_file():
    torch.manual_seed(0)
    both = nn.ModuleDict({"there": DCGANGenerator(6, (8, 4)), "judge": Classifier(5)}).eval()
    kind, arguments = storing.described(both)
    assert kind == {"there": "DCGANGenerator", "judge": "Classifier"} and arguments["judge"]["features"] == 5
    state = torch.get_rng_state()
    found = pretrained.quantised(both)
    assert torch.equal(torch.get_rng_state(), state)
    assert isinstance(found, nn.ModuleDict) and not found["there"].norms, "folded, each of them"
    z = torch.randn(4, 6)
    with torch.no_grad():
        assert torch.allclose(found["there"](z), both["there"](z), atol=0.15)
        x = found["there"](z)
        assert torch.allclose(found["judge"](x), both["judge"](x), atol=0.05)


def test_whole_numbers_and_vectors_stay():
    norm = nn.BatchNorm2d(3)
    norm(torch.randn(4, 3, 2, 2))
    stored = load(storing.pack(norm, 16))
    assert stored["num_batches_tracked"].item() == 1 and stored["num_batches_tracked"].dtype == torch.int64
    assert torch.equal(stored["running_mean"], norm.running_mean) and stored["running_mean"].dtype == torch.float32


@pytest.mark.parametrize("name", sorted(storing.kinds()))
def test_names_of_classes_are_unique(name):
    """The record holds a class's name alone."""
    holders = [module for module in vars(networks).values()
               if getattr(getattr(module, name, None), "__module__", None) == getattr(module, "__name__", 0)]
    assert len(holders) == 1


def huge() -> DCGANGenerator:
    generator = DCGANGenerator(4, (4, 4))
    with torch.no_grad():
        generator.layers[0].weight.fill_(1e6)
    return generator


def broken() -> DCGANGenerator:
    generator = DCGANGenerator(4, (4, 4))
    with torch.no_grad():
        generator.layers[0].weight[0, 0, 0, 0] = float("nan")
    return generator


@pytest.mark.parametrize("act, kind, message", [
    (lambda: pretrained.quantised(MLP(2, 3)), TypeError, "class in ganlib.networks and have a dict `arguments`.*MLP"),
    (lambda: pretrained.quantised(nn.Linear(2, 3)), TypeError, "got Linear"),
    (lambda: pretrained.quantised(nn.ModuleDict({"a": nn.Linear(2, 3)})), TypeError, "got Linear"),
    (lambda: pretrained.unpack(b"no", "DCGANGenerator", {}), ValueError, "not a safetensors file"),
    (lambda: pretrained.unpack(pretrained.pack(DCGANGenerator(4, (4, 4))), "GPT", {}), ValueError,
     "kind must be .*'DCGANGenerator' or .*, got 'GPT'"),
    (lambda: pretrained.unpack(pretrained.pack(DCGANGenerator(4, (4, 4))), "Module", {}), ValueError, "got 'Module'"),
    (lambda: pretrained.pack(DCGANGenerator(4, (4, 4)), 4), ValueError, "bits must be 8 or 16, got 4"),
    (lambda: pretrained.pack(huge(), 16), ValueError, "layers.0.weight has values that 16-bit floats cannot hold"),
    (lambda: pretrained.pack(broken()), ValueError, "layers.0.weight must be finite"),
])
def test_errors_say_what_came(act, kind, message):
    with pytest.raises(kind, match=message):
        act()
