"""How slanted and how thick a drawn digit is, from the greys alone: no labels, no network (chapter 14)."""

import torch
from torch import Tensor

from ganlib.data.images import pictures


def _ink(function: str, images: Tensor) -> Tensor:
    """Grey pictures (n, 1, height, width) in [−1, 1] as ink from 0 to 1, (n, height, width)."""
    if pictures(function, "images", images).shape[1] != 1:
        raise ValueError(f"{function}: images must be grey, (n, 1, height, width), got shape {tuple(images.shape)}")
    return (images[:, 0] + 1) / 2


def slant(images: Tensor) -> Tensor:
    """By how many pixels a digit leans to the right per pixel of height, (n,); 0 is upright, 0 for an empty picture.

    Of the ink's second moments about its centre, −(across · down) / (down · down): the slope of the least-squares line
    of its columns on its rows, with rows counted upwards. Shearing the picture adds the shear.
    """
    ink = _ink("slant", images).double()
    down, across = (torch.arange(length, device=ink.device, dtype=ink.dtype) for length in ink.shape[1:])
    mass = ink.sum((1, 2)).clamp_min(1e-12)
    rows, columns = ink.sum(2), ink.sum(1)  # (n, height), (n, width)
    row, column = (rows @ down) / mass, (columns @ across) / mass
    square = (rows * (down - row[:, None]).square()).sum(1)
    mixed = torch.einsum("nij,ni,nj->n", ink, down - row[:, None], across - column[:, None])
    return torch.where(square > 1e-9, -mixed / square.clamp_min(1e-9), 0.0).to(images.dtype)


def thickness(images: Tensor) -> Tensor:
    """The width of a digit's strokes in pixels, (n,): twice its ink over the length of its outline.

    A long stroke of width w and length L has the ink wL and an outline of about 2L; short strokes come out thinner,
    because their ends count too. The outline of a grey picture is its total variation, the sum of the lengths of all
    gradients (forward differences, background around the picture). An empty picture has thickness 0.
    """
    ink = torch.nn.functional.pad(_ink("thickness", images), (1, 1, 1, 1))
    down, across = ink[:, 1:, :-1] - ink[:, :-1, :-1], ink[:, :-1, 1:] - ink[:, :-1, :-1]
    outline = (down.square() + across.square()).sqrt().sum((1, 2))
    return 2 * ink.sum((1, 2)) / outline.clamp_min(1e-9) * (outline > 1e-6)
