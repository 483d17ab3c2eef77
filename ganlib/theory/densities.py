"""A grid and two densities on it: enough to draw every picture of chapters 2 to 4."""

import math
from typing import Any

import numpy as np
import torch

from ganlib import checks

Values = Any  # a NumPy array or a torch tensor of floating-point numbers


def grid(low: float, high: float, points: int = 4000) -> tuple[np.ndarray, float]:
    """Midpoints of ``points`` equal cells of [low, high], and the cell size: ``x, dx = grid(-6, 6)``.

    Midpoints, so that a uniform density whose edges fall between cells integrates exactly, and a smooth one that
    vanishes at both ends to near machine precision.
    Returns x of shape (points,) in float64, and dx = (high − low) / points.
    """
    low = checks.number("grid", "low", low)
    high = checks.number("grid", "high", high, above=low)
    dx = (high - low) / checks.count("grid", "points", points)
    return low + dx * (np.arange(points) + 0.5), dx


def normal(x: Values, mean: float = 0.0, std: float = 1.0) -> Values:
    """Density of N(mean, std²) at x, same shape and type as x; ``std`` is the standard deviation, not the variance."""
    checks.number("normal", "std", std, above=0)
    exp = torch.exp if isinstance(x, torch.Tensor) else np.exp
    return exp(-0.5 * ((x - mean) / std) ** 2) / (std * math.sqrt(2 * math.pi))


def uniform(x: Values, low: float, high: float) -> Values:
    """Density of the uniform distribution on [low, high) at x, same shape and type as x."""
    width = checks.number("uniform", "high", high, above=checks.number("uniform", "low", low)) - low
    inside = (x >= low) & (x < high)
    return (inside.to(x.dtype) if isinstance(x, torch.Tensor) else inside.astype(float)) / width
