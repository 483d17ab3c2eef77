"""Toy mixtures of Gaussians that know their own density and their modes, so that a model can be judged exactly."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ganlib import checks, draws


class Mixture:
    """A mixture of isotropic Gaussians: Σ_k weight_k N(center_k, std² I).

    centers: (K, d) array or nested list; std: one standard deviation for all; weights: (K,), equal if left out.
    """

    def __init__(self, centers: Any, std: float, weights: Sequence[float] | None = None):
        dtype = torch.get_default_dtype()
        self.centers = checks.numbers("Mixture", "centers", centers, dims=2, dtype=dtype)
        self.std = checks.number("Mixture", "std", std, above=0)
        k = len(self.centers)
        self.weights = checks.numbers("Mixture", "weights", [1 / k] * k if weights is None else weights, dims=1,
                                      dtype=dtype)
        if self.weights.shape != (k,) or bool((self.weights < 0).any()) or abs(float(self.weights.sum()) - 1) > 1e-6:
            raise ValueError(f"Mixture: weights must be {k} numbers >= 0 that sum to 1, got {self.weights.tolist()}")
        self._edges = self.weights.cumsum(0)[:-1]
        self._equal = bool((self.weights == self.weights[0]).all())

    @property
    def dimensions(self) -> int:
        """Dimension d of one sample."""
        return self.centers.shape[1]

    def sample(self, rows: int, device: torch.device | str | None = None) -> Tensor:
        """``rows`` independent draws, shape (rows, d)."""
        checks.count("Mixture.sample", "rows", rows)
        if self._equal:
            mode = draws.integers(len(self.centers), rows, device)
        else:
            mode = torch.bucketize(draws.uniform(rows, device=device), self._edges.to(device or "cpu"), right=True)
        noise = draws.normal(rows, self.dimensions, device=device)  # (rows, d)
        return self.centers.to(noise)[mode] + self.std * noise

    def log_density(self, x: Tensor) -> Tensor:
        """log p(x) in nats: x of shape (…, d) gives shape (…)."""
        checks.tensor("Mixture.log_density", "x", x)
        if x.shape[-1:] != (self.dimensions,):
            raise ValueError(f"Mixture.log_density: x must end in dimension {self.dimensions}, got {tuple(x.shape)}")
        squares = (x.unsqueeze(-2) - self.centers.to(x)).square().sum(-1)  # (…, K)
        log_each = -squares / (2 * self.std**2) + self.weights.to(x).log()
        return torch.logsumexp(log_each, -1) - self.dimensions * math.log(self.std * math.sqrt(2 * math.pi))

    def density(self, x: Tensor) -> Tensor:
        """p(x): x of shape (…, d) gives shape (…)."""
        return self.log_density(x).exp()


def ring(modes: int = 8, radius: float = 1.0, std: float = 0.05) -> Mixture:
    """Equal Gaussians on a circle. The published protocol (Srivastava et al. 2017) has radius 1 and std 0.01."""
    checks.count("ring", "modes", modes)
    checks.number("ring", "radius", radius, least=0)
    angle = 2 * math.pi * torch.arange(modes, dtype=torch.float64) / modes
    return Mixture(radius * torch.stack([angle.cos(), angle.sin()], 1), std)


def grid(side: int = 5, spacing: float = 2.0, std: float = 0.05) -> Mixture:
    """side × side equal Gaussians, centred at 0. The defaults are the published grid of 25 (Srivastava et al. 2017)."""
    checks.count("grid", "side", side)
    checks.number("grid", "spacing", spacing, least=0)
    ticks = spacing * (torch.arange(side, dtype=torch.float64) - (side - 1) / 2)
    return Mixture(torch.cartesian_prod(ticks, ticks), std)


def line(centers: Sequence[float] = (-2.0, 2.0), std: float = 0.5, weights: Sequence[float] | None = None) -> Mixture:
    """Gaussians on the real line, samples of shape (rows, 1)."""
    places = checks.numbers("line", "centers", centers, dims=1, dtype=torch.float64)
    return Mixture(places.unsqueeze(1), std, weights)


def two_blobs(distance: float = 4.0, std: float = 0.3) -> Mixture:
    """Two equal Gaussians in the plane, ``distance`` apart on the first axis."""
    half = checks.number("two_blobs", "distance", distance, least=0) / 2
    return Mixture([[-half, 0.0], [half, 0.0]], std)
