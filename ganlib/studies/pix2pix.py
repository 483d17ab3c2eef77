"""Five ways to turn line drawings into garments, over eight seeds (chapter 15). About 10 minutes of one core.

Every run is the same but for what its variant says: the pairs that come with the book, the same widths, `STEPS` steps
of `BATCH` pairs, Adam with a falling rate. Measured is on the 2,000 pairs of the test split, which no run has seen.
"""

from dataclasses import dataclass
from typing import Any

from ganlib import metrics, pretrained
from ganlib.data import edges_to_garments
from ganlib.games import PairedTranslation
from ganlib.networks.translation import PatchDiscriminator, UNet
from ganlib.pretrained.recipes.pix2pix_fashion import judged
from ganlib.studies import Study
from ganlib.training import History, cosine, train

STEPS, BATCH, RATE, BETAS = 300, 16, cosine(2e-3, 1e-4), (0.5, 0.999)
CHANNELS, WIDTHS = (16, 32, 64), (16, 32)  # of the translator and of the judge, whose patches are 16 × 16


@dataclass(frozen=True)
class Variant:
    """What is different: the two weights, whether the judge is shown the drawing, whether the U-Net has its skips."""

    l1: float = 30.0
    adversarial: float = 1.0
    told: bool = True
    skips: bool = True


VARIANTS = {"L1 alone": Variant(adversarial=0.0), "L1 + judge": Variant(), "judge alone": Variant(l1=0.0),
            "judge not told": Variant(l1=0.0, told=False), "no skips": Variant(skips=False)}


def game(variant: Variant) -> PairedTranslation:
    """The players of a variant. A judge that counts nothing is as small as a judge can be."""
    judge = PatchDiscriminator(1 + variant.told, WIDTHS) if variant.adversarial else PatchDiscriminator(2, (1,), 1)
    return PairedTranslation(UNet(channels=CHANNELS, skips=variant.skips), judge, l1=variant.l1,
                             adversarial=variant.adversarial, conditional=variant.told)


def play(variant: Variant, seed: int, steps: int = STEPS, **more: Any) -> History:
    """Train a variant from a seed; more: arguments of `train`."""
    how: dict[str, Any] = {"batch": BATCH, "lr": RATE, "betas": BETAS, "device": "cpu", "progress": False}
    return train(game(variant), edges_to_garments(), steps=steps, seed=seed, **how | more)


def measured(played: Any) -> dict[str, Any]:
    """What a trained game makes of the 2,000 drawings of the test split, measured as in `judged`."""
    drawings = edges_to_garments("test").inputs
    return judged(metrics.by_batches(played.translate, drawings), pretrained.load("classifier_fashion"))


def run(variant: Variant, seed: int) -> dict[str, Any]:
    """Train one variant from one seed and measure it."""
    return measured(play(variant, seed).game)


STUDY = Study(VARIANTS, range(8), run)
