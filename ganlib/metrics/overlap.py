"""Precision and recall, density and coverage: are the samples where the data are, and are the data where they are?"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from ganlib import checks

BLOCK = 1024  # rows of a distance matrix held at once


class Overlap(NamedTuple):
    """What `precision_recall_density_coverage` returns."""

    precision: float  # share of samples inside at least one ball around a datum, 0 to 1
    recall: float  # share of data inside at least one ball around a sample, 0 to 1
    density: float  # number of data balls a sample lies in, over k, on average; may exceed 1
    coverage: float  # share of data whose ball holds at least one sample, 0 to 1


def precision_recall_density_coverage(real: Any, fake: Any, k: int = 5) -> Overlap:
    """How much two samples overlap, each datum's ball reaching to its k-th nearest neighbour among its own.

    real: (n, d), fake: (m, d), features, n and m above k; a ball holds its border. A precise count needs as
    many samples as data. With equal distributions and n = m, density is 1 and coverage 1 − 2^(−k), on average and up to
    O(1/n); precision and recall lie below 1 by an amount that depends on d.

    Distances are in float64, in blocks: memory O((n + m) d). Two samples at the same point count as at distance 0.
    Sources: Kynkäänniemi et al. 2019, equations 1 and 2 (precision and recall; there k = 3); Naeem et al. 2020,
    section 3 (density and coverage; k = 5).
    """
    function = "precision_recall_density_coverage"
    real, fake = (checks.numbers(function, name, value, dims=2, dtype=torch.float64)
                  for name, value in (("real", real), ("fake", fake)))
    if real.shape[1] != fake.shape[1]:
        raise ValueError(f"{function}: real and fake must have one number of features, got {real.shape[1]} "
                         f"and {fake.shape[1]}")
    checks.count(function, "k", k)
    for name, value in (("real", real), ("fake", fake)):
        if len(value) <= k:
            raise ValueError(f"{function}: {name} must have more than k = {k} samples, got {len(value)}")
    centre = real.mean(0)
    real, fake = real - centre, fake - centre  # distances stay, and fewer digits are lost
    real_reach, fake_reach = reach(real, k), reach(fake, k)
    inside, held, nearest = (torch.zeros(size, dtype=torch.int64) for size in (len(fake), len(real), len(real)))
    for start in range(0, len(real), BLOCK):
        rows = slice(start, start + BLOCK)
        distance = squared_distances(real[rows], fake)  # (block, m)
        in_data_ball = distance <= real_reach[rows, None]
        inside += in_data_ball.sum(0)
        nearest[rows] = in_data_ball.any(1).long()
        held[rows] = (distance <= fake_reach).any(1).long()
    return Overlap(float((inside > 0).double().mean()), float(held.double().mean()),
                   float(inside.double().mean() / k), float(nearest.double().mean()))


def reach(x: Tensor, k: int) -> Tensor:
    """The squared distance of each point of x (n, d) to its k-th nearest other, (n,)."""
    found = [squared_distances(rows, x).kthvalue(k + 1, dim=1).values for rows in x.split(BLOCK)]  # nearest: itself
    return torch.cat(found) * (1 + 1e-9)  # whatever the rounding, the border belongs to the ball


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """‖a − b‖² of all pairs, (n, m), float64; what differs from 0 by rounding alone is 0."""
    norms = a.square().sum(1)[:, None] + b.square().sum(1)
    found = torch.addmm(norms, a, b.T, alpha=-2)
    return found.masked_fill_(found <= 1e-12 * norms, 0.0)
