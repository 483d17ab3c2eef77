"""What a recipe is, and what several recipes need: samples from latents, an averaged and settled generator."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import checks, draws
from ganlib.games import Game
from ganlib.networks.batch_norm import measure_norms
from ganlib.training import train

SAMPLES = 64  # in a grid
Inputs = Callable[[Any], tuple[Tensor, ...]]  # generator → the arguments of one pass


def from_latents(network: Any) -> Tensor:
    """The samples of a grid for a generator of latents alone: (64, channels, height, width) in [−1, 1]."""
    return network(draws.normal(SAMPLES, network.latent))


@dataclass(frozen=True)
class Recipe:
    """How a model is made and measured; ``recipes/NAME.py`` holds one, as ``RECIPE``.

    title:    what it draws or does, in a few words.
    data:     what it was trained on, in words, the name of the set first.
    settings: all that decides the training (seed, steps, batch, lr, loss …): numbers, text, schedules, lists of such.
    make:     trains it. The argument is a folder for checkpoints, which may hold those of a run that was cut short.
              Returns the network, or an ``nn.ModuleDict`` of several, in eval mode on the device it was trained on.
    measure:  what can be measured on the stored network again at any time, in about ten seconds: a dict of numbers,
              lists of numbers, text and dicts of such. Beside a distance between generated and real pictures under
              ``generated`` stands that between real and real ones under ``floor``; ``what`` says what was measured.
    samples:  the pictures of its grid, (64, 1 or 3, height, width) in [−1, 1]; None: it draws none.
    once:     what is too slow to measure again; `make` writes it down.
    bits:     8, or 16 where 8 hurt.
    tolerance: the relative difference within which a measure is the same on another machine.
    note:     anything a reader should know.

    Functions are called without gradients and after the seed was set, so they may draw random numbers.
    """

    title: str
    data: str
    make: Callable[[Path], nn.Module]
    measure: Callable[[Any], dict[str, Any]]
    settings: dict[str, Any]
    samples: Callable[[Any], Tensor] | None = from_latents
    once: Callable[[Any], dict[str, Any]] | None = None
    bits: int = 8
    tolerance: float = 0.05
    note: str = ""


def names() -> tuple[str, ...]:
    """The recipes there are: the modules of the folder ``recipes``."""
    from ganlib.pretrained import recipes
    return tuple(sorted(part.name for part in pkgutil.iter_modules(recipes.__path__) if not part.name.startswith("_")))


def find(name: str) -> Recipe:
    """The recipe of a model. Errors: `ValueError` for a name without one; `TypeError` if it holds no ``RECIPE``."""
    checks.one_of("pretrained", "name", name, names())
    found = getattr(importlib.import_module(f"ganlib.pretrained.recipes.{name}"), "RECIPE", None)
    if not isinstance(found, Recipe):
        raise TypeError(f"pretrained: recipes/{name}.py must hold a Recipe named RECIPE, got {type(found).__name__}")
    return found


def averaged(game: Game, data: Any, work: Path, inputs: Inputs | None = None, **settings: Any) -> nn.Module:
    """Train a game, going on from what ``work`` holds, and return the moving average of its generator, settled.

    inputs: as of `settled`. settings: as of `ganlib.training.train`.
    Errors: `KeyboardInterrupt` if the training was interrupted, so that nothing half-trained is stored.
    """
    if train(game, data, checkpoint=work, **settings).interrupted:
        raise KeyboardInterrupt
    return settled(game.generator if game.average is None else game.average, inputs)


@torch.no_grad()
def settled(generator: Any, inputs: Inputs | None = None) -> nn.Module:
    """What averaged parameters need besides: the mean of w (``measure_mean``), batch norm's statistics measured anew.

    inputs: generator → the arguments of one pass; None: latents alone. Changes the generator and returns it, in eval
    mode.
    """
    torch.manual_seed(0)
    inputs = inputs or latents
    generator.eval()
    if hasattr(generator, "measure_mean"):
        generator.measure_mean()
    return measure_norms(generator, (inputs(generator) for _ in range(50)))


def latents(generator: Any) -> tuple[Tensor, ...]:
    """200 latents where the generator is, as the arguments of one pass."""
    place = next(generator.parameters())
    return (draws.normal(200, generator.latent, device=place.device).to(place.dtype),)
