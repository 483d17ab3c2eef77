"""The modern baseline on digits (chapter 18), and what becomes of it without one of its parts; eight seeds each.

    modern        relativistic loss, R1 + R2, rates, γ and β₂ on schedules
    usual loss    the same with the non-saturating loss
    R1 alone      R2 left out
    no penalty    both left out
    no schedules  the averages over time of the schedules, from the first step to the last
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import losses, metrics, penalties, pretrained
from ganlib.data import mnist
from ganlib.games import Game, Penalty
from ganlib.networks.modern import ModernDiscriminator, ModernGenerator
from ganlib.studies import Study
from ganlib.training import Diverged, History, cosine, train

LATENT, GENERATOR, DISCRIMINATOR = 32, (32, 16), (16, 32)  # channels a stage
SCHEDULES: dict[str, Any] = {"lr": cosine(3e-3, 3e-4), "betas": (0.0, cosine(0.9, 0.99)),
                             "penalty_weight": cosine(1.0, 0.1)}
MIDDLE: dict[str, Any] = {"lr": 1.65e-3, "betas": (0.0, 0.945), "penalty_weight": 0.55}  # their means over the run
STEPS, BATCH, SAMPLES = 350, 32, 2000


def fees(real: float, fake: float) -> Penalty:
    """R1 with the weight ``real`` and R2 with the weight ``fake``."""
    def penalty(critic: Callable[[Tensor], Tensor], x: Tensor, y: Tensor) -> Tensor:
        return penalties.r1(critic, x, real) + (penalties.r2(critic, y, fake) if fake else 0.0)
    return penalty


VARIANTS: dict[str, dict[str, Any]] = {
    "modern": {},
    "usual loss": {"loss": losses.non_saturating},
    "R1 alone": {"penalty": fees(1.0, 0.0)},
    "no penalty": {"penalty": None},
    "no schedules": {"schedules": MIDDLE},
}


def game_of(variant: dict[str, Any]) -> Game:
    """The players of a variant, small enough for a notebook."""
    players = nn.ModuleList([ModernGenerator(LATENT, GENERATOR), ModernDiscriminator(DISCRIMINATOR)])
    players.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # faster on a CPU
    return Game(*players, latent=LATENT, loss=variant.get("loss", losses.relativistic),
                penalty=variant.get("penalty", fees(1.0, 1.0)))


def play(variant: dict[str, Any], seed: int, **more: Any) -> History:
    """Train a variant from a seed; more: arguments of `train`."""
    how: dict[str, Any] = {"steps": STEPS, "batch": BATCH, "ema_decay": 0.99, "device": "cpu", "progress": False}
    return train(game_of(variant), mnist(), seed=seed, **how | variant.get("schedules", SCHEDULES) | more)


def slope(game: Game, samples: Tensor) -> float:
    """The root of the mean squared slope of the discriminator at samples (n, 1, 28, 28)."""
    return float(penalties.squared_slope(game.discriminator, samples).detach().mean().sqrt())


def measured(game: Any) -> dict[str, Any]:
    """Pictures of the averaged generator, and the discriminator's slopes.

    frechet: Fréchet distance of 2,000 pictures to the 2,000 test digits, in the features of the network
    "classifier_mnist". classes: digits that it sees in at least 20 of them. class_kl: KL of the classes' shares
    to equal ones, in nats. slope_real, slope_fake: at 500 test digits and at 500 pictures of the generator as it is.
    """
    judge: Any = pretrained.load("classifier_mnist")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        pictures = torch.cat([game.generate(500, average=True) for _ in range(SAMPLES // 500)])
        fresh = game.generate(500)
    test = mnist("test").images
    features, real = (metrics.by_batches(judge.features, x) for x in (pictures, test))
    coverage = metrics.class_coverage(metrics.by_batches(judge, pictures))
    return {"frechet": metrics.frechet_distance(features, real), "class_kl": coverage.kl,
            "classes": coverage.classes,
            "slope_real": slope(game, test[:500]), "slope_fake": slope(game, fresh)}


def run(variant: dict[str, Any], seed: int) -> dict[str, Any]:
    """One run and what is measured at its end; a run that diverged counts as no pictures at all."""
    try:
        history = play(variant, seed)
    except Diverged:
        return {"frechet": 10_000.0, "class_kl": math.log(10), "classes": 0, "slope_real": 1000.0,
                "slope_fake": 1000.0, "diverged": 1}
    return measured(history.game) | {"diverged": 0}


STUDY = Study(VARIANTS, range(8), run)
