"""Do two samples come from one distribution? A classifier that tries to tell them apart, and the cheapest matching."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from scipy.optimize import linear_sum_assignment
from scipy.stats import hypergeom
from torch import Tensor, nn
from torch.nn import functional

from ganlib import checks

Learner = Callable[[Tensor, Tensor, Tensor], Tensor]  # training points, their labels 0 or 1, test points → scores


class TwoSampleTest(NamedTuple):
    """What `two_sample_test` returns."""

    accuracy: float  # on the half not trained on; ½ is guessing, 1 tells every sample from every datum
    p_value: float  # chance of so many right answers, or more, if both samples came from one distribution


def two_sample_test(x: Any, y: Any, *, seed: int = 0, learner: Learner | None = None) -> TwoSampleTest:
    """Train a classifier on half of both samples to tell x from y; how often is it right on the other half?

    x: (n, d), y: (m, d), features; the larger is cut at random to the size of the other, which must be at least 4.
    learner: the classifier, (training points, labels 0 for x and 1 for y, test points) → scores, above 0 for y. By
             default a network with one hidden layer of 32 units, trained by Adam; its numbers are drawn from ``seed``.

    The p-value is exact, whatever the learner: if both samples come from one distribution, then of the test points
    called y any equally large set is as likely to be the true one (Fisher's exact test, one-sided).
    Source: Lopez-Paz & Oquab 2017, section 3, who take the normal approximation N(½, 1/4n) instead.
    """
    x, y = (checks.numbers("two_sample_test", name, value, dims=2, dtype=torch.float64)
            for name, value in (("x", x), ("y", y)))
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"two_sample_test: x and y must have one number of features, got {x.shape[1]} "
                         f"and {y.shape[1]}")
    n = min(len(x), len(y))
    if n < 4:
        raise ValueError(f"two_sample_test: x and y must have at least 4 samples each, got {len(x)} and {len(y)}")
    half = n // 2
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        x, y = x[torch.randperm(len(x))[:n]], y[torch.randperm(len(y))[:n]]
        points, labels = torch.cat([x[:half], y[:half]]), torch.arange(2).repeat_interleave(half)
        scores = (learner or _network)(points, labels, torch.cat([x[half:], y[half:]]))
    tested = n - half  # test points of each kind
    if scores.shape != (2 * tested,):
        raise ValueError(f"two_sample_test: learner must return scores of shape ({2 * tested},), "
                         f"got {tuple(scores.shape)}")
    false, true = (int((part > 0).sum()) for part in scores.split(tested))  # called y, of x and of y
    chance = hypergeom.sf(true - 1, 2 * tested, tested, false + true)
    return TwoSampleTest((tested - false + true) / (2 * tested), float(chance))


@torch.enable_grad()
def _network(points: Tensor, labels: Tensor, others: Tensor, steps: int = 400, batch: int = 128) -> Tensor:
    middle, scale = points.mean(0), points.std(0).clamp_min(1e-9)
    points, others = ((part - middle).div(scale).float() for part in (points, others))
    network = nn.Sequential(nn.Linear(points.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3, weight_decay=1e-3)
    for _ in range(steps):
        picked = torch.randint(len(points), (batch,))
        loss = functional.binary_cross_entropy_with_logits(network(points[picked])[:, 0], labels[picked].float())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        return network(others)[:, 0]


def matched_distance(x: Any, y: Any) -> float:
    """W₁ between two samples of equal size, (n, d): the mean distance in the best matching, in their units.

    Time O(n³): for hundreds of points. Two samples of one distribution are not at 0; measure that floor as well.
    """
    x, y = (checks.numbers("matched_distance", name, value, dims=2, dtype=torch.float64)
            for name, value in (("x", x), ("y", y)))
    checks.same_shape("matched_distance", x=x, y=y)
    cost = torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist").numpy()
    return float(cost[linear_sum_assignment(cost)].mean())
