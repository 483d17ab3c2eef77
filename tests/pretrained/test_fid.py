"""FID of a model: which pictures it compares, that it goes on where it stopped, and what it refuses."""

import pytest
import torch
from torch import nn

from ganlib import data, metrics
from ganlib.pretrained import fid as measured


class Two(nn.Module):
    """Two features: the mean of the pixels' levels and of their squares, scaled; counts its pictures."""

    seen = 0

    def forward(self, pictures):
        Two.seen += len(pictures)
        x = ((pictures + 1) * 127.5).round().flatten(1).double() / 255
        return torch.stack([x.mean(1), x.square().mean(1)], 1)


@pytest.fixture
def few(monkeypatch, tmp_path):
    """60 pictures a side in parts of 25, the embedded set for the full one, features of two numbers."""
    Two.seen = 0
    monkeypatch.setattr(measured, "ROWS", 60)
    monkeypatch.setattr(measured, "PART", 25)
    monkeypatch.setattr(metrics, "InceptionFeatures", Two)
    monkeypatch.setattr(measured.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setitem(measured.DATA, "mnist", (lambda split, size: data.mnist(split), "classifier_mnist"))
    return tmp_path / "ganlib-inception"


def pictures(split, start=0):
    return data.mnist(split).images[start:start + 60]


def test_it_is_the_frechet_distance_to_the_test_pictures(few):
    found = measured.fid(pictures("train", 500), "mnist")
    generated, floor, test = (Two()(x) for x in (pictures("train", 500), pictures("train"), pictures("test")))
    assert found["fid"]["generated"] == pytest.approx(metrics.frechet_distance(generated, test), rel=1e-9)
    assert found["fid"]["floor"] == pytest.approx(metrics.frechet_distance(floor, test), rel=1e-9)
    assert found["fid"]["generated"] != found["fid"]["floor"] and found["samples"] == 60


def test_of_the_same_pictures_it_is_nothing(few):
    assert measured.fid(pictures("test"), "mnist")["fid"]["generated"] == pytest.approx(0, abs=1e-9)


def test_no_picture_is_looked_at_twice(few):
    first = measured.fid(pictures("train", 500), "mnist")
    assert Two.seen == 180 and len(list(few.iterdir())) == 9
    assert measured.fid(pictures("train", 500), "mnist") == first and Two.seen == 180
    sorted(few.iterdir())[0].unlink()  # as if it had been cut short
    assert measured.fid(pictures("train", 500), "mnist") == first and 180 < Two.seen <= 205
    changed = pictures("train", 500).clone()
    changed[0, 0, 14, 14] = -changed[0, 0, 14, 14].sign()  # one pixel from end to end: its part is another
    assert measured.fid(changed, "mnist")["fid"]["generated"] != first["fid"]["generated"]


@pytest.mark.parametrize(("samples", "name", "words"), [
    (torch.zeros(59, 1, 28, 28), "mnist", "samples must be 60 pictures, got 59"),
    (torch.zeros(60, 784), "mnist", "samples"),
    (torch.zeros(60, 1, 28, 28), "cifar", "data")])
def test_what_is_refused(few, samples, name, words):
    with pytest.raises(ValueError, match=words):
        measured.fid(samples, name)
    assert Two.seen == 0 and not few.exists()
