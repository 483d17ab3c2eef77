"""Features of many pictures, a batch at a time."""

from collections.abc import Callable

import torch
from torch import Tensor

from ganlib import checks


@torch.no_grad()
def by_batches(function: Callable[[Tensor], Tensor], x: Tensor, batch: int = 500) -> Tensor:
    """``function(x)`` without gradients, ``batch`` rows at a time, joined and brought to the CPU.

    function: any that works row by row, such as a generator or ``classifier.features``; a network should be in eval
              mode, else batch norm makes the result depend on ``batch``. x: (n, …).
    """
    checks.tensor("by_batches", "x", x)
    checks.count("by_batches", "batch", batch)
    return torch.cat([function(part).cpu() for part in x.split(batch)])
