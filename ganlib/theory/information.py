"""Information between two discrete variables, from the table of their joint probabilities, in nats (chapter 14)."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.special import xlogy

from ganlib import checks
from ganlib.theory.divergences import MASS_TOLERANCE, Values, _scalar, _tensors


def _table(function: str, joint: Tensor) -> Tensor:
    """A table of probabilities (K, M): finite, not negative, with the sum 1."""
    checks.finite(function, "joint", joint.detach())
    if joint.dim() != 2:
        raise ValueError(f"{function}: joint must be a table, (values of c, values of x), got shape "
                         f"{tuple(joint.shape)}")
    if bool((joint < 0).any()):
        raise ValueError(f"{function}: joint must hold probabilities, got a value of {float(joint.min()):g}")
    if abs((total := float(joint.detach().sum())) - 1) > MASS_TOLERANCE:
        raise ValueError(f"{function}: joint must sum to 1 (within {MASS_TOLERANCE:g}), got {total:.6g}; divide counts "
                         "by their number")
    return joint


def mutual_information(joint: Values) -> Any:
    """I(c; x) = Σ p(c, x) log p(c, x) / (p(c) p(x)) in nats: from 0 (independent) to the smaller of both entropies.

    joint: probabilities p(c, x), shape (values of c, values of x), sum 1; an array or a tensor.
    Returns a float, or a 0-dim tensor if a tensor came in. Source: Shannon 1948.
    """
    (table,), as_tensor = _tensors("mutual_information", joint=joint)
    table = _table("mutual_information", table)
    own = [xlogy(marginal, marginal).sum() for marginal in (table.sum(0), table.sum(1))]
    return _scalar(xlogy(table, table).sum() - own[0] - own[1], as_tensor)


def information_bound(joint: Values, reader: Values) -> Any:
    """H(c) + E log Q(c | x), at most I(c; x), equal to it for Q(c | x) = p(c | x); −∞ where Q excludes what happens.

    joint:  as in `mutual_information`. reader: Q(c | x), the same shape, every column with the sum 1.
    Returns a float, or a 0-dim tensor if a tensor came in.
    Source: Barber & Agakov 2003, eq. 3; Chen et al. 2016, eq. 4.
    """
    (table, guess), as_tensor = _tensors("information_bound", joint=joint, reader=reader)
    table = _table("information_bound", table)
    checks.finite("information_bound", "reader", guess.detach())
    if bool((guess < 0).any()) or not bool(((guess.detach().sum(0) - 1).abs() <= MASS_TOLERANCE).all()):
        raise ValueError("information_bound: reader must hold probabilities of c for each x, columns with the sum 1, "
                         f"got columns with sums {float(guess.sum(0).min()):g} to {float(guess.sum(0).max()):g}")
    prior = table.sum(1)
    return _scalar(xlogy(table, guess).sum() - xlogy(prior, prior).sum(), as_tensor)


def contingency(first: Any, second: Any, sizes: tuple[int, int]) -> np.ndarray:
    """How often each pair of values occurs: whole numbers (n,) and (n,) → counts, shape ``sizes``."""
    a, b = (torch.as_tensor(values).detach().cpu() for values in (first, second))
    for name, values, size in (("first", a, sizes[0]), ("second", b, sizes[1])):
        if values.dim() != 1 or values.is_floating_point() or len(values) == 0 or len(values) != len(a):
            raise ValueError(f"contingency: {name} must be whole numbers, as many as first, got shape "
                             f"{tuple(values.shape)} of {values.dtype}")
        if int(values.min()) < 0 or int(values.max()) >= size:
            raise ValueError(f"contingency: {name} must be 0 to {size - 1}, got {int(values.min())} to "
                             f"{int(values.max())}")
    return torch.bincount(a * sizes[1] + b, minlength=sizes[0] * sizes[1]).view(sizes).numpy()
