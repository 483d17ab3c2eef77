"""Articles of clothing by a style-based generator with noise inputs, 100,000 parameters (chapter 17). 24 minutes."""

from pathlib import Path
from typing import Any

from torch import nn

from ganlib.data import images
from ganlib.games import StyleGame
from ganlib.networks.dcgan import DCGANDiscriminator
from ganlib.networks.stylegan import StyleGenerator
from ganlib.pretrained import measures
from ganlib.pretrained.recipe import Recipe, averaged
from ganlib.training import cosine

WIDTHS = (32, 64, 128)  # of the discriminator, which has no batch norm, because R1 takes slopes per sample
R1 = 1.0
TRAINING: dict[str, Any] = {"seed": 1, "steps": 14_000, "batch": 32, "lr": (cosine(1e-2, 1e-3), cosine(2e-3, 1e-4)),
                            "betas": (0.0, 0.99), "penalty_every": 8, "ema_decay": 0.999}


def make(work: Path) -> nn.Module:
    game = StyleGame(StyleGenerator(noise=True, mixing=0.5), DCGANDiscriminator(WIDTHS, batch_norm=False), latent=32,
                     r1=R1)
    return averaged(game, images.fashion_mnist(size="full"), work, device="cpu", **TRAINING)


RECIPE = Recipe(
    title="articles of clothing", data="fashion_mnist, all 60,000 training images", make=make,
    measure=lambda network: measures.generator(network, "fashion_mnist"),
    settings={"loss": "non_saturating", "r1": R1, "noise": True, "mixing": 0.5, "path_weight": 0.0,
              "discriminator": f"DCGANDiscriminator({WIDTHS}, batch_norm=False)", **TRAINING},
    note="Trained on the full set, which is not part of the package. Without the path length penalty.")
