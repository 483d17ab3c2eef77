"""The judge of articles of clothing: a classifier of 76,000 parameters (chapter 12). 90 s of one core."""

from pathlib import Path
from typing import Any

from torch import nn

from ganlib.data import images
from ganlib.networks.classifier import Classifier, fit
from ganlib.pretrained import measures
from ganlib.pretrained.recipe import Recipe

TRAINING: dict[str, Any] = {"seed": 0, "steps": 5000, "batch": 128, "lr": 3e-3, "weight_decay": 1e-3,
                            "smoothing": 0.1, "reach": 2}


def make(work: Path) -> nn.Module:
    return fit(Classifier(), images.fashion_mnist(), **TRAINING)


RECIPE = Recipe(
    title="a judge of articles of clothing", data="fashion_mnist, the 10,000 embedded training images", make=make,
    samples=None, measure=lambda network: measures.classifier(network, "fashion_mnist"),
    settings=TRAINING,
    note="Trained without checkpoints. Its 64 features are the space of the book's Fréchet distances.")
