"""The classifier: shapes, its training by seed, shifts, and what the shipped ones can do."""

import pytest
import torch

from ganlib import metrics, pretrained
from ganlib.data import Images, fashion_mnist, mnist
from ganlib.networks.classifier import Classifier, accuracy, fit, shifted


def few(n=200):
    data = mnist()
    return Images(data.images[:n], data.labels[:n], data.classes)


def test_shapes_and_size():
    network = Classifier()
    x = torch.zeros(3, 1, 28, 28)
    assert network.features(x).shape == (3, 64) and network(x).shape == (3, 10)
    assert sum(p.numel() for p in network.parameters()) == 75_946
    assert Classifier(**Classifier(8, 4).arguments)(x).shape == (3, 4)
    assert torch.equal(network(x), network.head(network.features(x)))


def test_making_one_takes_no_more_random_numbers_than_its_parameters():
    torch.manual_seed(0)
    one = Classifier()
    torch.manual_seed(0)
    other = Classifier()
    other.reset_parameters()
    torch.manual_seed(0)
    other.reset_parameters()
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_shifts_move_whole_pictures_by_whole_pixels():
    torch.manual_seed(0)
    x = torch.rand(400, 1, 28, 28)
    moved, seen = shifted(x), set()
    for old, new in zip(x[:, 0], moved[:, 0], strict=True):
        wide = torch.nn.functional.pad(old, [2] * 4, value=-1.0)
        at = [(i, j) for i in range(5) for j in range(5) if torch.equal(wide[i:i + 28, j:j + 28], new)]
        assert len(at) == 1
        seen.add(at[0])
    assert len(seen) == 25


def test_the_seed_fixes_the_training_and_it_learns():
    data, found = few(), []
    for seed in (0, 0, 1):
        network = fit(Classifier(), data, steps=60, seed=seed)
        assert not network.training
        found.append(torch.cat([p.flatten() for p in network.parameters()]))
    assert torch.equal(found[0], found[1]) and not torch.equal(found[0], found[2])
    assert accuracy(network, data) > 0.5
    right = (network(data.images).argmax(1) == data.labels).float().mean()
    assert accuracy(network, data) == pytest.approx(float(right))


@pytest.mark.parametrize("name, data, least", [("classifier_mnist", mnist, 0.985),
                                               ("classifier_fashion", fashion_mnist, 0.885)])
def test_the_shipped_ones_know_the_test_pictures(name, data, least):
    network, test = pretrained.load(name), data("test")
    found = accuracy(network, test)
    assert found >= least and found == pytest.approx(pretrained.record(name)["quality"]["accuracy"]["test"], abs=2e-3)
    logits = metrics.by_batches(network, test.images)
    seen = metrics.class_coverage(logits, wanted=test.labels)
    assert seen.accuracy == pytest.approx(found) and seen.classes == 10 and seen.kl < 0.01


def test_bad_values_are_named():
    with pytest.raises(ValueError, match=r"Classifier: expected pictures of shape \(n, 1, 28, 28\), got \(2, 784\)"):
        Classifier()(torch.zeros(2, 784))
    with pytest.raises(ValueError, match="Classifier: classes must be a whole number of at least 2, got 1"):
        Classifier(classes=1)
    with pytest.raises(ValueError, match="fit: steps must be a whole number of at least 1, got 0"):
        fit(Classifier(), few(), steps=0)
