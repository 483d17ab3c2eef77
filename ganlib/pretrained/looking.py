"""A model's sample grid and its measures, always from the same random numbers, and where two of them differ."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ganlib import checks
from ganlib.pretrained.recipe import SAMPLES, Recipe

COLUMNS = 8
SEEDS = {"grid": 2, "quality": 1}
LEVELS = 2  # grey levels of 255 by which a pixel of the grid may differ on another machine
DIGITS = 4  # significant ones of a recorded measure


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        yield


def sheet(pictures: Tensor) -> np.ndarray:
    """Pictures (64, 1 or 3, height, width) in [−1, 1] as one of bytes, (rows, columns) or (rows, columns, 3)."""
    checks.tensor("pretrained", "samples", pictures, dims=4)
    n, channels, height, width = pictures.shape
    if n != SAMPLES or channels not in (1, 3) or not float(pictures.abs().max()) <= 1:
        raise ValueError(f"pretrained: samples must be {SAMPLES} pictures of 1 or 3 channels in [-1, 1], got shape "
                         f"{tuple(pictures.shape)} and values to {float(pictures.abs().max()):g}")
    grid = pictures.reshape(n // COLUMNS, COLUMNS, channels, height, width).permute(0, 3, 1, 4, 2)
    grey = ((grid.float().cpu() + 1) * 127.5).round().to(torch.uint8)
    return grey.reshape(n // COLUMNS * height, COLUMNS * width, channels).squeeze(2).numpy()


def drawn(recipe: Recipe, network: nn.Module) -> np.ndarray | None:
    """The model's sample grid, always from the same random numbers; None if it draws nothing."""
    if recipe.samples is None:
        return None
    with _seeded(SEEDS["grid"]):
        return sheet(recipe.samples(network))


def grid_facts(recipe: Recipe) -> dict[str, Any] | None:
    """What the record says of the grid."""
    return None if recipe.samples is None else {"samples": SAMPLES, "columns": COLUMNS, "levels": LEVELS}


def measured(recipe: Recipe, network: nn.Module, measure: Callable[[Any], dict[str, Any]] | None = None) -> Any:
    """What the recipe measures, always with the same random numbers, as it is recorded: four significant digits."""
    with _seeded(SEEDS["quality"]):
        return _plain((measure or recipe.measure)(network))


def _plain(value: Any) -> Any:
    """Numbers of any kind as JSON has them, rounded; the same inside lists and dicts."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, Tensor | np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def differences(said: Any, found: Any, tolerance: float, where: str = "quality") -> list[str]:
    """Where two sets of measures differ by more than a share of the larger number; in a list, of its largest one."""
    if isinstance(said, dict) and isinstance(found, dict):
        if said.keys() != found.keys():
            return [f"{where} has {', '.join(found)} instead of {', '.join(said)}"]
        return [text for key in said for text in differences(said[key], found[key], tolerance, f"{where}.{key}")]
    one, other = np.atleast_1d(np.asarray(said)), np.atleast_1d(np.asarray(found))
    if one.dtype.kind in "iuf" and other.dtype.kind in "iuf" and one.shape == other.shape:
        allowed = tolerance * max(np.abs(one).max(initial=0), np.abs(other).max(initial=0))
        same = bool((np.abs(one - other) <= allowed).all())
    else:
        same = said == found
    return [] if same else [f"{where} is {found!r:.80}, recorded is {said!r:.80}"]
