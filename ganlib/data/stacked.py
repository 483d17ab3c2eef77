"""Stacked MNIST: three digits, one a colour channel. Of 1000 modes one can count how many a generator makes."""

import torch
from torch import Tensor

from ganlib import checks, draws
from ganlib.data.images import Images, Labelled, mnist
from ganlib.data.originals import Folder


class Stacked:
    """Colour images whose three channels are independent draws from ``images``.

    images: grey images of K classes; what is drawn has K³ classes, one for each triple of classes.

    With MNIST this is the test of mode collapse of Metz, Poole, Pfau & Sohl-Dickstein, "Unrolled generative
    adversarial networks", 2017, arXiv:1611.02163, whose discriminators are smaller than the generator; of
    Srivastava et al., "VEEGAN", 2017, arXiv:1705.07761; and of Lin, Khetan, Fanti & Oh, "PacGAN", 2018,
    arXiv:1712.04086. These train on a fixed number of stacks; here every draw is a new one.

    Errors: `TypeError` for anything but `Images`, `ValueError` for colour images.
    """

    def __init__(self, images: Images) -> None:
        if not isinstance(images, Images):
            raise TypeError(f"Stacked: images must be ganlib.data.Images, got {type(images).__name__}")
        if images.images.shape[1] != 1:
            raise ValueError(f"Stacked: images must be grey, got {images!r}")
        self.images = images

    @property
    def modes(self) -> int:
        """Number of classes, 1000 for digits."""
        return len(self.images.classes) ** 3

    @property
    def classes(self) -> tuple[str, ...]:
        """Their names, "000" to "999" for digits."""
        one = self.images.classes
        return tuple(f"{r}{g}{b}" for r in one for g in one for b in one)

    def __repr__(self) -> str:
        height, width = self.images.images.shape[2:]
        return (f"Stacked(3 × {height} × {width} in [−1, 1], {self.modes:,} classes, "
                f"from {len(self.images):,} grey images)")

    def sample(self, rows: int, device: torch.device | str | None = None) -> Tensor:
        """``rows`` stacks of three images drawn with replacement, shape (rows, 3, height, width)."""
        return self.sample_labelled(rows, device)[0]

    def sample_labelled(self, rows: int, device: torch.device | str | None = None) -> tuple[Tensor, Tensor]:
        """The same draw with its labels K²·r + K·g + b, (rows,): for digits the number one reads, 0 to 999."""
        checks.count("Stacked.sample", "rows", rows)
        source = self.images
        # One draw of 3 · rows numbers: inside `draws.streams` each stream gets whole stacks.
        picked = draws.integers(len(source), 3 * rows, source.images.device).reshape(rows, 3)
        red, green, blue = source.labels[picked].unbind(1)
        k = len(source.classes)
        stacks = source.images[:, 0][picked]  # (rows, 3, height, width)
        return stacks.to(device=device), ((red * k + green) * k + blue).to(device=device)

    def labelled(self) -> Labelled:
        """The same data for a conditional game: ``sample(rows)`` gives the labels too."""
        return Labelled(self)

    def to(self, device: torch.device | str) -> "Stacked":
        """The same data on another device."""
        return Stacked(self.images.to(device))


def stacked_mnist(split: str = "train", size: str = "small", root: Folder = None) -> Stacked:
    """Stacked MNIST from the digits of `mnist`, whose arguments and errors these are."""
    return Stacked(mnist(split, size, root))
