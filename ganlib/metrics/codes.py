"""What the codes of a generator mean: which class each value of a category shows, what a continuous code changes."""

from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from ganlib import theory


class MatchedCodes(NamedTuple):
    """A categorical code against classes; see `matched_codes`."""

    accuracy: float  # the share of samples that show the class given to their code
    classes: tuple[int, ...]  # the class given to each value of the code
    information: float  # between code and class, in nats


def matched_codes(codes: Any, classes: Any, number: int) -> MatchedCodes:
    """Give each of ``number`` code values a class of its own so that as many samples as possible show it.

    codes, classes: whole numbers 0 … number − 1, (n,). With chance alone the accuracy is a little above 1/number,
    because the best assignment is taken, and the information about (number − 1)²/2n nats above 0.
    Errors: `ValueError` for other numbers. Source of the method: Kuhn 1955 (the assignment problem).
    """
    counts = theory.contingency(codes, classes, (number, number))
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return MatchedCodes(float(counts[rows, columns].sum() / counts.sum()), tuple(columns.tolist()),
                        theory.mutual_information(counts / counts.sum()))


def correlation_within(x: Any, y: Any, groups: Any) -> float:
    """The correlation of x and y, (n,) each, after the mean of its group was taken off every value.

    groups: whole numbers from 0 on, (n,). 0 if x or y does not vary within groups.
    """
    a, b, group = (np.asarray(torch.as_tensor(v).detach().cpu()) for v in (x, y, groups))
    if not a.shape == b.shape == group.shape or a.ndim != 1:
        raise ValueError("correlation_within: x, y and groups must have one shape (n,), got "
                         f"{a.shape}, {b.shape} and {group.shape}")
    size = np.bincount(group).clip(1)
    a, b = (v - (np.bincount(group, v) / size)[group] for v in (a.astype(float), b.astype(float)))
    spread = np.sqrt((a * a).sum() * (b * b).sum())
    return float((a * b).sum() / spread) if spread > 1e-12 * len(a) else 0.0
