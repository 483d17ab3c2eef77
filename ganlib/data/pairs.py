"""Two pictures at a time: `Pairs`, which belong together (pix2pix), and `Unpaired`, which do not (CycleGAN).

Sources of the tasks: Isola, Zhu, Zhou & Efros, "Image-to-image translation with conditional adversarial networks",
2017, arXiv:1611.07004 (edges to photographs); Zhu, Park, Isola & Efros, "Unpaired image-to-image translation using
cycle-consistent adversarial networks", 2017, arXiv:1703.10593.
"""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional as F

from ganlib import checks, draws
from ganlib.data.images import fashion_mnist, pictures
from ganlib.data.originals import Folder

Classes = Iterable[int | str] | int | str


class Pairs:
    """Pairs of images: row i of ``inputs`` belongs to row i of ``targets``.

    inputs, targets: float tensors (n, channels, height, width) in [−1, 1], 1 or 3 channels each, of one height and
    width.
    Errors: `TypeError` or `ValueError` as for `Images`, and for tensors of which not every row has its partner.
    """

    def __init__(self, inputs: Tensor, targets: Tensor) -> None:
        self.inputs, self.targets = pictures("Pairs", "inputs", inputs), pictures("Pairs", "targets", targets)
        if len(inputs) != len(targets) or inputs.shape[2:] != targets.shape[2:]:
            raise ValueError("Pairs: inputs and targets must be as many, of one height and width, "
                             f"got {tuple(inputs.shape)} and {tuple(targets.shape)}")

    def __len__(self) -> int:
        return len(self.inputs)

    def __repr__(self) -> str:
        return f"Pairs({len(self):,} pairs, {_shape(self.inputs)} → {_shape(self.targets)}, in [−1, 1])"

    def sample(self, rows: int, device: torch.device | str | None = None) -> tuple[Tensor, Tensor]:
        """``rows`` pairs drawn with replacement: (inputs, targets), row by row those that belong together."""
        checks.count("Pairs.sample", "rows", rows)
        picked = draws.integers(len(self), rows, self.inputs.device)
        return self.inputs[picked].to(device=device), self.targets[picked].to(device=device)

    def to(self, device: torch.device | str) -> "Pairs":
        """The same data on another device."""
        return Pairs(self.inputs.to(device), self.targets.to(device))


class Unpaired:
    """Images of two domains, of which nobody knows what belongs together.

    a, b: float tensors (n, channels, height, width) in [−1, 1], 1 or 3 channels; their numbers n may differ, and so
    may their sizes.
    Errors: as for `Images`.
    """

    def __init__(self, a: Tensor, b: Tensor) -> None:
        self.a, self.b = pictures("Unpaired", "a", a), pictures("Unpaired", "b", b)

    def __repr__(self) -> str:
        return (f"Unpaired({len(self.a):,} images of {_shape(self.a)}, "
                f"{len(self.b):,} images of {_shape(self.b)}, in [−1, 1])")

    def sample(self, rows: int, device: torch.device | str | None = None) -> tuple[Tensor, Tensor]:
        """``rows`` images of a and, drawn independently, ``rows`` images of b, all with replacement."""
        checks.count("Unpaired.sample", "rows", rows)
        from_a = draws.integers(len(self.a), rows, self.a.device)
        from_b = draws.integers(len(self.b), rows, self.b.device)
        return self.a[from_a].to(device=device), self.b[from_b].to(device=device)

    def to(self, device: torch.device | str) -> "Unpaired":
        """The same data on another device."""
        return Unpaired(self.a.to(device), self.b.to(device))


def _shape(images: Tensor) -> str:
    return " × ".join(map(str, images.shape[1:]))


def edges(images: Tensor, threshold: float = 0.1) -> Tensor:
    """Line drawings of images: +1 on a line, −1 elsewhere, shape (n, 1, height, width).

    images:    float tensor (n, 1 or 3, height, width) in [−1, 1]; colours are averaged first.
    threshold: the least slope of a line, in grey per pixel. With 0.1 the garments of Fashion-MNIST keep outline,
               sleeves and collar, and lose most of the weave.

    The slope is that of Sobel's filter after a 3 × 3 binomial blur. A pixel is on a line if its slope is also a
    maximum along the axis on which it is steeper, which makes the lines one pixel thin: the smoothing, the slope
    and the thinning of Canny, "A computational approach to edge detection", 1986, without its hysteresis.
    """
    pictures("edges", "images", images)
    checks.number("edges", "threshold", threshold, above=0)
    weights = images.new_tensor([1.0, 2.0, 1.0]) / 4
    sobel = torch.outer(weights, images.new_tensor([-0.5, 0.0, 0.5]))  # a ramp of 1 per pixel has slope 1
    grey = F.pad(images.mean(1, keepdim=True), (2, 2, 2, 2), mode="replicate")  # no line along the picture's frame
    smooth = F.conv2d(grey, torch.outer(weights, weights)[None, None])
    across, down = F.conv2d(smooth, torch.stack([sobel, sobel.T])[:, None]).unbind(1)  # (n, height, width) each
    slope = torch.hypot(across, down)
    around = F.pad(slope, (1, 1, 1, 1))
    left, right = around[:, 1:-1, :-2], around[:, 1:-1, 2:]
    above, below = around[:, :-2, 1:-1], around[:, 2:, 1:-1]
    # > on one side and >= on the other: of two equal neighbours one stays
    beside, over = (slope > left) & (slope >= right), (slope > above) & (slope >= below)
    crest = torch.where(across.abs() >= down.abs(), beside, over)
    return (crest & (slope > threshold)).unsqueeze(1).to(images) * 2 - 1


def edges_to_garments(split: str = "train", classes: Classes | None = None, size: str = "small",
                      root: Folder = None) -> Pairs:
    """Line drawings of Fashion-MNIST's images, made by `edges`, and the images: a task for pix2pix.

    classes: some of the ten, by name or number; all if left out. The rest and the errors as for `fashion_mnist`.
    """
    data = fashion_mnist(split, size, root)
    images = (data if classes is None else data.only(classes)).images
    return Pairs(edges(images), images)


def garments(a: Classes = "T-shirt/top", b: Classes = "Pullover", split: str = "train", size: str = "small",
             root: Folder = None) -> Unpaired:
    """Two kinds of garments from Fashion-MNIST, by name or number: a task for CycleGAN.

    By default T-shirts and pullovers, whose difference is the sleeves. Arguments and errors as for `fashion_mnist`.
    """
    data = fashion_mnist(split, size, root)
    return Unpaired(data.only(a).images, data.only(b).images)
