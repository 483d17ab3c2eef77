"""What the codes of an InfoGAN come to mean on digits (chapter 14): three ways to play, eight seeds each.

    loud      the category enters with the strength of the noise, and the reader is listened to
    quiet     the same, but the category is one faint input among many
    unpaid    loud, but λ = 0: the reader watches, and the generator takes no notice
"""

from typing import Any

import torch

from ganlib import losses, penalties
from ganlib.data import mnist
from ganlib.games import InfoGAN
from ganlib.networks.dcgan import DCGANGenerator
from ganlib.networks.infogan import InfoDiscriminator
from ganlib.pretrained.recipes.infogan_mnist import meaning
from ganlib.studies import Study
from ganlib.training import History, cosine, train

NOISE = 12
STEPS = 1800
VARIANTS: dict[str, dict[str, Any]] = {"loud": {"strength": 3.0, "weight": 1.0},
                                         "quiet": {"strength": 1.0, "weight": 1.0},
                                         "unpaid": {"strength": 3.0, "weight": 0.0}}


def game_of(settings: dict[str, Any]) -> InfoGAN:
    """The players of a variant, small enough for a notebook."""
    return InfoGAN(DCGANGenerator(NOISE + 12, (32, 16)), InfoDiscriminator(channels=(16, 32, 64)), noise=NOISE,
                   loss=losses.non_saturating, penalty=lambda critic, real, fake: penalties.r1(critic, real, 1.0),
                   **settings)


def play(settings: dict[str, Any], seed: int, **more: Any) -> History:
    """Train a variant from a seed; more: arguments of `train`."""
    how: dict[str, Any] = {"steps": STEPS, "batch": 32, "lr": cosine(2e-3, 2e-4), "betas": (0.5, 0.99),
                           "penalty_every": 8, "ema_decay": 0.99, "device": "cpu", "progress": False}
    return train(game_of(settings), mnist(), seed=seed, **how | more)


def measured(game: Any) -> dict[str, Any]:
    """`meaning` of a trained game, with the moving average of its generator."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        game.generator = game.settled()
        game.discriminator.eval()
        return meaning(game)


def run(settings: dict[str, Any], seed: int) -> dict[str, Any]:
    """One run and what its codes came to mean, judged by the network "classifier_mnist"."""
    return measured(play(settings, seed).game)


STUDY = Study(VARIANTS, range(8), run)
