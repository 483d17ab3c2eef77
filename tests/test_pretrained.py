"""The shipped generators: what the manifest says is true, 8 bits are 8 bits, and what they draw is worth showing."""

import hashlib
import json
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from ganlib import pretrained
from ganlib.data import images
from ganlib.networks import MLP
from ganlib.networks.dcgan import DCGANGenerator
from ganlib.networks.stylegan import StyleGenerator

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
import train_pretrained

NAMES = pretrained.names()


def test_names():
    assert NAMES == tuple(train_pretrained.RECIPES) == ("dcgan_mnist", "style_fashion")
    assert {p.stem for p in pretrained.FOLDER.glob("*.safetensors")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_manifest_is_true(name):
    about, generator = pretrained.record(name), pretrained.load(name)
    path, recipe = pretrained.FOLDER / f"{name}.safetensors", train_pretrained.RECIPES[name]
    assert about["bytes"] == path.stat().st_size <= 160_000
    assert about["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert about["parameters"] == sum(p.numel() for p in generator.parameters()) <= 135_000
    assert about["kind"] == type(generator).__name__ == recipe["generator"].__name__
    written = json.loads(json.dumps({k: train_pretrained.written(v) for k, v in recipe["settings"].items()}))
    assert about["settings"] == written and (about["seed"], about["r1"]) == (recipe["seed"], recipe["r1"])
    assert about["title"] == recipe["title"] and about["data"].startswith(recipe["data"])
    assert 60 < about["seconds"] <= 1500, "a core's 25 minutes"


@pytest.mark.parametrize("name", NAMES)
def test_loading(name):
    state = torch.get_rng_state()
    one, other = pretrained.load(name), pretrained.load(name)
    assert torch.equal(torch.get_rng_state(), state), "no random numbers are taken from the reader"
    assert not one.training and isinstance(one, DCGANGenerator | StyleGenerator)
    z = torch.randn(3, one.latent)
    with torch.no_grad():
        assert torch.equal(one(z), other(z)) and one(z).shape == (3, 1, 28, 28) and one(z).abs().max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_eight_bit_numbers_times_scales(name):
    stored = load_file(pretrained.FOLDER / f"{name}.safetensors")
    for key, value in pretrained.load(name).state_dict().items():
        if value.dim() < 2:
            assert stored[key].dtype == torch.float32 and torch.equal(stored[key], value)
            continue
        numbers, scale = stored[key], stored[f"{key}.scale"]
        assert numbers.dtype == torch.int8 and numbers.int().min() >= -127
        assert torch.equal(numbers.float() * scale, value)
        outputs = value.shape[0 if value.dim() == 2 else 1]
        assert scale.numel() == outputs
        assert value.movedim(0 if value.dim() == 2 else 1, 0).flatten(1).shape[0] == outputs


@pytest.mark.parametrize("name", NAMES)
def test_the_measures_are_those_of_the_manifest(name):
    """Measured again, on the stored weights. The floor is what 2,000 training images get."""
    about = pretrained.record(name)
    found = train_pretrained.quality(pretrained.load(name), train_pretrained.RECIPES[name]["data"])
    said = about["quality"]
    assert found["what"] == said["what"] and found["samples"] == said["samples"]
    for key in ("generated", "training"):
        assert found["frechet_pixels"][key] == pytest.approx(said["frechet_pixels"][key], rel=0.05)
    assert found["nearest_distance"] == pytest.approx(said["nearest_distance"], rel=0.02)
    differ = sum(abs(a - b) for a, b in zip(found["nearest_class"], said["nearest_class"], strict=True))
    assert sum(said["nearest_class"]) == 2000 and differ <= 20
    # What makes them worth showing: near the test images, all classes, no copies.
    assert said["frechet_pixels"]["generated"] < 6 * said["frechet_pixels"]["training"]
    assert min(said["nearest_class"]) > 50
    assert said["nearest_distance"]["generated"] > 0.7 * said["nearest_distance"]["test"]
    assert said["frechet_pixels"]["generated"] == pytest.approx(about["before_quantisation"], rel=0.1)


def test_the_measure_tells_good_from_bad():
    """The same measure on an untrained generator, on noisy images, and on one class only."""
    torch.manual_seed(0)
    real, test = images.mnist().images.flatten(1).double(), images.mnist("test").images.flatten(1).double()
    middle = real.mean(0)
    axes = torch.linalg.svd(real - middle, full_matrices=False).Vh[:64].T

    def measure(x):
        return train_pretrained.frechet((x - middle) @ axes, (test - middle) @ axes)

    floor = measure(real[:2000])
    assert measure(test) == pytest.approx(0, abs=1e-6) and 1 < floor < 5
    assert measure(images.mnist().only(3).images.flatten(1).double()) > 10 * floor
    assert measure(real[:2000] * 0.7 - 0.3) > 5 * floor
    with torch.no_grad():
        assert measure(DCGANGenerator().eval()(torch.randn(500, 32)).flatten(1).double()) > 20 * floor


def test_frechet_of_known_gaussians():
    torch.manual_seed(0)
    x = torch.randn(200_000, 2).double()
    y = x * torch.tensor([2.0, 1.0]).double() + torch.tensor([0.0, 3.0]).double()
    assert train_pretrained.frechet(x, y) == pytest.approx((2 - 1) ** 2 + 9, rel=0.02)


# Storing

@pytest.mark.parametrize("values", [torch.tensor([[1.0, -2.0], [0.0, 0.5]]), torch.randn(5, 4),
                                    torch.randn(3, 4, 2, 2), torch.zeros(2, 3)])
def test_quantise(values):
    numbers, scale = pretrained.quantise(values)
    assert numbers.dtype == torch.int8 and scale.dim() == values.dim()
    assert ((numbers * scale - values).abs() <= scale / 2 + 1e-7).all(), "to the nearest step"
    channel = 0 if values.dim() == 2 else 1
    assert list(scale.shape) == [n if d == channel else 1 for d, n in enumerate(values.shape)]
    largest = numbers.movedim(channel, 0).flatten(1).int().abs().amax(1)
    nonzero = values.movedim(channel, 0).flatten(1).abs().amax(1) > 0
    assert (largest[nonzero] == 127).all(), "all of the eight bits are used"
    again, same = pretrained.quantise(numbers * scale)
    assert torch.equal(again, numbers) and torch.allclose(same, scale)


@pytest.mark.parametrize("make", [lambda: DCGANGenerator(6, (8, 4)), lambda: StyleGenerator(6, (8, 6, 4), 2)])
def test_quantised_is_near_the_original(make):
    torch.manual_seed(0)
    generator = make()
    generator(torch.randn(64, 6))
    generator.eval()
    small = pretrained.quantised(generator)
    z = torch.randn(20, 6)
    with torch.no_grad():
        difference = (small(z) - generator(z)).abs()
    assert type(small) is type(generator) and not small.training and small is not generator
    assert 0 < difference.max() < 0.15 and difference.mean() < 0.02
    twice = pretrained.unpack(pretrained.pack(small), type(small).__name__, pretrained.arguments(small))
    with torch.no_grad():
        assert torch.allclose(twice(z), small(z), atol=1e-6)


@pytest.mark.parametrize("act, kind, message", [
    (lambda: pretrained.load("gpt"), ValueError, "load: name must be 'dcgan_mnist' or 'style_fashion', got 'gpt'"),
    (lambda: pretrained.record(3), ValueError, "record: name must be .*, got 3"),
    (lambda: pretrained.quantised(MLP(2, 3)), TypeError,
     "generator must be a DCGANGenerator or a StyleGenerator, got MLP"),
    (lambda: pretrained.quantised(nn.Linear(2, 3)), TypeError, "got Linear"),
    (lambda: pretrained.unpack(b"no", "DCGANGenerator", {}), ValueError, "not a safetensors file"),
    (lambda: pretrained.unpack(pretrained.pack(DCGANGenerator(4, (4, 4))), "GPT", {}), ValueError,
     "kind must be 'DCGANGenerator' or 'StyleGenerator', got 'GPT'"),
])
def test_errors_say_what_came(act, kind, message):
    with pytest.raises(kind, match=message):
        act()


def test_another_file_is_refused(tmp_path, monkeypatch):
    for name in ("manifest.json", "dcgan_mnist.safetensors"):
        (tmp_path / name).write_bytes((pretrained.FOLDER / name).read_bytes())
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path)
    assert pretrained.load("dcgan_mnist")
    path = tmp_path / "dcgan_mnist.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x05")
    with pytest.raises(ValueError, match="must have SHA-256 .*; install ganlib anew"):
        pretrained.load("dcgan_mnist")


def test_a_short_training_goes_through_the_tool(tmp_path, monkeypatch):
    """The whole tool on three steps: files, manifest, picture; and a second call goes on from the checkpoint."""
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path)
    monkeypatch.setattr(train_pretrained, "quality", lambda *_: {"frechet_pixels": {"generated": 0.0}})  # see above
    for name, recipe in train_pretrained.RECIPES.items():
        short = {**recipe, "settings": {**recipe["settings"], "steps": 3}}
        monkeypatch.setitem(train_pretrained.RECIPES, name, short)
        for _ in range(2):
            monkeypatch.setattr(sys, "argv", ["", name, "--work", str(tmp_path / name), "--grid",
                                              str(tmp_path / "g.png")])
            train_pretrained.main()
        assert pretrained.load(name)(torch.zeros(1, 32) + 1).shape == (1, 1, 28, 28)
        assert pretrained.record(name)["settings"]["steps"] == 3
    assert pretrained.names() == NAMES and (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG")
