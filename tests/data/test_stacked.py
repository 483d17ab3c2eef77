"""Stacked digits: three real digits, their number as label, all thousand of them equally often."""

import pytest
import torch

from ganlib import draws
from ganlib.data import Images, Stacked, mnist, stacked_mnist


@pytest.fixture(scope="module")
def data():
    return stacked_mnist("test")


def test_a_stack_is_three_digits_and_its_label_reads_them(data):
    images, labels = data.sample_labelled(50)
    assert images.shape == (50, 3, 28, 28) and labels.shape == (50,) and labels.dtype == torch.int64
    digits = mnist("test")
    numbers = zip(digits.images[:, 0], digits.labels.tolist(), strict=True)
    flat = {image.numpy().tobytes(): number for image, number in numbers}
    for stack, label in zip(images, labels.tolist(), strict=True):
        assert [flat[channel.contiguous().numpy().tobytes()] for channel in stack] == [int(c) for c in f"{label:03d}"]
        assert data.classes[label] == f"{label:03d}"


def test_all_thousand_modes_come_equally_often():
    data = Stacked(Images(torch.zeros(10, 1, 1, 1), torch.arange(10), "0123456789"))
    torch.manual_seed(0)
    counts = data.sample_labelled(50_000)[1].bincount(minlength=1000)
    # Chi-square of 999 degrees of freedom: its standard deviation is 45, five of them are a chance in millions.
    assert data.modes == len(counts) == len(data.classes) == 1000
    assert ((counts - 50) ** 2 / 50).sum() < 999 + 5 * 45


def test_samples_follow_the_seed_the_streams_and_the_device(data):
    torch.manual_seed(1)
    images, labels = data.sample_labelled(6)
    torch.manual_seed(1)
    assert torch.equal(images, data.sample(6)) and not torch.equal(images, data.sample(6))
    torch.manual_seed(1)
    again = data.labelled().sample(6)
    assert torch.equal(again[0], images) and torch.equal(again[1], labels)
    with draws.streams([torch.Generator().manual_seed(seed) for seed in (0, 1)]):
        together = data.sample(8)
    for half in (0, 1):
        with draws.streams([torch.Generator().manual_seed(half)]):
            assert torch.equal(together[4 * half:4 * half + 4], data.sample(4))
    assert data.sample(2, device="meta").device.type == "meta" and "1,000 classes" in repr(data.to("cpu"))


def test_two_classes_make_eight():
    two = mnist("test").only([0, 1])
    data = Stacked(Images(two.images, two.labels, ("a", "b")))
    assert data.modes == 8 and data.classes[5] == "bab" and set(data.sample_labelled(200)[1].tolist()) == set(range(8))


@pytest.mark.parametrize(("call", "error", "says"), [
    (lambda: Stacked(torch.zeros(2, 1, 8, 8)), TypeError, "Stacked: images must be ganlib.data.Images, got Tensor"),
    (lambda: Stacked(Images(torch.zeros(2, 3, 8, 8), torch.zeros(2).long(), "a")), ValueError, "must be grey, got Im"),
    (lambda: stacked_mnist("dev"), ValueError, "split must be 'train' or 'test'"),
    (lambda: stacked_mnist("test").sample(-1), ValueError, "Stacked.sample: rows must be a whole number"),
])
def test_bad_input_is_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()
