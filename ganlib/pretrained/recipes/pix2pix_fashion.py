"""Garments from line drawings by pix2pix, with and without its judge (chapter 15). 10 minutes of one core."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from ganlib import metrics, pretrained
from ganlib.data import Pairs, edges, edges_to_garments, fashion_mnist
from ganlib.games import PairedTranslation
from ganlib.networks.translation import PatchDiscriminator, UNet
from ganlib.pretrained.recipe import Recipe
from ganlib.training import cosine, train

L1 = 30.0  # λ
TRAINING: dict[str, Any] = {"seed": 0, "steps": 4000, "batch": 16, "lr": cosine(1e-3, 1e-5), "betas": (0.5, 0.999)}


def make(work: Path) -> nn.Module:
    judge, nobody = PatchDiscriminator(2, (32, 64)), PatchDiscriminator(2, (1,), kernel=1)
    games = {"judged": PairedTranslation(UNet(), judge, l1=L1),
             "l1": PairedTranslation(UNet(), nobody, l1=L1, adversarial=0.0)}
    for name, game in games.items():
        if train(game, edges_to_garments(), checkpoint=work / name, device="cpu", **TRAINING).interrupted:
            raise KeyboardInterrupt
    return nn.ModuleDict({name: game.generator for name, game in games.items()}).eval()


def samples(network: Any) -> Tensor:
    """The grid, (64, 1, 28, 28), sixteen test pairs in two halves: drawings, targets, with the judge, L1 alone."""
    pairs = edges_to_garments("test")
    x, y = pairs.inputs[:16], pairs.targets[:16]
    sets = x, y, network["judged"](x), network["l1"](x)
    return torch.cat([part[half] for half in (slice(0, 8), slice(8, 16)) for part in sets])


def blank(pairs: Pairs) -> Tensor:
    """Where the drawing says nothing: on the garment, no line within a pixel, (n, 1, 28, 28), true or false."""
    return (max_pool2d(pairs.inputs, 3, 1, 1) < 0) & (pairs.targets > -0.9)


def grain(pictures: Tensor, where: Tensor) -> float:
    """Mean size of the difference of two pixels, one above the other, both of them where it is asked."""
    both = where[:, :, 1:] & where[:, :, :-1]
    return float((pictures[:, :, 1:] - pictures[:, :, :-1]).abs()[both].mean())


def tones(pictures: Tensor, where: Tensor) -> Tensor:
    """Mean grey of each picture where it is asked, (n,)."""
    return (pictures * where).sum((1, 2, 3)) / where.sum((1, 2, 3)).clamp(min=1)


def lines(drawings: Tensor, pictures: Tensor) -> float:
    """How well the lines of pictures are those of the drawings, to one pixel: the harmonic mean of the share of drawn
    lines that the picture has and of the share of the picture's lines that were drawn."""
    drawn, found = drawings > 0, edges(pictures) > 0
    near_drawn, near_found = (max_pool2d(some.float(), 3, 1, 1) > 0 for some in (drawn, found))
    kept, asked = (drawn & near_found).sum() / drawn.sum(), (found & near_drawn).sum() / found.sum().clamp(min=1)
    return float(2 * kept * asked / (kept + asked).clamp(min=1e-9))  # 0 if there are no lines


@torch.no_grad()
def judged(pictures: Tensor, classifier: Any) -> dict[str, Any]:
    """Pictures (2000, 1, 28, 28), translations of the drawings of the test split in their order, measured.

    l1: mean absolute error per pixel. grain: mean size of the vertical pixel step where the drawing is blank, on the
    garment and no line within a pixel. tone: standard deviation over the garments of their mean grey there. lines:
    agreement of the picture's lines with the drawn ones to a pixel, harmonic mean of both shares. frechet: distance of
    the classifier's features to those of the targets. accuracy: share that the classifier takes for the target's class.
    """
    pairs = edges_to_garments("test")
    where = blank(pairs)
    features = (metrics.by_batches(classifier.features, x) for x in (pictures, pairs.targets))
    wanted = fashion_mnist("test").labels
    return {"l1": float((pictures - pairs.targets).abs().mean()), "grain": grain(pictures, where),
            "tone": float(tones(pictures, where).std()), "lines": lines(pairs.inputs, pictures),
            "frechet": metrics.frechet_distance(*features),
            "accuracy": metrics.class_coverage(metrics.by_batches(classifier, pictures), wanted).accuracy}


def measure(network: Any) -> dict[str, Any]:
    """Both translators on the test split; beside them the targets, and training pictures for the Fréchet distance."""
    classifier: Any = pretrained.load("classifier_fashion")
    pairs, train_pairs = edges_to_garments("test"), edges_to_garments()
    found: dict[str, Any] = {name: judged(metrics.by_batches(part, pairs.inputs), classifier)
                             for name, part in network.items()}
    features = (metrics.by_batches(classifier.features, x) for x in (train_pairs.targets[:2000], pairs.targets))
    floor = judged(pairs.targets, classifier) | {"frechet": metrics.frechet_distance(*features)}
    return found | {"floor": floor, "what": (
        "Of the translations of the 2,000 drawings of the test split, with the judge (judged) and without (l1); floor: "
        "of the targets themselves, and its frechet of 2,000 training pictures. "
        + " ".join(line.strip() for line in (judged.__doc__ or "").splitlines()[2:-1]))}


RECIPE = Recipe(
    title="garments from line drawings, with and without a judge",
    data="fashion_mnist, the 10,000 embedded training images, and drawings made of them by `data.edges`", make=make,
    samples=samples, measure=measure,
    settings={"loss": "non_saturating", "l1": L1, "generator": "UNet()",
              "discriminator": "PatchDiscriminator(2, (32, 64)), patches of 16 × 16", **TRAINING},
    note="Two U-Nets of one form, trained from one seed: judged has the judge and λ = 30, l1 the absolute error alone. "
         "Seed 0 was chosen before any was trained.")
