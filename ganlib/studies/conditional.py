"""Six ways of telling the class, and real pictures, over eight seeds (chapter 13). About 10 minutes of one core.

Every run is the same but for what its variant says: the garments that come with the book, the same generator, `STEPS`
steps of `BATCH` pictures, Adam, the average of the generator's weights at the end.
"""

from typing import Any

import torch
from torch import Tensor

from ganlib import metrics, pretrained
from ganlib.data import fashion_mnist
from ganlib.games import AuxiliaryClassifier, Conditional
from ganlib.networks.classifier import accuracy
from ganlib.networks.conditional import ConditionalDiscriminator, ConditionalGenerator
from ganlib.studies import Study
from ganlib.training import train

STEPS, BATCH, RATES, BETAS, DECAY = 600, 32, (1e-3, 4e-3), (0.5, 0.99), 0.99
LATENT, CHANNELS, WIDTHS = 32, (48, 16), (12, 24)
EACH = 200  # pictures of each class that are judged: as many as there are embedded test pictures

VARIANTS: dict[str, tuple[str, ...]] = {  # how D is told, and who teaches its classifier
    "not told": ("none",), "concatenated": ("concatenated",), "embedded": ("embedded",), "projection": ("projection",),
    "AC-GAN": ("auxiliary", "both"), "AC-GAN, C taught by real": ("auxiliary", "real"), "real pictures": ()}


def game(way: str, taught_by: str = "") -> Conditional:
    """The two players of a variant."""
    players = (ConditionalGenerator(LATENT, channels=CHANNELS), ConditionalDiscriminator(way, channels=WIDTHS))
    return AuxiliaryClassifier(*players, latent=LATENT, taught_by=taught_by) if taught_by else \
        Conditional(*players, latent=LATENT)


def trained(variant: tuple[str, ...], seed: int, device: str | None = "cpu") -> Conditional:
    """The game of a variant after its training."""
    play = game(*variant)
    train(play, fashion_mnist().labelled(), steps=STEPS, seed=seed, batch=BATCH, lr=RATES, betas=BETAS, ema_decay=DECAY,
          device=device, progress=False)
    assert play.average is not None
    play.average.eval()  # batch norm with its averages: a batch of one class has other statistics
    return play


def labels() -> Tensor:
    """`EACH` of every class, (2000,)."""
    return torch.arange(10).repeat_interleave(EACH)


def generated(play: Conditional) -> Tensor:
    """`EACH` pictures of every class from the averaged generator, in the order of `labels`."""
    torch.manual_seed(0)
    return torch.cat([play.generate(len(part), average=True, labels=part).cpu() for part in labels().split(500)])


def real(seed: int) -> Tensor:
    """As many training pictures, for the floor."""
    data, found = fashion_mnist(), []
    torch.manual_seed(seed)
    for k in range(10):
        own = data.images[data.labels == k]
        found.append(own[torch.randperm(len(own))[:EACH]])
    return torch.cat(found)


def judged(samples: Tensor) -> dict[str, Any]:
    """Pictures in the order of `labels`, as an independent classifier of garments sees them.

    accuracy: share that show the class that was asked for. frechet: distance to the 2,000 test pictures.
    within:   mean over the classes of the distance to the class's 200 test pictures.
    coverage: of each class's test pictures by its own samples, k = 5, ten numbers.
    """
    classifier: Any = pretrained.load("classifier_fashion")
    test = fashion_mnist("test")
    features, others = (metrics.by_batches(classifier.features, x) for x in (samples, test.images))
    pairs = [(features[labels() == k], others[test.labels == k]) for k in range(10)]
    return {"accuracy": metrics.class_coverage(metrics.by_batches(classifier, samples), labels()).accuracy,
            "frechet": metrics.frechet_distance(features, others),
            "within": sum(metrics.frechet_distance(*pair) for pair in pairs) / 10,
            "coverage": [metrics.precision_recall_density_coverage(own, mine).coverage for mine, own in pairs]}


def run(variant: tuple[str, ...], seed: int) -> dict[str, Any]:
    """Train one variant from one seed and judge its pictures; without training, real ones.

    The classifier has learned from the training pictures, so the accuracy of real ones is that of the test pictures.
    """
    if variant:
        return judged(generated(trained(variant, seed)))
    test = fashion_mnist("test")
    return judged(real(seed)) | {"accuracy": accuracy(pretrained.load("classifier_fashion"), test)}


STUDY = Study(VARIANTS, range(8), run)
