"""The script that builds the embedded images: balanced, reproducible, and its check finds a change."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from ganlib.data import images as ours
from ganlib.data import originals as source

PATH = Path(__file__).parents[2] / "tools" / "embed_data.py"
SPEC = importlib.util.spec_from_file_location("embed_data", PATH)
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)


@pytest.fixture
def small_run(monkeypatch, tmp_path):
    """Originals of 60 images, 2 or 1 of each class taken, written to an empty folder."""
    rng = np.random.default_rng(0)
    labels = np.arange(60, dtype=np.uint8) % 10
    full = {(name, split): (rng.integers(256, size=(60, 28, 28), dtype=np.uint8), labels)
            for name in source.CHECKSUMS for split in source.FILES}
    monkeypatch.setattr(source, "originals", lambda name, split, root=None: full[name, split])
    monkeypatch.setattr(ours, "EMBEDDED", tmp_path)
    monkeypatch.setattr(tool, "PER_CLASS", {"train": 2, "test": 1})
    assert tool.main([]) == 0
    return full


def test_the_subset_is_balanced_shuffled_and_without_repeats():
    labels = np.repeat(np.arange(10, dtype=np.uint8), 30)
    picked = tool.subset(labels, 20, np.random.default_rng(1))
    assert np.bincount(labels[picked]).tolist() == [20] * 10 and len(set(picked.tolist())) == 200
    assert picked.dtype == np.int32 and len(set(labels[picked[:20]].tolist())) > 5
    assert np.array_equal(picked, tool.subset(labels, 20, np.random.default_rng(1)))
    assert not np.array_equal(picked, tool.subset(labels, 20, np.random.default_rng(2)))


def test_equal_arrays_give_equal_bytes():
    arrays = {"images": np.arange(50, dtype=np.uint8), "indices": np.arange(5, dtype="<i4")}
    assert tool.pack(arrays) == tool.pack({key: array.copy() for key, array in arrays.items()})


def test_what_is_written_is_the_originals_at_the_indices(small_run, capsys):
    for (name, split), (images, labels) in small_run.items():
        small, small_labels, indices = ours.embedded(name, split)
        assert np.array_equal(small, images[indices]) and np.array_equal(small_labels, labels[indices])
    orders = [ours.embedded(*key)[2].tolist() for key in small_run]
    assert orders[0] != orders[2]  # the sets do not share one order
    assert tool.main(["--check"]) == 0


@pytest.mark.parametrize("key", ["images", "labels", "indices"])
def test_the_check_finds_a_changed_array(key, small_run, tmp_path, capsys):
    arrays = tool.build("fashion", "test", None)
    arrays[key] = arrays[key].copy()
    arrays[key].flat[-1] ^= 1
    (tmp_path / "fashion_test.npz.xz").write_bytes(tool.pack(arrays))
    assert tool.main(["--check"]) == 1
    assert f"fashion_test: {key} differ" in capsys.readouterr().out


def test_the_check_finds_a_changed_manifest(small_run, tmp_path, capsys):
    path = tmp_path / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"]["mnist_train.npz.xz"]["array_sha256"]["labels"] = "0" * 64
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert tool.main(["--check"]) == 1
    assert "manifest.json differs" in capsys.readouterr().out


def test_the_check_writes_nothing(small_run, tmp_path):
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    tool.main(["--check"])
    assert before == {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
