"""Only the published files pass for the full sets, wherever they come from, and nothing else is left behind."""

import gzip
import hashlib
import os
import socket
import struct
from pathlib import Path

import numpy as np
import pytest

from ganlib.data import downloads, fashion_mnist, mnist
from ganlib.data import originals as module
from ganlib.data.images import embedded
from ganlib.data.originals import originals

LOADERS = {"mnist": mnist, "fashion": fashion_mnist}
PICTURES, NUMBERS = module.FILES["train"]


@pytest.mark.parametrize(("call", "says"), [
    (lambda: originals("cifar", "train"), "originals: name must be 'mnist' or 'fashion', got 'cifar'"),
    (lambda: originals("mnist", ["train"]), "originals: split must be 'train' or 'test', got ['train']"),
])
def test_wrong_names_are_refused_before_anything_is_looked_for(call, says):
    with pytest.raises(ValueError) as caught:
        call()
    assert says in str(caught.value)


def put(server, mirror, name, file, body):
    server.answers[f"/{mirror}/{name}/{file}.gz"] = body


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}i", *array.shape) + array.tobytes()


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Small sets in the place of the real ones, an empty cache, no other source. Gives the raw files."""
    rng = np.random.default_rng(0)
    raw = {name: {} for name in LOADERS}
    for name in LOADERS:
        for split, rows in (("train", 20), ("test", 10)):
            pictures, numbers = module.FILES[split]
            raw[name][pictures] = idx(rng.integers(256, size=(rows, 28, 28), dtype=np.uint8))
            labels = np.arange(rows, dtype=np.uint8)[:: 1 if name == "mnist" else -1] % 10  # not the same
            raw[name][numbers] = idx(labels)
    sums = {name: {file: hashlib.sha256(data).hexdigest() for file, data in files.items()}
            for name, files in raw.items()}
    monkeypatch.setattr(module, "CHECKSUMS", sums)
    monkeypatch.setattr(module, "DEBIAN", {})
    monkeypatch.setattr(module, "MIRRORS", {name: [] for name in LOADERS})
    monkeypatch.setenv("GANLIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GANLIB_DATA", raising=False)
    return raw


@pytest.fixture
def mirror(tiny, server, monkeypatch):
    urls = {name: [f"{server.address}/{which}/{name}/" for which in ("first", "second")] for name in LOADERS}
    monkeypatch.setattr(module, "MIRRORS", urls)
    for name, files in tiny.items():
        for file, data in files.items():
            put(server, "second", name, file, gzip.compress(data))
    return server


def cached(tmp_path):
    """Every file that is in the cache, hidden ones too."""
    cache = tmp_path / "cache"
    return sorted(str(path.relative_to(cache)) for path in cache.rglob("*") if path.is_file())


def equal(data, raw, split="train"):
    pictures, numbers = module.FILES[split]
    bytes_back = ((data.images + 1) * 127.5).round().byte().numpy().tobytes()
    return bytes_back == raw[pictures][16:] and bytes(data.labels.tolist()) == raw[numbers][8:]


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("split", ["train", "test"])
def test_download_is_checked_cached_and_then_used_offline(name, split, tiny, mirror, tmp_path, request):
    for file, data in tiny[name].items():
        put(mirror, "first", name, file, gzip.compress(data))
    assert equal(LOADERS[name](split, size="full"), tiny[name], split)
    assert cached(tmp_path) == sorted(str(Path(name, file)) for file in module.FILES[split])
    assert mirror.asked == [f"/first/{name}/{file}.gz" for file in module.FILES[split]]
    request.getfixturevalue("no_network")
    assert equal(LOADERS[name](split, size="full"), tiny[name], split)


def altered(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1:]


BAD = {  # what comes instead of the archive of `data`, and what the error says of it
    "truncated archive": (lambda data: gzip.compress(data)[:-20], "broken gzip archive of"),
    "altered archive": (lambda data: altered(gzip.compress(data)), "broken gzip archive|got SHA-256"),
    "archive of noise": (lambda data: gzip.compress(data)[:10] + b"\xff" * 99, "broken gzip archive of"),
    "altered content": (lambda data: gzip.compress(altered(data)), "got SHA-256"),
    "truncated content": (lambda data: gzip.compress(data[:-1]), "got SHA-256"),
    "web page": (lambda data: b"<!doctype html><title>Sorry</title>", "a web page came instead"),
    "packed web page": (lambda data: gzip.compress(b"\n<html></html>"), "a web page came instead"),
    "nothing": (lambda data: b"", "got SHA-256 .* of 0 unpacked bytes"),
    "no such file": (lambda data: None, "404"),
}


@pytest.mark.parametrize(("bad", "says"), BAD.values(), ids=BAD)
def test_a_bad_answer_is_refused_and_the_next_mirror_tried(bad, says, tiny, mirror, tmp_path):
    if (body := bad(tiny["mnist"][PICTURES])) is not None:
        put(mirror, "first", "mnist", PICTURES, body)
    assert equal(mnist(size="full"), tiny["mnist"])
    assert mirror.asked[:2] == [f"/first/mnist/{PICTURES}.gz", f"/second/mnist/{PICTURES}.gz"]
    assert cached(tmp_path) == [str(Path("mnist", PICTURES)), str(Path("mnist", NUMBERS))]


@pytest.mark.parametrize(("bad", "says"), BAD.values(), ids=BAD)
def test_nothing_is_left_when_every_mirror_fails(bad, says, tiny, mirror, tmp_path):
    for which in ("first", "second"):
        mirror.answers.pop(f"/{which}/mnist/{PICTURES}.gz", None)
        if (body := bad(tiny["mnist"][PICTURES])) is not None:
            put(mirror, which, "mnist", PICTURES, body)
    with pytest.raises(OSError, match=f"(?s)no mirror gave {PICTURES}.*({says})") as caught:
        mnist(size="full")
    text = str(caught.value)
    for url in module.MIRRORS["mnist"]:
        (line,) = (line for line in text.splitlines() if f"{url}{PICTURES}.gz: " in line)
        assert "404" in line or module.CHECKSUMS["mnist"][PICTURES] in line
    assert "size='small' works offline" in text and "mnist: " in text
    assert cached(tmp_path) == []


def test_the_error_names_the_hash_that_came(tiny, mirror):
    wrong = altered(tiny["mnist"][PICTURES])
    for which in ("first", "second"):
        put(mirror, which, "mnist", PICTURES, gzip.compress(wrong))
    with pytest.raises(OSError, match=f"got SHA-256 {hashlib.sha256(wrong).hexdigest()} of .*, expected "):
        mnist(size="full")


def test_a_connection_that_breaks_off_is_refused(tiny, mirror, tmp_path):
    for which in ("first", "second"):
        put(mirror, which, "mnist", PICTURES, gzip.compress(tiny["mnist"][PICTURES])[:100])
        mirror.cut.add(f"/{which}/mnist/{PICTURES}.gz")
    with pytest.raises(OSError, match="no mirror gave"):
        mnist(size="full")
    assert cached(tmp_path) == []


def test_a_mirror_that_does_not_answer_is_passed_over(tiny, mirror, monkeypatch):
    with socket.socket() as free:  # a port nobody listens on
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    urls = [f"http://127.0.0.1:{port}/", module.MIRRORS["mnist"][1]]
    monkeypatch.setattr(module, "MIRRORS", {"mnist": urls})
    assert equal(mnist(size="full"), tiny["mnist"])


def test_the_other_set_under_the_same_name_is_refused(tiny, mirror, tmp_path):
    for file, data in tiny["mnist"].items():
        for which in ("first", "second"):
            put(mirror, which, "fashion", file, gzip.compress(data))
    with pytest.raises(OSError, match=f"it is {PICTURES} of mnist"):
        fashion_mnist(size="full")
    assert cached(tmp_path) == []


def test_an_answer_that_was_unpacked_on_the_way_is_accepted(tiny, mirror):
    put(mirror, "first", "mnist", PICTURES, tiny["mnist"][PICTURES])
    assert equal(mnist(size="full"), tiny["mnist"])
    assert f"/second/mnist/{PICTURES}.gz" not in mirror.asked


def test_a_damaged_file_in_the_cache_is_fetched_again(tiny, mirror, tmp_path):
    path = tmp_path / "cache" / "mnist" / PICTURES
    path.parent.mkdir(parents=True)
    path.write_bytes(altered(tiny["mnist"][PICTURES]))
    assert equal(mnist(size="full"), tiny["mnist"])
    assert path.read_bytes() == tiny["mnist"][PICTURES]


def test_an_interrupted_write_leaves_nothing(tiny, mirror, tmp_path, monkeypatch):
    def interrupted(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mnist(size="full")
    assert cached(tmp_path) == []


def test_a_second_reader_never_sees_half_a_file(tiny, mirror, tmp_path, monkeypatch):
    replace = os.replace

    def watched(part, path):
        # The temporary file is in the folder of its goal (or the replacement would not be atomic), and whole.
        assert Path(part).parent == Path(path).parent and not Path(path).exists()
        assert Path(part).read_bytes() == tiny["mnist"][Path(path).name]
        replace(part, path)

    monkeypatch.setattr(os, "replace", watched)
    mnist(size="full")
    assert len(cached(tmp_path)) == 2


def test_the_cache_is_the_platforms_folder_unless_named(monkeypatch):
    import pooch

    monkeypatch.delenv("GANLIB_CACHE", raising=False)
    assert downloads.cache() == Path(pooch.os_cache("ganlib"))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("folder", [".", "fashion"])
@pytest.mark.parametrize("how", ["root", "GANLIB_DATA", "Debian"])
def test_files_on_disk_are_used_without_network(how, folder, packed, tiny, tmp_path, monkeypatch, no_network):
    here = tmp_path / "files"
    (here / folder).mkdir(parents=True)
    for file, data in tiny["fashion"].items():
        (here / folder / (file + ".gz" * packed)).write_bytes(gzip.compress(data) if packed else data)
    if how == "GANLIB_DATA":
        monkeypatch.setenv("GANLIB_DATA", str(here))
    if how == "Debian":
        monkeypatch.setattr(module, "DEBIAN", {"fashion": here})
    data = fashion_mnist("test", "full", root=str(here) if how == "root" else None)
    assert equal(data, tiny["fashion"], "test")
    assert not (tmp_path / "cache").exists()


def test_root_comes_before_the_environment(tiny, tmp_path, monkeypatch, no_network):
    for folder, change in (("root", bytes), ("environment", altered)):
        (tmp_path / folder).mkdir()
        for file, data in tiny["mnist"].items():
            (tmp_path / folder / file).write_bytes(change(data))
    monkeypatch.setenv("GANLIB_DATA", str(tmp_path / "environment"))
    assert equal(mnist(size="full", root=tmp_path / "root"), tiny["mnist"])
    with pytest.raises(ValueError, match="environment"):  # a damaged file is not skipped silently
        mnist(size="full")


def test_a_data_folder_without_the_set_is_passed_over(tiny, mirror, tmp_path, monkeypatch):
    monkeypatch.setenv("GANLIB_DATA", str(tmp_path / "other"))
    assert equal(mnist(size="full"), tiny["mnist"])


@pytest.mark.parametrize(("damage", "says"), [
    (altered, "got SHA-256"),
    (lambda data: gzip.compress(data)[:-20], "broken gzip archive"),
    (lambda data: b"", "got SHA-256"),
])
def test_a_damaged_file_in_root_is_refused_by_its_path(damage, says, tiny, mirror, tmp_path):
    for file, data in tiny["mnist"].items():
        (tmp_path / file).write_bytes(data)
    (tmp_path / NUMBERS).write_bytes(damage(tiny["mnist"][NUMBERS]))
    with pytest.raises(ValueError, match=says) as caught:
        mnist(size="full", root=tmp_path)
    assert str(tmp_path / NUMBERS) in str(caught.value)
    assert module.CHECKSUMS["mnist"][NUMBERS] in str(caught.value) and mirror.asked == []


def test_mnist_files_in_the_root_of_fashion_are_refused(tiny, tmp_path):
    for file, data in tiny["mnist"].items():
        (tmp_path / file).write_bytes(data)
    with pytest.raises(ValueError, match=f"it is {PICTURES} of mnist") as caught:
        fashion_mnist(size="full", root=tmp_path)
    assert str(tmp_path / PICTURES) in str(caught.value)


def test_a_root_without_the_files_is_an_error_not_a_download(tiny, mirror, tmp_path):
    with pytest.raises(FileNotFoundError, match=f"root must hold {PICTURES}"):
        mnist(size="full", root=tmp_path / "empty")
    assert mirror.asked == []


REAL = Path("/usr/share/datasets/fashion-mnist")


@pytest.mark.skipif(not REAL.is_dir(), reason="no full set: apt-get install dataset-fashion-mnist")
def test_debians_files_are_the_published_ones_and_hold_the_embedded_subset(monkeypatch, tmp_path, no_network):
    monkeypatch.setenv("GANLIB_CACHE", str(tmp_path))
    monkeypatch.delenv("GANLIB_DATA", raising=False)
    for split, rows in (("train", 60_000), ("test", 10_000)):
        images, labels = originals("fashion", split)
        assert images.shape == (rows, 28, 28) and np.bincount(labels).tolist() == [rows // 10] * 10
        small, small_labels, indices = embedded("fashion", split)
        assert np.array_equal(images[indices], small) and np.array_equal(labels[indices], small_labels)
    assert len(fashion_mnist("test", size="full")) == 10_000
