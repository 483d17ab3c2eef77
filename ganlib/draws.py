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


def _shared(draw: Callable[[int, torch.Generator | None], Tensor], rows: int) -> Tensor:
    generators = _streams.get()
    if generators is None:
        return draw(rows, None)
    each, rest = divmod(rows, len(generators))
    if rest:
        raise ValueError(f"draws: rows must be a multiple of the {len(generators)} streams, got {rows}")
    return torch.cat([draw(each, g) for g in generators])


def normal(rows: int, *shape: int, device: torch.device | str | None = None) -> Tensor:
    """Independent N(0, 1) numbers, shape (rows, *shape)."""
    return _shared(lambda n, g: torch.randn(n, *shape, generator=g), rows).to(device=device)


def uniform(rows: int, *shape: int, device: torch.device | str | None = None) -> Tensor:
    """Independent uniform numbers in [0, 1), shape (rows, *shape)."""
    return _shared(lambda n, g: torch.rand(n, *shape, generator=g), rows).to(device=device)


def integers(high: int, rows: int, device: torch.device | str | None = None) -> Tensor:
    """Independent uniform whole numbers 0 … high − 1, shape (rows,)."""
    return _shared(lambda n, g: torch.randint(high, (n,), generator=g), rows).to(device=device)


def batch_mean(values: Tensor) -> Tensor:
    """Mean over everything, a 0-dim tensor; inside `streams`, one mean per stream, shape (M,)."""
    generators = _streams.get()
    return values.mean() if generators is None else values.reshape(len(generators), -1).mean(1)


@contextmanager
def alone() -> Iterator[None]:
    """Within this block draws come from torch's global generator again, whatever stands around it."""
    token = _streams.set(None)
    try:
        yield
    finally:
        _streams.reset(token)
