"""Shared-out random numbers are those of the single streams, and alone they are torch's own."""

import pytest
import torch

from ganlib import draws


def generators(*seeds):
    return [torch.Generator().manual_seed(s) for s in seeds]


@pytest.mark.parametrize("draw, own", [
    (lambda n: draws.normal(n, 3), lambda n, g: torch.randn(n, 3, generator=g)),
    (lambda n: draws.uniform(n), lambda n, g: torch.rand(n, generator=g)),
    (lambda n: draws.integers(10, n), lambda n, g: torch.randint(10, (n,), generator=g)),
])
def test_shared_out_and_alone(draw, own):
    with draws.streams(generators(1, 2)):
        together = draw(8)
        with draws.alone():
            torch.manual_seed(5)
            inside = draw(4)
    assert torch.equal(together, torch.cat([own(4, g) for g in generators(1, 2)]))
    assert torch.equal(inside, own(4, generators(5)[0]))


def test_batch_mean_is_per_stream():
    values = torch.arange(6.0).reshape(6, 1)
    assert draws.batch_mean(values) == 2.5
    with draws.streams(generators(0, 1, 2)):
        assert draws.batch_mean(values).tolist() == [0.5, 2.5, 4.5]


def test_rows_that_cannot_be_shared_out_are_refused():
    with draws.streams(generators(0, 1)), pytest.raises(ValueError, match="multiple of the 2 streams, got 3"):
        draws.normal(3)
