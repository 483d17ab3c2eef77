"""Digits by an InfoGAN with ten categories and two continuous codes (chapter 14). 13 minutes of one core."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import draws, losses, metrics, penalties, pretrained
from ganlib.data import images
from ganlib.data.strokes import slant, thickness
from ganlib.games import InfoGAN
from ganlib.metrics.codes import correlation_within, matched_codes
from ganlib.networks.dcgan import DCGANGenerator
from ganlib.networks.infogan import InfoDiscriminator
from ganlib.pretrained import measures
from ganlib.pretrained.recipe import Recipe
from ganlib.training import cosine, train

NOISE, STRENGTH, R1 = 16, 3.0, 1.0
TRAINING: dict[str, Any] = {"seed": 0, "steps": 9000, "batch": 64, "lr": cosine(1e-3, 1e-4), "betas": (0.5, 0.99),
                            "penalty_every": 8, "ema_decay": 0.999}


def game_of(generator: nn.Module, reader: nn.Module) -> InfoGAN:
    """The game of these players; the generator's latents are those of `InfoGAN.join`."""
    return InfoGAN(generator, reader, noise=NOISE, strength=STRENGTH, loss=losses.non_saturating,
                   penalty=lambda critic, real, fake: penalties.r1(critic, real, weight=R1))


def make(work: Path) -> nn.Module:
    game = game_of(DCGANGenerator(NOISE + 12), InfoDiscriminator())
    if train(game, images.mnist(), checkpoint=work, device="cpu", **TRAINING).interrupted:
        raise KeyboardInterrupt
    return nn.ModuleDict({"generator": game.settled(), "reader": game.discriminator}).eval()


def rows_of_codes(network: Any) -> Tensor:
    """The pictures of a grid: each row has its noise, each column its category, 0 to 7, continuous codes are 0."""
    game = game_of(network["generator"], network["reader"])
    noise = draws.normal(8, NOISE).repeat_interleave(8, 0)
    return game.generator(game.join(noise, (torch.arange(8).repeat(8), torch.zeros(64, 2))))


@torch.no_grad()
def meaning(game: InfoGAN, rows: int = measures.ROWS) -> dict[str, Any]:
    """What the codes came to mean on fresh samples of a game whose generator is settled.

    accuracy, class_nats: of the category against the classes that the book's classifier sees, after the best
    assignment, and the information between the two; read_nats: the bound of what the reader reads of the category, and
    continuous_nats of each continuous code. slant, thickness: the correlation of each continuous code with these
    measures of the picture, within categories. frechet: to the 2,000 test images in the classifier's features.
    """
    judge, test = pretrained.load("classifier_mnist"), images.mnist("test").images
    codes = game.codes(rows)
    pictures = metrics.by_batches(game.generator, game.join(draws.normal(rows, game.noise), codes))
    seen = metrics.by_batches(judge, pictures).argmax(1)
    matched = matched_codes(codes[0], seen, game.categories)
    bound = game.bound_of(metrics.by_batches(game.discriminator.read, pictures), codes)  # type: ignore[arg-type]
    found: dict[str, Any] = {"accuracy": matched.accuracy, "class_nats": matched.information,
                             "read_nats": bound.category, "continuous_nats": list(bound.continuous)}
    for name, measure in (("slant", slant), ("thickness", thickness)):
        found[name] = [correlation_within(code, measure(pictures), codes[0]) for code in codes[1].T]
    features, real = (metrics.by_batches(judge.features, x) for x in (pictures, test))
    return found | {"frechet": metrics.frechet_distance(features, real),
                    "classes": torch.bincount(seen, minlength=10).tolist()}


def measure(network: Any) -> dict[str, Any]:
    game = game_of(network["generator"], network["reader"])
    found = meaning(game)
    samples = metrics.by_batches(game.generator, game.latents(measures.ROWS))
    return measures.pictures(samples, "mnist") | {"codes": {
        **{key: value for key, value in found.items() if key not in ("frechet", "classes")}, "what": (
            " ".join(line.strip() for line in (meaning.__doc__ or "").splitlines()[2:-1]))}}


RECIPE = Recipe(
    title="handwritten digits with readable codes, and their reader", data="mnist, the 10,000 embedded training images",
    make=make, samples=rows_of_codes, measure=measure,
    settings={"loss": "non_saturating", "r1": R1, "noise": NOISE, "strength": STRENGTH, "weight": 1.0, "std": 0.5,
              **TRAINING},
    note="The generator's latents are 16 noises, a one-hot category of ten times 3, and two continuous codes from "
         "-1 to 1. Seed 0 was chosen before any was trained.")
