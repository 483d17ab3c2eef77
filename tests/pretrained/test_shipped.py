"""The shipped models: what their records say is true, 8 bits are 8 bits, and what they draw is worth showing."""

import json

import pytest
import torch
from safetensors.torch import load_file

from ganlib import pretrained
from ganlib.data import images
from ganlib.networks.dcgan import DCGANGenerator
from ganlib.networks.stylegan import StyleGenerator
from ganlib.pretrained import checking, making, measures
from ganlib.pretrained import recipe as recipes

NAMES = pretrained.names()
SINGLE = pretrained.names("DCGANGenerator", "StyleGenerator")


def test_every_recipe_was_followed():
    assert NAMES == recipes.names() and {"dcgan_mnist", "style_fashion"} <= set(NAMES)
    assert {path.stem for path in pretrained.FOLDER.glob("*.safetensors")} == set(NAMES)
    assert {path.stem for path in pretrained.FOLDER.glob("*.png")} == {
        name for name in NAMES if recipes.find(name).samples}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_all_is_as_recorded(name):
    """The file, the facts, the 64 samples to 2 of 255 grey levels, and every measure to the recipe's tolerance."""
    assert not {part: text for part, text in checking.check(name).items() if text}


@pytest.mark.parametrize("name", NAMES)
def test_the_record_is_whole(name):
    about = pretrained.record(name)
    assert about["bytes"] <= 1_500_000 and about["device"] and about["torch"][0].isdigit()
    assert 10 < about["seconds"] <= 4000, "at most about an hour"
    assert about["date"] >= "2026-11-25" and isinstance(about["settings"]["seed"], int)
    text = json.dumps(about["quality"])
    assert "floor" in text and len(about["quality"]["what"]) > 60, "real against real; and in words what was measured"


@pytest.mark.parametrize("name", NAMES)
def test_loading(name):
    state = torch.get_rng_state()
    one, other = pretrained.load(name), pretrained.load(name)
    assert torch.equal(torch.get_rng_state(), state), "no random numbers are taken from the reader"
    assert not any(part.training for part in one.modules())
    for key, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[key]) and torch.isfinite(value).all()


@pytest.mark.parametrize("name", SINGLE)
def test_generators_of_latents(name):
    generator = pretrained.load(name)
    assert isinstance(generator, DCGANGenerator | StyleGenerator)
    with torch.no_grad():
        x = generator(torch.randn(3, generator.latent))
    assert x.shape[0] == 3 and x.shape[2:] == (28, 28) and x.abs().max() <= 1


@pytest.mark.parametrize("name", [name for name in NAMES if pretrained.record(name)["bits"] == 8])
def test_weights_are_eight_bit_numbers_times_scales(name):
    stored = load_file(pretrained.FOLDER / f"{name}.safetensors")
    for key, value in pretrained.load(name).state_dict().items():
        if value.dim() < 2:
            assert torch.equal(stored[key], value)
            continue
        numbers, scale = stored[key], stored[f"{key}.scale"]
        assert numbers.dtype == torch.int8 and numbers.int().min() >= -127
        assert torch.equal(numbers.float() * scale, value) and scale.numel() == max(scale.shape)


def test_the_first_two_are_worth_showing():
    """Near the test images, all classes, no copies; and storing them in 8 bits costs nothing."""
    for name in ("dcgan_mnist", "style_fashion"):
        about = pretrained.record(name)
        found = about["quality"]
        assert found["frechet_pixels"]["generated"] < 6 * found["frechet_pixels"]["floor"]
        assert sum(found["classes"]) == sum(found["nearest_class"]) == measures.ROWS
        assert min(found["classes"]) > 50 and min(found["nearest_class"]) > 50
        assert found["nearest_distance"]["generated"] > 0.7 * found["nearest_distance"]["floor"]
        whole = about["before_storing"]["frechet_pixels"]["generated"]
        assert found["frechet_pixels"]["generated"] == pytest.approx(whole, rel=0.1)


@pytest.fixture(scope="module")
def real():
    return images.mnist(), images.mnist("test")


@pytest.mark.slow
def test_the_measures_tell_good_from_bad(real):
    """Test images against themselves, one class only, pale pictures, copies, an untrained generator."""
    train, test = real
    own = measures.pictures(test.images, "mnist", test.labels)
    assert own["frechet"]["generated"] == pytest.approx(0, abs=1e-4) and own["precision"]["generated"] == 1
    assert own["accuracy"]["generated"] == own["accuracy"]["floor"] > 0.9
    floor = own["frechet"]["floor"]
    assert floor > 0.01 and 1 < own["frechet_pixels"]["floor"] < 5 and own["class_kl"]["floor"] < 0.01
    one = measures.pictures(train.only(3).images, "mnist")
    assert one["classes"][3] > 950 and one["class_kl"]["generated"] > 1.5 and one["recall"]["generated"] < 0.3
    copies = measures.pictures(train.images[:500], "mnist")
    assert copies["nearest_distance"]["generated"] < 0.1 < copies["nearest_distance"]["floor"]
    torch.manual_seed(0)
    with torch.no_grad():
        untrained = DCGANGenerator().eval()(torch.randn(500, 32))
    for bad in (one, measures.pictures(train.images[:2000] * 0.7 - 0.3, "mnist"),
                measures.pictures(untrained, "mnist")):
        for key in ("frechet", "frechet_pixels"):
            assert bad[key]["generated"] > 4 * bad[key]["floor"], key


def test_a_classifier_is_measured(real):
    found = measures.classifier(pretrained.load("classifier_mnist"), "mnist")
    assert 0.9 < found["accuracy"]["test"] <= found["accuracy"]["training"] <= 1 and found["frechet"]["floor"] > 0.01


@pytest.mark.parametrize("act, kind, message", [
    (lambda: pretrained.load("gpt"), ValueError, r"pretrained\.load: name must be '.*'dcgan_mnist'.*, got 'gpt'"),
    (lambda: pretrained.record(3), ValueError, r"pretrained\.record: name must be .*, got 3"),
    (lambda: recipes.find("gpt"), ValueError, "pretrained: name must be .*, got 'gpt'"),
    (lambda: making.make("gpt", pretrained.FOLDER), ValueError, "pretrained: name must be .*, got 'gpt'"),
    (lambda: measures.pictures(torch.zeros(2, 1, 28, 28), "cifar"), ValueError, "data must be 'mnist' or"),
    (lambda: measures.pictures(torch.zeros(2, 784), "mnist"), ValueError, "samples must have 4 dimensions"),
    (lambda: measures.classifier(None, "cifar"), ValueError, "measures.classifier: data must be 'mnist' or"),
])
def test_errors_say_what_came(act, kind, message):
    with pytest.raises(kind, match=message):
        act()
