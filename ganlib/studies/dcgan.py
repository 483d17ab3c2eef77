"""The guidelines of DCGAN, each left out, and three common errors put in, over eight seeds (chapter 11).

About 25 minutes of one core. Every run is the same but for what its variant says: the digits that come with the book,
`STEPS` steps of `BATCH` pictures, Adam with one rate for both players.
"""

from typing import Any

import torch
from torch import Tensor

from ganlib import metrics, pretrained
from ganlib.data import Images, mnist
from ganlib.games import Game
from ganlib.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from ganlib.studies import Study
from ganlib.training import train

STEPS, BATCH, RATE, BETAS = 1500, 16, 2e-3, (0.5, 0.99)
LATENT, WIDTHS = 32, (32, 16)  # the generator's channels; the discriminator has them the other way round
SAMPLES = 2000  # pictures judged

VARIANTS: dict[str, dict[str, Any]] = {
    "all guidelines": {},
    "pooling": {"generator": {"upsample": True}, "discriminator": {"pool": True}},
    "no batch norm": {"generator": {"batch_norm": False}, "discriminator": {"batch_norm": False}},
    "batch norm everywhere": {"generator": {"batch_norm": "everywhere"}, "discriminator": {"batch_norm": "everywhere"}},
    "ReLU in D": {"discriminator": {"slope": 0.0}},
    "β₁ = 0.9": {"betas": (0.9, 0.99)},
    "scales around 0": {"generator": {"scale": 0.0}, "discriminator": {"scale": 0.0}},
    "one batch in D": {"together": True},
    "pixels in [0, 1]": {"low": 0.0},
}


class Together(Game):
    """A game whose discriminator meets real and generated pictures in one batch, so that batch norm mixes them."""

    def discriminator_loss(self, real: Tensor) -> Tensor:
        with torch.no_grad():
            fake = self.generator(self.latents(len(real)))
        logits = self.discriminator(torch.cat([real, fake]))
        return self.loss.discriminator(logits[:len(real)], logits[len(real):])


def game(variant: dict[str, Any]) -> Game:
    """The two players of a variant."""
    generator = DCGANGenerator(LATENT, WIDTHS, **variant.get("generator", {}))
    discriminator = DCGANDiscriminator(WIDTHS[::-1], **variant.get("discriminator", {}))
    return (Together if variant.get("together") else Game)(generator, discriminator, latent=LATENT)


def judged(samples: Tensor) -> dict[str, Any]:
    """Pictures (n, 1, 28, 28) in [−1, 1] against the 2,000 held-out digits, in the features of the book's classifier.

    frechet: Fréchet distance. precision, recall: as in Kynkäänniemi et al. 2019, k = 3: how many pictures look real,
    how much of what is real is drawn. class_kl: KL of the classes' shares to equal ones, in nats.
    """
    classifier: Any = pretrained.load("classifier_mnist")
    real, fake = (metrics.by_batches(classifier.features, x) for x in (mnist("test").images, samples))
    overlap = metrics.precision_recall_density_coverage(real, fake, k=3)
    return {"frechet": metrics.frechet_distance(fake, real), "precision": overlap.precision, "recall": overlap.recall,
            "class_kl": metrics.class_coverage(metrics.by_batches(classifier, samples)).kl}


def trained(variant: dict[str, Any], seed: int) -> Game:
    """The game of a variant after its training."""
    digits, low, play = mnist(), variant.get("low", -1.0), game(variant)
    if low == 0.0:
        digits = Images((digits.images + 1) / 2, digits.labels, digits.classes)
    train(play, digits, steps=STEPS, seed=seed, batch=BATCH, lr=RATE, betas=variant.get("betas", BETAS), device="cpu",
          progress=False)
    return play


def run(variant: dict[str, Any], seed: int) -> dict[str, Any]:
    """Train one variant from one seed and judge `SAMPLES` of its pictures, drawn with batch norm as in training."""
    play, low = trained(variant, seed), variant.get("low", -1.0)
    torch.manual_seed(0)
    samples = torch.cat([play.generate(500) for _ in range(SAMPLES // 500)])  # (2000, 1, 28, 28)
    return judged(((samples - low) / (1 - low) * 2 - 1).clamp(-1, 1))


STUDY = Study(VARIANTS, range(8), run)
