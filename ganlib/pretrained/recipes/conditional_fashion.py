"""Articles of clothing by class, by a conditional DCGAN told by projection (chapter 13). 13 minutes of one core."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import draws, losses, penalties
from ganlib.data import images
from ganlib.games import Conditional
from ganlib.networks.conditional import ConditionalDiscriminator, ConditionalGenerator
from ganlib.pretrained import measures
from ganlib.pretrained.fid import ROWS, fid
from ganlib.pretrained.recipe import Recipe, averaged
from ganlib.training import cosine

CLASSES = 10
CHANNELS, WIDTHS = (64, 32), (32, 64, 128)  # the discriminator has no batch norm: R1 takes slopes per sample
R1 = 1.0
TRAINING: dict[str, Any] = {"seed": 0, "steps": 9000, "batch": 64, "lr": cosine(1e-3, 1e-4), "betas": (0.5, 0.99),
                            "penalty_every": 8, "ema_decay": 0.999}


def labels(rows: int) -> Tensor:
    """As many of each class, in turn, (rows,)."""
    return torch.arange(rows) % CLASSES


def make(work: Path) -> nn.Module:
    game = Conditional(ConditionalGenerator(channels=CHANNELS),
                       ConditionalDiscriminator("projection", channels=WIDTHS, batch_norm=False), latent=32,
                       loss=losses.non_saturating,
                       penalty=lambda critic, real, fake: penalties.r1(critic, real, weight=R1))
    return averaged(game, images.fashion_mnist(size="full").labelled(), work, device="cpu", **TRAINING,
                    inputs=lambda generator: (draws.normal(200, generator.latent), labels(200)))  # all classes alike


def samples(network: nn.Module) -> Tensor:
    """The grid, (64, 1, 28, 28): the first eight classes, a row each; one column, one latent."""
    z = draws.normal(8, 32)
    return network(z.repeat(8, 1), torch.arange(8).repeat_interleave(8))


def drawn(network: nn.Module, rows: int) -> tuple[Tensor, Tensor]:
    """So many samples, as many of each class: (rows, 1, 28, 28), (rows,)."""
    wanted, z = labels(rows), draws.normal(rows, 32)
    return torch.cat([network(*part) for part in zip(z.split(500), wanted.split(500), strict=True)]), wanted


def measure(network: nn.Module) -> dict[str, Any]:
    """As `measures.generator`, and how many samples show the class that was asked for."""
    pictures, wanted = drawn(network, measures.ROWS)
    return measures.pictures(pictures, "fashion_mnist", wanted)


RECIPE = Recipe(
    title="articles of clothing by class", data="fashion_mnist, all 60,000 training images", make=make,
    samples=samples, measure=measure, once=lambda network: fid(drawn(network, ROWS)[0], "fashion_mnist"),
    settings={"loss": "non_saturating", "r1": R1, "told": "projection",
              "discriminator": f"ConditionalDiscriminator('projection', channels={WIDTHS}, batch_norm=False)",
              **TRAINING},
    note="Trained on the full set, which is not part of the package. Batch norm in the generator is folded in.")
