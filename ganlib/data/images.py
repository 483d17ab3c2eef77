"""Real images: MNIST and Fashion-MNIST, 28 × 28 greys in 10 classes.

``size="small"`` is part of the package: 10,000 training and 2,000 test images, as many of each class (made by
``tools/embed_data.py``, licences in ``DATA_LICENSES.md``). ``size="full"`` is the original, looked for on the
machine and then downloaded. Every original file is checked by the SHA-256 of its *unpacked* bytes, because
packagers rewrite the gzip header.

Sources: LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document recognition", 1998;
Xiao, Rasul & Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms",
2017, arXiv:1708.07747.
"""

import gzip
import hashlib
import io
import lzma
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

import numpy as np
import torch
from torch import Tensor

from ganlib import checks, draws

EMBEDDED = Path(__file__).parent / "embedded"
DEBIAN = {"fashion": Path("/usr/share/datasets/fashion-mnist")}  # apt-get install dataset-fashion-mnist
MIRRORS = {  # tried in this order
    "mnist": ["https://ossci-datasets.s3.amazonaws.com/mnist/",
              "https://storage.googleapis.com/cvdf-datasets/mnist/"],
    "fashion": ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"],
}
FILES = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
         "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")}
CHECKSUMS = {  # SHA-256 of the unpacked files; the two sets share their file names, so a name proves nothing
    "mnist": {
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    "fashion": {
        "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
}
CLASSES = {"mnist": tuple("0123456789"),
           "fashion": ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                       "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")}
Folder = str | os.PathLike[str] | None


class Images:
    """Grey images with their labels.

    images:  float tensor (n, 1, 28, 28) in [−1, 1]: a byte x is x/127.5 − 1, the range of a tanh generator.
    labels:  int64 tensor (n,), positions in ``classes``.
    classes: the names of the classes.

    Errors: `TypeError` or `ValueError` for empty data, a wrong shape or type, values outside [−1, 1] (such as
    bytes that were never scaled) and labels without a class.
    """

    def __init__(self, images: Tensor, labels: Tensor, classes: Iterable[str]) -> None:
        checks.tensor("Images", "images", images, dims=4)
        if images.shape[1:] != (1, 28, 28):
            raise ValueError(f"Images: images must have shape (n, 1, 28, 28), got {tuple(images.shape)}")
        low, high = (float(end) for end in images.aminmax())
        if not -1 <= low <= high <= 1:  # NaN is refused as well
            raise ValueError("Images: images must lie in [-1, 1] (bytes x are scaled by x/127.5 - 1), "
                             f"got {low:g} to {high:g}")
        if not isinstance(labels, Tensor) or labels.dtype != torch.int64:
            got = labels.dtype if isinstance(labels, Tensor) else type(labels).__name__
            raise TypeError(f"Images: labels must be an int64 tensor, got {got}")
        if labels.shape != images.shape[:1]:
            raise ValueError(f"Images: labels must have shape ({len(images)},), got {tuple(labels.shape)}")
        self.images, self.labels, self.classes = images, labels, tuple(classes)
        if int(labels.min()) < 0 or int(labels.max()) >= len(self.classes):
            raise ValueError(f"Images: labels must be 0 to {len(self.classes) - 1}, positions in classes, "
                             f"got {int(labels.min())} to {int(labels.max())}")

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        return f"Images({len(self):,} images of 1 × 28 × 28 in [−1, 1], {len(self.classes)} classes)"

    def sample(self, rows: int, device: torch.device | str | None = None) -> Tensor:
        """``rows`` images drawn with replacement by `ganlib.draws`, shape (rows, 1, 28, 28)."""
        return self.sample_labelled(rows, device)[0]

    def sample_labelled(self, rows: int, device: torch.device | str | None = None) -> tuple[Tensor, Tensor]:
        """The same draw with its labels: (rows, 1, 28, 28) and (rows,); by default where the data are."""
        checks.count("Images.sample", "rows", rows)
        device = device or self.images.device
        # Drawn on the asked device, where the generators of `draws.streams` are, even if the data are not.
        picked = draws.integers(len(self), rows, device).to(self.images.device)
        return self.images[picked].to(device), self.labels[picked].to(device)

    def only(self, classes: Iterable[int | str] | int | str) -> "Images":
        """The images of these classes, given by name or number; labels and class names stay what they were.

        Errors: `ValueError` for a class that does not exist, or if no image is left.
        """
        chosen = [classes] if isinstance(classes, (int, str)) else list(classes)
        numbers = [self.classes.index(c) if c in self.classes else c for c in chosen]
        if not numbers or any(c not in range(len(self.classes)) for c in numbers):
            raise ValueError("Images.only: classes must be names or numbers of "
                             f"{dict(enumerate(self.classes))}, got {chosen}")
        keep = torch.isin(self.labels, torch.tensor(numbers, device=self.labels.device))
        return Images(self.images[keep], self.labels[keep], self.classes)

    def to(self, device: torch.device | str) -> "Images":
        """The same data on another device."""
        return Images(self.images.to(device), self.labels.to(device), self.classes)


def mnist(split: str = "train", size: str = "small", root: Folder = None) -> Images:
    """Handwritten digits (LeCun, Bottou, Bengio & Haffner, 1998).

    split: "train" or "test".
    size:  "small": 10,000 or 2,000 images from the package, without network. "full": all 60,000 or 10,000.
    root:  for "full", the folder that holds the original IDX files, raw or .gz, directly or in a subfolder
           ``mnist``. Without it: the folder in ``$GANLIB_DATA``, then the cache (``$GANLIB_CACHE``, or the
           platform's cache folder), then the mirrors; what is downloaded is kept in the cache.

    Errors: `ValueError` for a wrong argument or a file with a wrong checksum; `FileNotFoundError` if ``root``
    lacks a file; `OSError` that lists every mirror and why it failed.
    """
    return _load("mnist", "mnist", split, size, root)


def fashion_mnist(split: str = "train", size: str = "small", root: Folder = None) -> Images:
    """Articles of clothing (Xiao, Rasul & Vollgraf, 2017, arXiv:1708.07747).

    Arguments and errors as for `mnist`; the subfolder is ``fashion``, and the folder of Debian's package
    ``dataset-fashion-mnist`` is looked at before the cache.
    """
    return _load("fashion_mnist", "fashion", split, size, root)


def _load(function: str, name: str, split: str, size: str, root: Folder) -> Images:
    _one_of(function, "split", split, FILES)
    _one_of(function, "size", size, ("small", "full"))
    if size == "small" and root is not None:
        raise ValueError(f"{function}: root is for size='full', got {str(root)!r} with size='small'")
    images, labels = embedded(name, split)[:2] if size == "small" else originals(name, split, root)
    scaled = torch.tensor(images).unsqueeze(1).float().div_(127.5).sub_(1)  # (n, 1, 28, 28)
    return Images(scaled, torch.tensor(labels).long(), CLASSES[name])


def embedded(name: str, split: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the package holds of set ``name``, "mnist" or "fashion": images uint8 (n, 28, 28), labels uint8
    (n,) and the position of each in the original split, int32 (n,). Errors: `ValueError` for a wrong name."""
    _one_of("embedded", "name", name, CHECKSUMS)
    _one_of("embedded", "split", split, FILES)
    packed = lzma.decompress((EMBEDDED / f"{name}_{split}.npz.xz").read_bytes())
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        return arrays["images"], arrays["labels"], arrays["indices"]


def originals(name: str, split: str, root: Folder = None) -> tuple[np.ndarray, np.ndarray]:
    """The full split of set ``name``, "mnist" or "fashion": images uint8 (n, 28, 28) and labels uint8 (n,);
    ``root`` and errors as for `mnist`."""
    _one_of("originals", "name", name, CHECKSUMS)
    _one_of("originals", "split", split, FILES)
    images, labels = (_idx(_find(name, file, None if root is None else Path(root))) for file in FILES[split])
    return images, labels


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _one_of(function: str, argument: str, value: str, allowed: Iterable[str]) -> None:
    if value not in (known := tuple(allowed)):
        raise ValueError(f"{function}: {argument} must be {' or '.join(map(repr, known))}, got {value!r:.80}")


def _idx(raw: bytes) -> np.ndarray:
    # IDX: two zero bytes, the type (8 = unsigned byte), the number of dimensions, the dimensions, the values.
    shape = np.frombuffer(raw, ">i4", count=raw[3], offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def _find(name: str, file: str, root: Path | None) -> bytes:
    """The unpacked bytes of one original file, from the first place that has it."""
    if root is not None:
        if (found := _on_disk(root, name, file)) is not None:
            return found
        # Whoever names a folder means it; a download instead would hide the mistake.
        raise FileNotFoundError(f"{name}: root must hold {file} or {file}.gz, or {name}/ with it, got {root}")
    for folder in (os.environ.get("GANLIB_DATA"), DEBIAN.get(name)):
        if folder and (found := _on_disk(Path(folder), name, file)) is not None:
            return found
    cached = _cache() / name / file  # a folder for each set, because the sets share their file names
    if cached.is_file() and _sha256(raw := cached.read_bytes()) == CHECKSUMS[name][file]:
        return raw
    raw = _download(name, file)
    _write_whole(cached, raw)
    return raw


def _on_disk(folder: Path, name: str, file: str) -> bytes | None:
    for path in (folder / name / file, folder / name / f"{file}.gz", folder / file, folder / f"{file}.gz"):
        if path.is_file():
            try:
                return _unpacked(path.read_bytes(), CHECKSUMS[name][file])
            except ValueError as error:
                raise ValueError(f"{name}: {path} is not the published file: {error}") from None
    return None


def _cache() -> Path:
    if folder := os.environ.get("GANLIB_CACHE"):
        return Path(folder)
    import pooch  # here, because size="small" does not need it

    return Path(pooch.os_cache("ganlib"))


def _download(name: str, file: str) -> bytes:
    import pooch

    get = pooch.HTTPDownloader(progressbar=True, chunk_size=2**16)
    failures = []
    for url in (f"{mirror}{file}.gz" for mirror in MIRRORS[name]):
        answer = io.BytesIO()  # in memory (26 MB at most): nothing reaches the disk before it is checked
        try:
            get(url, answer, None)
            return _unpacked(answer.getvalue(), CHECKSUMS[name][file])
        except (OSError, ValueError) as error:  # what requests raises is an OSError
            failures.append(f"  {url}: {error}")
    raise OSError(f"{name}: no mirror gave {file}:\n" + "\n".join(failures)
                  + "\nsize='small' works offline; a folder with the original files can be given as root.")


def _unpacked(blob: bytes, expected: str) -> bytes:
    """The unpacked bytes of a file, gzipped or not; `ValueError` unless their SHA-256 is ``expected``."""
    try:
        # By content, not by name: some servers and proxies unpack a .gz on the way.
        raw = gzip.decompress(blob) if blob.startswith(b"\x1f\x8b") else blob
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"broken gzip archive of {len(blob):,} bytes ({error}): got SHA-256 {_sha256(blob)} "
                         f"of the archive, expected {expected} of its content") from None
    if (got := _sha256(raw)) != expected:
        kind = " (a web page came instead of data)" if raw.lstrip().startswith(b"<") else ""
        for name, files in CHECKSUMS.items():
            kind += "".join(f" (it is {file} of {name})" for file, known in files.items() if known == got)
        raise ValueError(f"got SHA-256 {got} of {len(raw):,} unpacked bytes, expected {expected}{kind}")
    return raw


def _write_whole(path: Path, data: bytes) -> None:
    # Whole or not at all. Not by tempfile: its files could not be read by the other users of a shared cache.
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
