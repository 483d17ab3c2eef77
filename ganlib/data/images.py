"""Real images: MNIST and Fashion-MNIST, 28 × 28 greys in 10 classes.

``size="small"`` is part of the package: 10,000 training and 2,000 test images, as many of each class (made by
``tools/embed_data.py``, licences in ``DATA_LICENSES.md``). ``size="full"`` is the original, looked for on the
machine and then downloaded (`ganlib.data.originals`).

Sources: LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document recognition", 1998;
Xiao, Rasul & Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms",
2017, arXiv:1708.07747.
"""

import io
import lzma
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganlib import checks, draws
from ganlib.data.originals import FILES, Folder, originals

EMBEDDED = Path(__file__).parent / "embedded"
CLASSES = {"mnist": tuple("0123456789"),
           "fashion": ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                       "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")}


def pictures(function: str, name: str, value: Any) -> Tensor:
    """Grey or colour images of one size in [−1, 1], a float tensor (n, 1 or 3, height, width), or an error."""
    checks.tensor(function, name, value, dims=4)
    if value.shape[1] not in (1, 3):
        raise ValueError(f"{function}: {name} must have shape (n, 1, height, width) or (n, 3, height, width), "
                         f"got {tuple(value.shape)}")
    low, high = (float(end) for end in value.aminmax())
    if not -1 <= low <= high <= 1:  # NaN is refused as well
        raise ValueError(f"{function}: {name} must lie in [-1, 1] (bytes x are scaled by x/127.5 - 1), "
                         f"got {low:g} to {high:g}")
    return value


def scaled(stored: np.ndarray) -> Tensor:
    """Bytes of any shape as float32 in [−1, 1]: x/127.5 − 1."""
    return torch.tensor(stored).float().div_(127.5).sub_(1)


class Images:
    """Grey or colour images of one size with their labels.

    images:  float tensor (n, channels, height, width) in [−1, 1], 1 or 3 channels: a byte x is x/127.5 − 1, the
             range of a tanh generator.
    labels:  int64 tensor (n,), positions in ``classes``.
    classes: the names of the classes.

    Errors: `TypeError` or `ValueError` for empty data, a wrong shape or type, values outside [−1, 1] (such as
    bytes that were never scaled) and labels without a class.
    """

    def __init__(self, images: Tensor, labels: Tensor, classes: Iterable[str]) -> None:
        pictures("Images", "images", images)
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
        shape = " × ".join(map(str, self.images.shape[1:]))
        return f"Images({len(self):,} images of {shape} in [−1, 1], {len(self.classes)} classes)"

    def sample(self, rows: int, device: torch.device | str | None = None) -> Tensor:
        """``rows`` images drawn with replacement by `ganlib.draws`, shape (rows, channels, height, width)."""
        return self.sample_labelled(rows, device)[0]

    def sample_labelled(self, rows: int, device: torch.device | str | None = None) -> tuple[Tensor, Tensor]:
        """The same draw with its labels: (rows, channels, height, width) and (rows,); by default where the data are."""
        checks.count("Images.sample", "rows", rows)
        picked = draws.integers(len(self), rows, self.images.device)
        return self.images[picked].to(device=device), self.labels[picked].to(device=device)

    def labelled(self) -> "Labelled":
        """The same images for a conditional game: ``sample(rows)`` gives the labels too."""
        return Labelled(self)

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


class Labelled:
    """Data whose ``sample(rows)`` is the ``sample_labelled(rows)`` of ``data``: (images, labels) of the same rows.

    Errors: `TypeError` for data without labels.
    """

    def __init__(self, data: Any) -> None:
        if not hasattr(data, "sample_labelled"):
            raise TypeError(f"Labelled: data must have a method sample_labelled(rows), got {type(data).__name__}")
        self.data, self.classes = data, data.classes

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"Labelled({self.data!r})"

    def sample(self, rows: int, device: torch.device | str | None = None) -> tuple[Tensor, Tensor]:
        """``rows`` independent draws: images (rows, channels, height, width) and labels (rows,)."""
        return self.data.sample_labelled(rows, device)

    def to(self, device: torch.device | str) -> "Labelled":
        """The same data on another device."""
        return Labelled(self.data.to(device))


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
    checks.one_of(function, "split", split, FILES)
    checks.one_of(function, "size", size, ("small", "full"))
    if size == "small" and root is not None:
        raise ValueError(f"{function}: root is for size='full', got {str(root)!r} with size='small'")
    images, labels = embedded(name, split)[:2] if size == "small" else originals(name, split, root)
    return Images(scaled(images).unsqueeze(1), torch.tensor(labels).long(), CLASSES[name])  # (n, 1, 28, 28)


def embedded(name: str, split: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the package holds of set ``name``, "mnist" or "fashion": images uint8 (n, 28, 28), labels uint8
    (n,) and the position of each in the original split, int32 (n,). Errors: `ValueError` for a wrong name."""
    checks.one_of("embedded", "name", name, CLASSES)
    checks.one_of("embedded", "split", split, FILES)
    packed = lzma.decompress((EMBEDDED / f"{name}_{split}.npz.xz").read_bytes())
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        return arrays["images"], arrays["labels"], arrays["indices"]
