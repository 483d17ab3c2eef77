"""Articles of clothing by a style-based generator of 100,000 parameters (chapter 17). 13 minutes of one core."""

from pathlib import Path
from typing import Any

from torch import nn

from ganlib import losses, penalties
from ganlib.data import images
from ganlib.games import Game
from ganlib.networks.dcgan import DCGANDiscriminator
from ganlib.networks.stylegan import StyleGenerator
from ganlib.pretrained import measures
from ganlib.pretrained.recipe import Recipe, averaged
from ganlib.training import cosine

WIDTHS = (32, 64, 128)  # of the discriminator, which has no batch norm, because R1 takes slopes per sample
R1 = 1.0
TRAINING: dict[str, Any] = {"seed": 1, "steps": 14_000, "batch": 32, "lr": (cosine(2e-3, 2e-4), cosine(1e-3, 1e-4)),
            "betas": (0.0, 0.99), "penalty_every": 8, "ema_decay": 0.999}


def make(work: Path) -> nn.Module:
    game = Game(StyleGenerator(), DCGANDiscriminator(WIDTHS, batch_norm=False), latent=32, loss=losses.non_saturating,
                penalty=lambda critic, real, fake: penalties.r1(critic, real, weight=R1))
    return averaged(game, images.fashion_mnist(), work, device="cpu", **TRAINING)


RECIPE = Recipe(
    title="articles of clothing", data="fashion_mnist, the 10,000 embedded training images", make=make,
    measure=lambda network: measures.generator(network, "fashion_mnist"),
    settings={"loss": "non_saturating", "r1": R1, "discriminator": f"DCGANDiscriminator({WIDTHS}, batch_norm=False)",
              **TRAINING})
