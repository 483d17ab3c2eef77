"""What unpaired translation keeps (chapter 16): garments in three ways and a toy in three, eight seeds each.

Garments, T-shirts to pullovers and back, by small networks in short runs:

    cycle     the game of the chapter: both judges, the cycle, a pool
    free      the same without the cycle
    identity  with the cycle and the identity term

The toy is a ring of five blobs to be translated into the same ring, by multilayer perceptrons: every permutation of
the blobs is a solution, and its name begins with "ring".
"""

from typing import Any

import torch
from torch import nn

from ganlib import losses
from ganlib.data import garments, ring
from ganlib.games import UnpairedTranslation
from ganlib.networks import MLP
from ganlib.pretrained.recipes.cyclegan_fashion import players, translated
from ganlib.studies import Study
from ganlib.training import History, cosine, train

WIDTH, BLOCKS, CHANNELS = 12, 2, (16, 32, 64)
MODES, STEPS, RING_STEPS = 5, 200, 800
GARMENTS: dict[str, dict[str, Any]] = {"cycle": {"cycle": 5.0}, "free": {"cycle": 0.0},
                                       "identity": {"cycle": 5.0, "identity": 2.5}}
RINGS: dict[str, dict[str, Any]] = {"ring": {"cycle": 10.0}, "ring free": {"cycle": 0.0},
                                    "ring identity": {"cycle": 10.0, "identity": 10.0}}


def play(settings: dict[str, Any], seed: int, **more: Any) -> History:
    """Train translators of garments from a seed; more: arguments of `train`."""
    how: dict[str, Any] = {"steps": STEPS, "batch": 4, "lr": cosine(2e-3, 2e-4), "betas": (0.5, 0.99),
                           "ema_decay": 0.97, "device": "cpu", "progress": False}
    return train(UnpairedTranslation(*players(WIDTH, BLOCKS, CHANNELS), **settings), garments(), seed=seed,
                 **how | more)


def measured(game: Any) -> dict[str, Any]:
    """`translated` of the moving average of a trained game's translators."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return dict(translated(game.player(average=True)))


class TwoRings:
    """Two independent draws from the same ring of blobs, as the two domains."""

    blobs = ring(MODES)

    def sample(self, rows: int, device: torch.device | str | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """Points (rows, 2) of a and of b."""
        return self.blobs.sample(rows, device), self.blobs.sample(rows, device)


def play_ring(settings: dict[str, Any], seed: int, **more: Any) -> History:
    """Train translators from ring to ring from a seed; more: arguments of `train`."""
    how: dict[str, Any] = {"steps": RING_STEPS, "batch": 128, "lr": cosine(2e-3, 2e-4), "betas": (0.5, 0.99),
                           "device": "cpu", "progress": False}
    game = UnpairedTranslation(nn.ModuleDict({way: MLP(2, 64, 64, 2) for way in ("ab", "ba")}),
                               nn.ModuleDict({name: MLP(2, 64, 64, 1) for name in ("a", "b")}),
                               loss=losses.non_saturating, pool=0, **settings)
    return train(game, TwoRings(), seed=seed, **how | more)


def where(points: torch.Tensor) -> torch.Tensor:
    """The nearest blob of each point, (n,)."""
    return torch.cdist(points, TwoRings.blobs.centers.to(points)).argmin(1)


def measured_ring(game: Any) -> dict[str, Any]:
    """On 2,000 fresh points: to which blob most points of each blob go, how many of them go there, how many points land
    within 4 deviations of a blob, both ways; and the cycle error per coordinate, from a and from b."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        a, b = TwoRings().sample(2000)
        found: dict[str, list[Any]] = {"goes": [], "agree": [], "hit": [], "cycle": []}
        for x, way, home in ((a, "ab", "ba"), (b, "ba", "ab")):
            y = game.translate(x, way)
            counts = torch.zeros(MODES, MODES).index_put_((where(x), where(y)), torch.ones(()), accumulate=True)
            found["goes"].append(counts.argmax(1).tolist())
            found["agree"].append(float(counts.max(1).values.sum() / counts.sum()))
            near = torch.cdist(y, TwoRings.blobs.centers.to(y)).min(1).values < 4 * TwoRings.blobs.std
            found["hit"].append(float(near.double().mean()))
            found["cycle"].append(float((game.translate(y, home) - x).abs().mean()))
    return dict(found)


def run(variant: str, seed: int) -> dict[str, Any]:
    """One run and what was measured on it, for garments by the network "classifier_fashion" among others."""
    if variant in RINGS:
        return measured_ring(play_ring(RINGS[variant], seed).game)
    return measured(play(GARMENTS[variant], seed).game)


STUDY = Study({name: name for name in (*GARMENTS, *RINGS)}, range(8), run)
