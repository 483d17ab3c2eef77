"""What the player shows of recorded runs, checked: an error says which probe is missing and how to record it."""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ganlib import checks
from ganlib.figures import encoding
from ganlib.figures.recorder import ROWS, drawn, kind_of
from ganlib.training import History

RECORD = "record it with train(…, probes=figures.recorder(data))"


@dataclass(frozen=True)
class Shown:
    """Everything but how exact, and at which visits."""

    runs: list[History]
    labels: list[str]
    rows: int  # samples at a visit
    reals: list[np.ndarray | None]  # one a run, (n, …)
    limit: float | None  # of points; None for pictures
    lines: list[str]

    @property
    def kind(self) -> str:
        return "pictures" if self.limit is None else "points"

    @functools.cached_property
    def steps(self) -> np.ndarray:
        """Of all visits of all runs."""
        return np.unique(np.concatenate([run.probe_steps for run in self.runs]))

    @functools.cached_property
    def samples(self) -> list[np.ndarray]:
        """Of each run (visits, n, …), points in an order that is short to write down."""
        every = [run.probes["samples"][:, :self.rows] for run in self.runs]
        if self.limit is None:
            return every
        return [one[:, encoding.order(one.clip(-self.limit, self.limit))] for one in every]


def shown(history: Any, labels: Any, real: Any, limit: Any, lines: Any, samples: Any) -> Shown:
    """The arguments of `player`; a `ValueError` for what cannot be shown."""
    runs = list(history) if isinstance(history, Sequence) else [history]
    if not 1 <= len(runs) <= 4 or not all(isinstance(run, History) for run in runs):
        raise ValueError(f"player: history must be one History, or two to four of them, got {history!r:.80}")
    if labels is None:
        labels = [f"seed {run.seed}" for run in runs] if len(runs) > 1 else [""]
    if isinstance(labels, str) or len(labels) != len(runs) or not all(isinstance(label, str) for label in labels):
        raise ValueError(f"player: labels must be {len(runs)} strings, one for each history, got {labels!r:.80}")
    for run in runs:
        if not run.steps:
            raise ValueError("player: history must have at least one step, got one without")
        if "samples" not in run.probes:
            raise ValueError(f"player: the probe 'samples' is missing from the history of seed {run.seed}, which has "
                             f"{', '.join(run.probes) or 'none'}; {RECORD}")
    every = [run.probes["samples"] for run in runs]
    kind = kind_of("player", "each visit to the probe 'samples'", every[0][0])
    if len({one.shape[2:] for one in every}) > 1:
        shapes = ", ".join(str(one.shape) for one in every)
        raise ValueError(f"player: all histories must have samples of one shape, got {shapes}")
    for one in every:
        checks.numbers("player", "the probe 'samples'", one, dims=every[0].ndim, dtype=torch.float64)
    rows = checks.count("player", "samples", ROWS[kind] if samples is None else samples)
    rows = min(rows, *(one.shape[1] for one in every))
    reals = [_real(run, real, rows) for run in runs]
    if kind == "pictures" and limit is not None:
        raise ValueError(f"player: limit is for points; these samples are pictures, got limit={limit!r}")
    return Shown(runs, list(labels), rows, reals, _limit(runs, reals, limit) if kind == "points" else None,
                 _lines(runs, lines))


def _real(run: History, given: Any, rows: int) -> np.ndarray | None:
    if given is None:
        if "real" not in run.probes:
            return None
        given = run.probes["real"][0]
    given = drawn(given, rows) if hasattr(given, "sample") else np.asarray(given)
    if given.shape[1:] != (shape := run.probes["samples"].shape[2:]):
        raise ValueError(f"player: real must have samples like those generated, shape {shape}, got {given.shape[1:]}")
    checks.numbers("player", "real", given, dims=given.ndim, dtype=torch.float64)
    return given[:rows]


def _limit(runs: list[History], reals: list[np.ndarray | None], given: Any) -> float:
    limits = {float(run.probes["limit"][0]) for run in runs if "limit" in run.probes}
    if given is not None:
        limits.add(checks.number("player", "limit", given, above=0))
    maps = [run.probes["map"] for run in runs if "map" in run.probes]
    for one in maps:
        if one.ndim != 3 or one.shape[1] != one.shape[2]:
            raise ValueError("player: the probe 'map' must have shape (visits, m, m), the discriminator's logits, got "
                             f"{one.shape}; {RECORD}")
        checks.numbers("player", "the probe 'map'", one, dims=3, dtype=torch.float64)
    if maps and not limits:
        raise ValueError(f"player: the probe 'map' lies over [−limit, limit]², but 'limit' is missing; {RECORD}, "
                         "or give limit=…")
    if maps and len(limits) > 1:
        raise ValueError("player: limit must be that of the recorded maps and one for all, got "
                         f"{' and '.join(f'{one:g}' for one in sorted(limits))}; give recorder the same limit=…")
    if limits:
        return max(limits) if given is None else float(given)
    extents = [float(np.abs(real).max()) for real in reals if real is not None]
    extents += [float(np.quantile(np.abs(run.probes["samples"]), 0.98)) for run in runs]
    return math.ceil(11 * max(extents)) / 10


def _lines(runs: list[History], lines: Any) -> list[str]:
    found = [name for name in runs[0].probes if name not in ("samples", "real", "map", "limit")
             and all(name in run.probes and run.probes[name].size == len(run.probe_steps) for run in runs)]
    if lines is None:
        return found
    if isinstance(lines, str) or not set(lines) <= set(found):
        raise ValueError("player: lines must be a list of probes with one number a visit in all histories, "
                         f"got {lines!r}; there are: {', '.join(found) or 'none'}")
    return list(lines)
