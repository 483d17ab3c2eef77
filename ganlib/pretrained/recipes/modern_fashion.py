"""Articles of clothing by the modern baseline, 104,000 parameters (chapter 18). 40 minutes of one core."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import losses, penalties
from ganlib.data import images
from ganlib.games import Game
from ganlib.networks.modern import ModernDiscriminator, ModernGenerator
from ganlib.pretrained import measures
from ganlib.pretrained.recipe import Recipe, averaged
from ganlib.training import cosine

LATENT, GENERATOR, DISCRIMINATOR = 64, (96, 48), (32, 64)  # channels a stage
TRAINING: dict[str, Any] = {"seed": 0, "steps": 8000, "batch": 64, "lr": cosine(2e-3, 1e-4),
                            "betas": (0.0, cosine(0.9, 0.99)), "penalty_weight": cosine(1.0, 0.1),
                            "ema_decay": cosine(0.98, 0.999)}


def both(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor) -> Tensor:
    """R1 + R2, γ = 1; ``penalty_weight`` makes it smaller."""
    return penalties.r1(critic, real, 1.0) + penalties.r2(critic, fake, 1.0)


def make(work: Path) -> nn.Module:
    players = nn.ModuleList([ModernGenerator(LATENT, GENERATOR), ModernDiscriminator(DISCRIMINATOR)])
    players.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # faster on a CPU
    game = Game(*players, latent=LATENT, loss=losses.relativistic, penalty=both)
    made: Any = averaged(game, images.fashion_mnist(size="full"), work, device="cpu", **TRAINING)
    return made.to(memory_format=torch.contiguous_format)


RECIPE = Recipe(
    title="articles of clothing", data="fashion_mnist, all 60,000 training images", make=make,
    measure=lambda network: measures.generator(network, "fashion_mnist"),
    settings={"loss": "relativistic", "r1": 1.0, "r2": 1.0,
              "discriminator": f"ModernDiscriminator({DISCRIMINATOR})", **TRAINING},
    note="Trained on the full set, which is not part of the package. Seed 0 was chosen before it was trained.")
