"""Random numbers, so that sixteen seeds trained in one batch draw exactly what sixteen single runs would draw.

Every number is drawn on the CPU and then moved, so one seed gives one stream on every device.

Alone, `normal`, `uniform` and `integers` are torch's own functions on torch's global generator: a loop written in
the open after ``torch.manual_seed(0)`` and the library's loop with ``seed=0`` see the same numbers.
Inside ``with streams(generators):`` the rows are shared out: with M generators, rows 0 … n/M − 1 come from the
first, the next n/M from the second, and so on; and `batch_mean` then gives one mean per stream instead of one in
all. `ganlib.training.ensemble` uses this; nothing else has to know.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor

_streams: ContextVar[Sequence[torch.Generator] | None] = ContextVar("ganlib_streams", default=None)


@contextmanager
def streams(generators: Sequence[torch.Generator]) -> Iterator[None]:
    """Within this block every draw is shared out evenly over ``generators``."""
    token = _streams.set(generators)
    try:
        yield
    finally:
        _streams.reset(token)


def _filled(values: Tensor, fill: Callable[[Tensor, torch.Generator | None], object]) -> Tensor:
    """``values`` (rows, …) filled in place, each stream's rows from its own generator: one tensor, nothing to join."""
    generators = _streams.get()
    if generators is None:
        fill(values, None)
    elif len(values) % len(generators):
        raise ValueError(f"draws: rows must be a multiple of the {len(generators)} streams, got {len(values)}")
    else:
        for part, generator in zip(values.chunk(len(generators)), generators, strict=True):
            fill(part, generator)
    return values


def normal(rows: int, *shape: int, device: torch.device | str | None = None) -> Tensor:
    """Independent N(0, 1) numbers, shape (rows, *shape)."""
    return _filled(torch.empty(rows, *shape), lambda x, g: x.normal_(generator=g)).to(device=device)


def uniform(rows: int, *shape: int, device: torch.device | str | None = None) -> Tensor:
    """Independent uniform numbers in [0, 1), shape (rows, *shape)."""
    return _filled(torch.empty(rows, *shape), lambda x, g: x.uniform_(generator=g)).to(device=device)


def integers(high: int, rows: int, device: torch.device | str | None = None) -> Tensor:
    """Independent uniform whole numbers 0 … high − 1, shape (rows,)."""
    return _filled(torch.empty(rows, dtype=torch.long), lambda x, g: x.random_(high, generator=g)).to(device=device)


def batch_mean(values: Tensor) -> Tensor:
    """Mean over everything, a 0-dim tensor; inside `streams`, one mean per stream, shape (M,)."""
    generators = _streams.get()
    return values.mean() if generators is None else values.reshape(len(generators), -1).mean(1)


def total(loss: Tensor) -> Tensor:
    """A loss as one number to differentiate: the sum over streams leaves each of them the gradient of its own loss.

    loss: one mean per stream, (M,), or one in all, 0-dim, which a loss with a plain ``.mean()`` gives.
    """
    generators = _streams.get()
    return loss.sum() if generators is None or loss.dim() else loss * len(generators)


@contextmanager
def alone() -> Iterator[None]:
    """Within this block draws come from torch's global generator again, whatever stands around it."""
    token = _streams.set(None)
    try:
        yield
    finally:
        _streams.reset(token)
