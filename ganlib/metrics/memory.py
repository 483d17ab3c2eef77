"""Memorisation: do the samples lie nearer to the training data than fresh data do?"""

from typing import Any, NamedTuple

import torch
from scipy.stats import mannwhitneyu, nhypergeom
from torch import Tensor

from ganlib import checks
from ganlib.metrics.overlap import BLOCK, reach, squared_distances


class Memorisation(NamedTuple):
    """What `memorisation` returns."""

    nearer: float  # chance that a sample is nearer to the training data than a held-out datum; ½ where none is copied
    p_value: float  # of so large a `nearer`, if samples were fresh data
    copies: float  # share of samples nearer than all but the nearest 1 % of the held-out data
    copies_p_value: float  # of so many copies, if samples were fresh data


def memorisation(generated: Any, training: Any, held_out: Any, *, nearest: float = 0.01) -> Memorisation:
    """Compare the samples' distances to the training data with those of data that were held out.

    generated: (n, d), training: (N, d), held_out: (m, d), features. A distance is that to the nearest training
    point, as a multiple of this point's distance to its own nearest other, so that a sample in a crowded
    place is not taken for a copy. Both tests are exact or nearly so where samples are fresh data: `nearer` by the ranks
    (Mann and Whitney's test), which notices that most are a little too near; `copies` by the samples below the
    ``nearest``·m-th least held-out distance (negative hypergeometric), which notices a few exact copies.

    The held-out data must come as the training data did, from the same writers, cameras, years.
    Source: Meehan, Chaudhuri & Dasgupta 2020 (the test by ranks).
    """
    function = "memorisation"
    generated, training, held_out = (
        checks.numbers(function, name, value, dims=2, dtype=torch.float64)
        for name, value in (("generated", generated), ("training", training), ("held_out", held_out)))
    if len({part.shape[1] for part in (generated, training, held_out)}) > 1:
        raise ValueError(f"{function}: generated, training and held_out must have one number of features, got "
                         f"{generated.shape[1]}, {training.shape[1]} and {held_out.shape[1]}")
    if len(training) < 2:
        raise ValueError(f"{function}: training must have at least 2 samples, got {len(training)}")
    checks.number(function, "nearest", nearest, above=0, below=1)
    centre = training.mean(0)
    training = training - centre
    own = reach(training, 1)
    made, fresh = (_distances(part - centre, training, own) for part in (generated, held_out))
    ranks = mannwhitneyu(made.numpy(), fresh.numpy(), alternative="less", method="asymptotic")
    rank = max(int(nearest * len(fresh)), 1)  # the rank-th least of the held-out distances is the border
    found = int((made < fresh.kthvalue(rank).values).sum())
    chance = nhypergeom.sf(found - 1, len(made) + len(fresh), len(made), rank)
    return Memorisation(1 - float(ranks.statistic) / (len(made) * len(fresh)), float(ranks.pvalue),
                        found / len(made), float(chance))


def _distances(x: Tensor, training: Tensor, own: Tensor) -> Tensor:
    """Of each point of x to the nearest training point, in units of this point's distance to its nearest other."""
    parts = []
    for rows in x.split(BLOCK):
        distance, at = squared_distances(rows, training).min(1)
        parts.append((distance / own[at].clamp_min(1e-300)).sqrt())
    return torch.cat(parts)
