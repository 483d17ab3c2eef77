"""Batch norm's statistics for parameters that never made them, such as a moving average."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn


@torch.no_grad()
def measure_norms(network: nn.Module, inputs: Iterable[tuple[Tensor, ...]]) -> nn.Module:
    """Measure the statistics of a network's `BatchNorm2d` layers anew, the plain mean over all batches.

    inputs: the arguments of each pass, looked at only if there is such a layer. Changes the network and returns it, in
    eval mode.
    """
    network.eval()
    norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean
        norm.train()
    for arguments in inputs if norms else ():
        network(*arguments)
    return network.eval()
