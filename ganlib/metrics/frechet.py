"""The Fréchet distance: between two Gaussians, or between the Gaussians with two samples' means and covariances."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from ganlib import checks


class Gaussian(NamedTuple):
    """A mean and a covariance, for `frechet_distance`: what published statistics consist of."""

    mean: Any  # (d,)
    covariance: Any  # (d, d)


class Moments:
    """Mean and covariance of features that come in batches; memory O(d²), however many come.

    Batches are joined by the update of Chan, Golub & LeVeque 1983, which loses no digits to a large mean, so the result
    is that of all features at once up to rounding. ``update`` returns the object itself; ``a + b`` joins two.
    """

    def __init__(self) -> None:
        self.n = 0
        self.sum_of_squares: Tensor = torch.zeros(0, 0)  # (d, d): Σ (x − mean)(x − mean)ᵀ
        self._mean: Tensor = torch.zeros(0)

    def update(self, features: Any) -> "Moments":
        """Take in a batch, (n, d), any n of at least 1."""
        x = checks.numbers("Moments.update", "features", features, dims=2, dtype=torch.float64)
        n, mean = len(x), x.mean(0)
        rows = x - mean
        if not self.n:
            self._mean, self.sum_of_squares = torch.zeros_like(mean), mean.new_zeros(len(mean), len(mean))
        step = self._step(mean)
        rows = torch.cat([rows, (self.n * n / (self.n + n)) ** 0.5 * step[None]])  # the means' distance as one row more
        self.sum_of_squares.addmm_(rows.T, rows)  # in one pass over the matrix
        self.n += n
        self._mean += step * (n / self.n)
        return self

    def __add__(self, other: "Moments") -> "Moments":
        joined = Moments()
        if not (self.n and other.n):
            full = self if self.n else other
            joined.n, joined._mean, joined.sum_of_squares = full.n, full._mean.clone(), full.sum_of_squares.clone()
            return joined
        step, joined.n = self._step(other._mean), self.n + other.n
        joined._mean = self._mean + step * (other.n / joined.n)
        joined.sum_of_squares = (self.sum_of_squares + other.sum_of_squares
                                 + torch.outer(step, step) * (self.n * other.n / joined.n))
        return joined

    def _step(self, mean: Tensor) -> Tensor:
        if mean.shape != self._mean.shape:
            raise ValueError(f"Moments: expected features of {len(self._mean)} dimensions as before, got {len(mean)}")
        return mean - self._mean

    @property
    def mean(self) -> Tensor:
        """(d,)"""
        if not self.n:
            raise ValueError("Moments: expected at least 1 sample before the mean is asked for, got 0")
        return self._mean

    @property
    def covariance(self) -> Tensor:
        """(d, d), the unbiased estimate: divided by n − 1."""
        if self.n < 2:
            raise ValueError(f"Moments: a covariance needs at least 2 samples, got {self.n}")
        return self.sum_of_squares / (self.n - 1)


def frechet_distance(x: Any, y: Any) -> float:
    """‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½), the squared W₂ distance of two Gaussians, in squared units of x.

    x, y: features (n, d) with n >= 2, `Moments`, or a `Gaussian`; of features, the mean and the unbiased covariance
          count. In the 2048 features of InceptionV3 this is the published FID.

    With any factors Σ = FᵀF the trace of the root is the sum of the singular values of F₁F₂ᵀ, which are found without
    taking the root of a rounding error; the factors are the centred features themselves where these have fewer
    rows than columns. Two equal arguments give 0 up to rounding; the result is never below 0.

    Source: Dowson & Landau 1982 (the closed form); Heusel et al. 2017, equation 6 (FID).
    """
    (mean, factor), (other_mean, other_factor) = _factored("x", x), _factored("y", y)
    if mean.shape != other_mean.shape:
        raise ValueError(f"frechet_distance: x and y must have one number of features, got {len(mean)} "
                         f"and {len(other_mean)}")
    root = torch.linalg.svdvals(factor @ other_factor.T).sum()  # tr (Σ₁ Σ₂)^½
    spread = factor.square().sum() + other_factor.square().sum() - 2 * root
    return float((mean - other_mean).square().sum() + spread.clamp_min(0))


def _factored(name: str, given: Any) -> tuple[Tensor, Tensor]:
    """Mean (d,) and F with covariance FᵀF, (n, d) or (d, d)."""
    if isinstance(given, Moments | Gaussian):
        mean = checks.numbers("frechet_distance", f"the mean of {name}", given.mean, dims=1, dtype=torch.float64)
        covariance = checks.numbers("frechet_distance", f"the covariance of {name}", given.covariance, dims=2,
                                    dtype=torch.float64)
        if covariance.shape != (len(mean), len(mean)) or not torch.allclose(covariance, covariance.T, rtol=1e-6):
            raise ValueError(f"frechet_distance: the covariance of {name} must be symmetric, of shape "
                             f"{(len(mean), len(mean))}, got shape {tuple(covariance.shape)}")
        return mean, _root(name, covariance)
    features = checks.numbers("frechet_distance", name, given, dims=2, dtype=torch.float64)
    n, d = features.shape
    if n < 2:
        raise ValueError(f"frechet_distance: {name} must have at least 2 samples, got {n}")
    mean = features.mean(0)
    centred = (features - mean) / (n - 1) ** 0.5  # (n, d)
    return mean, centred if n <= d else _root(name, centred.T @ centred)


def _root(name: str, covariance: Tensor) -> Tensor:
    """F with FᵀF = covariance: Cholesky's, and by eigenvalues where the matrix is singular."""
    factor, failed = torch.linalg.cholesky_ex(covariance)
    if not int(failed):
        return factor.T
    values, vectors = torch.linalg.eigh(covariance)
    if float(values[0]) < -1e-6 * max(float(values[-1]), 0.0) or float(values[-1]) < 0:
        raise ValueError(f"frechet_distance: the covariance of {name} must have no negative eigenvalue, "
                         f"got {float(values[0]):g}")
    return values.clamp_min(0).sqrt()[:, None] * vectors.T
