"""What a training run must record so that `player` can show it.

    history = train(game, data, steps=4000, probes=figures.recorder(data), probe_every=50)
    figures.player(history)

The probes that `player` knows by name, for V visits; all but the first may be missing:

    samples  (V, n, 2) points or (V, n, 1 or 3, H, W) pictures in [−1, 1], from the same n latents at each visit
    real     the same for the data, the same samples at each visit
    map      (V, m, m) logits of the discriminator at the centres of m × m pixels over [−limit, limit]², row 0 lowest
    limit    (V,) the map's limit, the same at each visit
    others   if they are one number a visit, lines over the steps
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganlib import checks, draws
from ganlib.games import Game

ROWS = {"points": 256, "pictures": 64}  # samples, if not said otherwise


def drawn(data: Any, rows: int) -> np.ndarray:
    """The same ``rows`` samples each time; torch's global generator is left as it was."""
    with torch.random.fork_rng(), draws.alone():
        torch.manual_seed(0)
        return data.sample(rows).detach().cpu().numpy()


def kind_of(function: str, name: str, samples: np.ndarray) -> str:
    """Of samples (n, …): "points" or "pictures"."""
    if samples.ndim == 2 and samples.shape[1] == 2:
        return "points"
    if samples.ndim == 4 and samples.shape[1] in (1, 3):
        return "pictures"
    raise ValueError(f"{function}: {name} must be points (n, 2) or pictures (n, 1 or 3, H, W), "
                     f"got shape {samples.shape}")


def recorder(data: Any, points: int | None = None, map_points: int = 32, limit: float | None = None,
             average: bool = False) -> dict[str, Callable[[Game], Any]]:
    """Probes for `train` and `ensemble` that record what `player` shows; join others to them with ``|``.

    data:       what the game is trained on, samples (n, 2) or (n, 1 or 3, H, W).
    points:     how many samples; left out, 256 points or 64 pictures.
    map_points: pixels along a side of the discriminator's map (points only).
    limit:      the map is over [−limit, limit]²; left out, a third more than the data's largest coordinate.
    average:    record the generator's moving average, which ``ema_decay`` keeps.
    """
    if not hasattr(data, "sample"):
        raise TypeError(f"recorder: data must have a method sample(rows), got {type(data).__name__}")
    checks.count("recorder", "map_points", map_points, least=2)
    kind = kind_of("recorder", "what data.sample returns", drawn(data, 1))
    rows = checks.count("recorder", "points", ROWS[kind] if points is None else points)
    real = drawn(data, rows)
    probes: dict[str, Callable[[Game], Any]] = {"samples": lambda game: game.generate(rows, average),
                                                "real": lambda game: real}
    if kind == "pictures":
        return probes
    side = (math.ceil(13.3 * float(np.abs(drawn(data, 1024)).max())) / 10 if limit is None
            else checks.number("recorder", "limit", limit, above=0))
    ticks = side * ((2 * torch.arange(map_points) + 1) / map_points - 1)
    places = torch.cartesian_prod(ticks, ticks).flip(1)  # (map_points², 2), second coordinate slowest

    def seen(game: Game) -> Tensor:
        with torch.no_grad():  # where the discriminator judges packs, packs of equal points
            logits = game.discriminator(places.to(**game.place).repeat(1, game.pack))
        return logits.reshape(map_points, map_points)

    return probes | {"map": seen, "limit": lambda game: side}
