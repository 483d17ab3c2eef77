"""The kernel distance: squared maximum mean discrepancy with a polynomial kernel, estimated without bias."""

from typing import Any

import torch
from torch import Tensor

from ganlib import checks

BLOCK = 1024  # rows of a kernel matrix held at once


def kernel_distance(x: Any, y: Any, *, degree: int = 3, scale: float | None = None, offset: float = 1.0) -> float:
    """MMD² of two samples: mean k(x, x′) + mean k(y, y′) − 2 mean k(x, y), pairs x = x′ left out.

    x: (n, d), y: (m, d), features, n and m at least 2. The kernel is k(a, b) = (scale · a·b + offset)^degree, by
    default (a·b/d + 1)³. Unbiased: its mean over samples is the true MMD², 0 for equal distributions, so single
    values may be negative. Time O((n + m)² d), memory O((n + m) d): kernel matrices are summed in blocks.

    In the 2048 features of InceptionV3 this is KID, there usually a mean over subsets of 1,000 samples.
    Source: Gretton et al. 2012, equation 3 (estimator); Bińkowski et al. 2018, section 4 (kernel).
    """
    x, y = (checks.numbers("kernel_distance", name, value, dims=2, dtype=torch.float64)
            for name, value in (("x", x), ("y", y)))
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"kernel_distance: x and y must have one number of features, got {x.shape[1]} "
                         f"and {y.shape[1]}")
    for name, value in (("x", x), ("y", y)):
        if len(value) < 2:
            raise ValueError(f"kernel_distance: {name} must have at least 2 samples, got {len(value)}")
    checks.count("kernel_distance", "degree", degree)
    checks.number("kernel_distance", "offset", offset, least=0)
    gamma = 1 / x.shape[1] if scale is None else checks.number("kernel_distance", "scale", scale, above=0)

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T * gamma + offset) ** degree

    def total(a: Tensor, b: Tensor) -> float:
        return sum(float(kernel(rows, b).sum()) for rows in a.split(BLOCK))

    def own(a: Tensor) -> float:
        diagonal = (a.square().sum(1) * gamma + offset) ** degree  # pairs of a sample with itself
        return (total(a, a) - float(diagonal.sum())) / (len(a) * (len(a) - 1))

    return own(x) + own(y) - 2 * total(x, y) / (len(x) * len(y))
