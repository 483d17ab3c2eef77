"""Statistics of batch norm measured anew are the plain means over the batches given."""

import torch
from torch import nn

from ganlib.networks.batch_norm import measure_norms


def test_the_statistics_are_the_means_over_all_batches():
    torch.manual_seed(0)
    network = nn.Sequential(nn.BatchNorm2d(3))
    network(5 + torch.randn(8, 3, 4, 4))  # what it remembered
    batches = [torch.randn(8, 3, 4, 4) * s + s for s in (1.0, 2.0, 4.0)]
    assert measure_norms(network, ((x,) for x in batches)) is network and not network.training
    norm = network[0]
    torch.testing.assert_close(norm.running_mean, torch.stack([x.mean((0, 2, 3)) for x in batches]).mean(0))
    torch.testing.assert_close(norm.running_var, torch.stack([x.var((0, 2, 3)) for x in batches]).mean(0))


def test_without_such_a_layer_no_input_is_looked_at():
    def inputs():
        raise AssertionError("drawn for nothing")
        yield

    assert not measure_norms(nn.Conv2d(1, 1, 1), inputs()).training
