"""The embedded images are what they should be, and `Images` samples them and refuses what is none."""

import hashlib
import json
import sys

import numpy as np
import pytest
import torch

from ganlib import draws
from ganlib.data import images as module
from ganlib.data import originals
from ganlib.data.images import Images, Labelled, embedded, fashion_mnist, mnist

LOADERS = {"mnist": mnist, "fashion": fashion_mnist}


# ---- the embedded sets
@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize(("split", "each"), [("train", 1000), ("test", 200)])
def test_the_embedded_set_is_balanced_and_scaled(name, split, each, no_network, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)  # not even imported
    data = LOADERS[name](split)
    assert len(data) == 10 * each and data.images.shape == (10 * each, 1, 28, 28)
    assert data.images.dtype == torch.float32 and data.labels.dtype == torch.int64
    assert data.labels.bincount().tolist() == [each] * 10 and len(data.classes) == 10
    assert data.images.min() == -1 and data.images.max() == 1
    stored = torch.tensor(embedded(name, split)[0])
    assert torch.equal(((data.images[:, 0] + 1) * 127.5).round().byte(), stored)
    assert data.labels[:50].unique().numel() > 5  # shuffled, not sorted by class


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("split", ["train", "test"])
def test_the_manifest_describes_the_embedded_file(name, split):
    manifest = json.loads((module.EMBEDDED / "manifest.json").read_text(encoding="utf-8"))
    entry = manifest["files"][f"{name}_{split}.npz.xz"]
    arrays = dict(zip(("images", "labels", "indices"), embedded(name, split), strict=True))
    for key, array in arrays.items():
        assert hashlib.sha256(array.tobytes()).hexdigest() == entry["array_sha256"][key]
    assert len(arrays["labels"]) == entry["count"] == 10 * entry["per_class"]
    assert entry["source_sha256"] == {file: originals.CHECKSUMS[name][file] for file in originals.FILES[split]}
    assert arrays["indices"].dtype == np.int32 and len(set(arrays["indices"].tolist())) == entry["count"]
    assert 0 <= arrays["indices"].min() and arrays["indices"].max() < {"train": 60_000, "test": 10_000}[split]


@pytest.mark.parametrize("name", LOADERS)
def test_train_and_test_share_no_image(name):
    assert not set(originals.FILES["train"]) & set(originals.FILES["test"])  # drawn from different originals
    train, test = ({image.tobytes() for image in embedded(name, split)[0]} for split in ("train", "test"))
    assert len(train) == 10_000 and len(test) == 2_000 and not train & test


def test_the_embedded_files_are_small():
    assert sum(path.stat().st_size for path in module.EMBEDDED.iterdir()) < 6.5e6


# ---- Images
@pytest.fixture(scope="module")
def digits():
    return mnist("test")


def test_sample_is_deterministic_and_takes_rows_of_the_data(digits):
    torch.manual_seed(3)
    first = digits.sample(7)
    torch.manual_seed(3)
    again, labels = digits.sample_labelled(7)
    torch.manual_seed(3)
    rows = torch.randint(len(digits), (7,))
    assert torch.equal(first, again) and torch.equal(first, digits.images[rows])
    assert torch.equal(labels, digits.labels[rows]) and first.shape == (7, 1, 28, 28)
    assert not torch.equal(first, digits.sample(7))


def test_streams_share_a_sample_out(digits):
    def generators():
        return [torch.Generator().manual_seed(seed) for seed in (0, 1)]

    with draws.streams(generators()):
        together = digits.sample(8)
    alone = []
    for generator in generators():
        with draws.streams([generator]):
            alone.append(digits.sample(4))
    assert torch.equal(together, torch.cat(alone))


def test_only_keeps_the_named_classes(digits):
    assert digits.only([3, "5"]).labels.bincount().tolist() == [0, 0, 0, 200, 0, 200]
    assert digits.only("7").labels.unique().tolist() == digits.only(7).labels.unique().tolist() == [7]
    assert digits.only([3]).classes == digits.classes
    boots = fashion_mnist("test").only(["Ankle boot"])
    assert len(boots) == 200 and (boots.labels == 9).all()


@pytest.mark.parametrize("classes", [[], [10], [-1], ["T-shirt"], [0, "ten"]])
def test_only_refuses_what_is_no_class(digits, classes):
    with pytest.raises(ValueError, match=r"Images\.only: classes must be .*got \["):
        digits.only(classes)


def test_to_and_device_keep_the_data(digits):
    moved = digits.to("cpu")
    assert torch.equal(moved.images, digits.images) and moved.classes == digits.classes
    torch.manual_seed(0)
    there = digits.sample(3, device="cpu")
    torch.manual_seed(0)
    assert torch.equal(there, digits.sample(3)) and "2,000" in repr(digits)


PLAIN = torch.zeros(4, 1, 28, 28)


@pytest.mark.parametrize(("images", "labels", "error", "says"), [
    (PLAIN[:0], torch.zeros(0).long(), ValueError, "images is empty"),
    (PLAIN[:, 0], torch.zeros(4).long(), ValueError, "images must have 4 dimensions, got shape"),
    (PLAIN.expand(4, 2, 28, 28), torch.zeros(4).long(), ValueError, r"\(n, 3, height, width\), got \(4, 2, 28, 28\)"),
    (PLAIN.permute(0, 2, 3, 1), torch.zeros(4).long(), ValueError, r"got \(4, 28, 28, 1\)"),
    (PLAIN[:, :0], torch.zeros(4).long(), ValueError, "images is empty"),
    (PLAIN.byte(), torch.zeros(4).long(), TypeError, "floating-point numbers, got dtype torch.uint8"),
    (PLAIN.numpy(), torch.zeros(4).long(), TypeError, "images must be a torch tensor, got ndarray"),
    (PLAIN + 255, torch.zeros(4).long(), ValueError, r"in \[-1, 1\].*got 255 to 255"),
    (PLAIN * float("nan"), torch.zeros(4).long(), ValueError, "got nan to nan"),
    (PLAIN, torch.zeros(4), TypeError, "labels must be an int64 tensor, got torch.float32"),
    (PLAIN, [0, 0, 0, 0], TypeError, "labels must be an int64 tensor, got list"),
    (PLAIN, torch.zeros(3).long(), ValueError, r"labels must have shape \(4,\), got \(3,\)"),
    (PLAIN, torch.full((4,), 2), ValueError, "labels must be 0 to 1, .*got 2 to 2"),
    (PLAIN, torch.full((4,), -1), ValueError, "labels must be 0 to 1, .*got -1 to -1"),
])
def test_images_refuses_bad_input(images, labels, error, says):
    with pytest.raises(error, match=f"Images: .*{says}"):
        Images(images, labels, ("a", "b"))


@pytest.mark.parametrize("shape", [(1, 27, 28), (3, 32, 32), (3, 8, 12)])
def test_images_may_be_coloured_and_of_any_size(shape):
    data = Images(torch.rand(6, *shape) * 2 - 1, torch.tensor([0, 1, 0, 1, 0, 1]), ("a", "b"))
    assert data.sample(4).shape == (4, *shape) and len(data.only("b")) == 3 and data.to("cpu").images is data.images
    assert " × ".join(map(str, shape)) in repr(data)


# ---- Labelled
def test_labelled_gives_the_labels_of_the_images_it_gives(digits):
    data = digits.labelled()
    torch.manual_seed(5)
    images, labels = data.sample(6)
    torch.manual_seed(5)
    again, others = digits.sample_labelled(6)
    assert torch.equal(images, again) and torch.equal(labels, others) and labels.dtype == torch.int64
    assert len(data) == 2_000 and data.classes == digits.classes and "10 classes" in repr(data)
    assert [part.device.type for part in data.sample(3, device="meta")] == ["meta", "meta"]
    assert data.to("cpu").data.images is digits.images


def test_labelled_refuses_data_without_labels(digits):
    with pytest.raises(TypeError, match=r"Labelled: data must have a method sample_labelled\(rows\), got Tensor"):
        Labelled(digits.images)


@pytest.mark.parametrize("rows", [0, -1, 2.0, True])
def test_sample_refuses_bad_rows(digits, rows):
    with pytest.raises(ValueError, match="rows must be a whole number of at least 1, got"):
        digits.sample(rows)


@pytest.mark.parametrize(("call", "says"), [
    (lambda: mnist("dev"), "mnist: split must be 'train' or 'test', got 'dev'"),
    (lambda: fashion_mnist(size="big"), "fashion_mnist: size must be 'small' or 'full', got 'big'"),
    (lambda: mnist(root="here"), "mnist: root is for size='full', got 'here'"),
    (lambda: embedded("cifar", "train"), "embedded: name must be 'mnist' or 'fashion', got 'cifar'"),
])
def test_wrong_names_are_refused(call, says):
    with pytest.raises(ValueError) as caught:
        call()
    assert says in str(caught.value)
