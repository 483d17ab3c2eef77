"""Bad input gets a clear error: which argument, what came, what was expected. One function a kind of input."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


def number(function: str, name: str, value: Any, *, above: float | None = None, least: float | None = None,
           below: float | None = None) -> float:
    """A finite real number, optionally > ``above``, >= ``least``, < ``below``."""
    ok = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    ok = ok and (above is None or value > above) and (least is None or value >= least)
    ok = ok and (below is None or value < below)
    if not ok:
        limits = (("above", above), ("at least", least), ("below", below))
        wanted = " and ".join(f"{word} {limit:g}" for word, limit in limits if limit is not None)
        raise ValueError(f"{function}: {name} must be a finite number {wanted}".rstrip() + f", got {value!r:.80}")
    return float(value)


def count(function: str, name: str, value: Any, *, least: int = 1) -> int:
    """A whole number of at least ``least``."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{function}: {name} must be a whole number of at least {least}, got {value!r:.80}")
    return value


def one_of(function: str, name: str, value: Any, allowed: Iterable[str]) -> str:
    """One of a few words."""
    if value not in (known := tuple(allowed)):
        raise ValueError(f"{function}: {name} must be {' or '.join(map(repr, known))}, got {value!r:.80}")
    return value


def tensor(function: str, name: str, value: Any, *, dims: int | None = None) -> Tensor:
    """A non-empty floating-point tensor, optionally with a fixed number of dimensions."""
    if not isinstance(value, Tensor):
        raise TypeError(f"{function}: {name} must be a torch tensor, got {type(value).__name__}")
    if not value.is_floating_point():
        raise TypeError(f"{function}: {name} must hold floating-point numbers, got dtype {value.dtype}")
    if value.numel() == 0:
        raise ValueError(f"{function}: {name} is empty (shape {tuple(value.shape)}), expected at least one sample")
    if dims is not None and value.dim() != dims:
        raise ValueError(f"{function}: {name} must have {dims} dimensions, got shape {tuple(value.shape)}")
    return value


def numbers(function: str, name: str, value: Any, *, dims: int, dtype: torch.dtype) -> Tensor:
    """Finite numbers in a tensor, an array or nested lists, at least one, as a tensor of ``dtype`` on the CPU.

    First to the CPU, then to ``dtype``: Apple's MPS has no float64.
    """
    try:
        found = value.detach().cpu().to(dtype) if isinstance(value, Tensor) else torch.as_tensor(value, dtype=dtype)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{function}: {name} must be numbers in {dims} dimensions, got {value!r:.80}") from error
    return finite(function, name, tensor(function, name, found, dims=dims))


def same_shape(function: str, **values: Tensor) -> None:
    """All the named tensors have one shape."""
    if len({tuple(v.shape) for v in values.values()}) > 1:
        shapes = ", ".join(f"{name} {tuple(v.shape)}" for name, v in values.items())
        raise ValueError(f"{function}: expected one common shape, got {shapes}")


def finite(function: str, name: str, value: Tensor) -> Tensor:
    """No NaN and no infinity (this reads the values, so it is not for the inside of a training loop)."""
    if not bool(torch.isfinite(value).all()):
        bad = int((~torch.isfinite(value)).sum())
        raise ValueError(f"{function}: {name} must be finite, got {bad} NaN or infinite values of {value.numel()}")
    return value
