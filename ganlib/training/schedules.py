"""Settings that change during a run: a schedule is any function of the share of the run that is done, 0 to 1."""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Schedule = Callable[[float], float]


@dataclass(frozen=True)
class cosine:  # in small letters, because it is used as a function is
    """From ``start`` to ``end`` along half a cosine, flat at both ends: ``lr=cosine(1e-3, 1e-5)``.

    Source: Loshchilov & Hutter 2017, eq. 5, without restarts.
    """

    start: float
    end: float

    def __call__(self, share: float) -> float:
        """The value when ``share`` of the run, 0 to 1, is done."""
        return self.end + (self.start - self.end) * (1 + math.cos(math.pi * share)) / 2


def at(setting: Any, share: float) -> Any:
    """The value of a setting, a number or a schedule or a tuple of such, when ``share`` of the run is done."""
    if isinstance(setting, tuple):
        return tuple(at(one, share) for one in setting)
    return setting(share) if callable(setting) else setting


def scheduled(setting: Any) -> bool:
    """Does the setting, or a part of it, change during the run?"""
    return any(map(scheduled, setting)) if isinstance(setting, tuple) else callable(setting)


def written(setting: Any) -> Any:
    """The setting as a checkpoint keeps it, to be compared: numbers as they are, a schedule in words."""
    if isinstance(setting, tuple | list):
        return [written(one) for one in setting]
    if not callable(setting):
        return setting
    return repr(setting) if dataclasses.is_dataclass(setting) else f"the function {setting.__qualname__}"
