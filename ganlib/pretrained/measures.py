"""What recipes measure on pictures: distances to real ones, classes, copies; beside each what real pictures get."""

import functools
from typing import Any

import torch
from torch import Tensor

from ganlib import checks, draws, metrics, pretrained
from ganlib.data import images

DATA = {"mnist": (images.mnist, "classifier_mnist"), "fashion_mnist": (images.fashion_mnist, "classifier_fashion")}
ROWS = 2000  # pictures a measure compares: as many as there are embedded test images
AXES = 64  # principal components of the pixels
WHAT = (
    "Of the samples (generated) and of 2,000 training images (floor), compared with the 2,000 test images. frechet: "
    "Fréchet distance in the features of the classifier; frechet_pixels: on the first 64 principal components of the "
    "training pixels; neither is FID. precision, recall (k = 3): in the classifier's features. classes: samples that "
    "the classifier takes for each class; class_kl: KL of their shares to equal ones, in nats. nearest_distance: "
    "median distance of the pixels to the nearest training image, of samples and of test images (floor); "
    "nearest_class: samples whose nearest training image has each class.")
WHAT_ACCURACY = " accuracy: share that the classifier takes for the class that was wanted; floor: of test images."


def generator(network: Any, data: str) -> dict[str, Any]:
    """Measures of a generator of latents alone, on `ROWS` samples; see `pictures`."""
    return pictures(metrics.by_batches(network, draws.normal(ROWS, network.latent)), data)


class _Real:
    """What real pictures give, computed once a set: features, principal axes, floors."""

    def __init__(self, data: str) -> None:
        load, judge = DATA[data]
        train, test = load("train"), load("test")
        self.classifier, self.labels, self.classes = pretrained.load(judge), train.labels, len(train.classes)
        self.pixels, some = train.images.flatten(1), train.images[:ROWS]  # the images are in random order
        whole = self.pixels.double()
        self.middle = whole.mean(0)
        self.axes = torch.linalg.eigh(torch.cov(whole.T)).eigenvectors[:, -AXES:]  # of the largest variances
        self.features, self.projected = self.seen(test.images), self.project(test.images)
        self.accuracy = metrics.class_coverage(self.logits(test.images), test.labels).accuracy
        self.distance = float(self.nearest(test.images)[0].median())
        self.floor = self.measured(some)

    def logits(self, x: Tensor) -> Tensor:
        return metrics.by_batches(self.classifier, x)

    def seen(self, x: Tensor) -> Tensor:
        return metrics.by_batches(self.classifier.features, x)

    def project(self, x: Tensor) -> Tensor:
        return (x.flatten(1).double() - self.middle) @ self.axes

    def nearest(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The distance to the nearest training image and its number, (n,) and (n,)."""
        distance, number = torch.cdist(x.flatten(1), self.pixels).min(1)
        return distance, number

    def measured(self, x: Tensor) -> dict[str, float]:
        """The measures that generated and real pictures are compared by."""
        features = self.seen(x)
        overlap = metrics.precision_recall_density_coverage(self.features, features, k=3)
        return {"frechet": metrics.frechet_distance(features, self.features),
                "precision": overlap.precision, "recall": overlap.recall,
                "class_kl": metrics.class_coverage(self.logits(x)).kl,
                "frechet_pixels": metrics.frechet_distance(self.project(x), self.projected)}


_real = functools.cache(_Real)


@torch.no_grad()
def pictures(samples: Tensor, data: str, wanted: Tensor | None = None) -> dict[str, Any]:
    """Measures of pictures (n, 1, 28, 28) in [−1, 1] against the embedded images of a set, a key of `DATA`.

    wanted: (n,) the classes that the pictures should show. What is measured says the entry ``what``.
    """
    checks.tensor("measures.pictures", "samples", samples, dims=4)
    real = _real(checks.one_of("measures.pictures", "data", data, DATA))
    coverage = metrics.class_coverage(real.logits(samples), wanted)
    distance, number = real.nearest(samples)
    found: dict[str, Any] = {
        "samples": len(samples),
        **{key: {"generated": value, "floor": real.floor[key]} for key, value in real.measured(samples).items()},
        "classes": [round(share * len(samples)) for share in coverage.shares],
        "nearest_class": torch.bincount(real.labels[number], minlength=real.classes).tolist(),
        "nearest_distance": {"generated": float(distance.median()), "floor": real.distance},
    }
    if wanted is not None:
        found["accuracy"] = {"generated": coverage.accuracy, "floor": real.accuracy}
    return found | {"what": WHAT if wanted is None else WHAT + WHAT_ACCURACY}


@torch.no_grad()
def classifier(network: Any, data: str) -> dict[str, Any]:
    """Measures of a classifier: how often it is right, and how far apart two sets of real pictures are for it."""
    load, _ = DATA[checks.one_of("measures.classifier", "data", data, DATA)]
    real, test = load("train"), load("test")
    right = {split: metrics.class_coverage(metrics.by_batches(network, part.images), part.labels).accuracy
             for split, part in (("training", real), ("test", test))}
    some, other = (metrics.by_batches(network.features, x) for x in (real.images[:ROWS], test.images))
    return {"accuracy": right, "frechet": {"floor": metrics.frechet_distance(some, other)},
            "what": "accuracy: share of the 10,000 training and of the 2,000 test images whose class it finds. "
                    "frechet: Fréchet distance of 2,000 training images to the 2,000 test images in its features."}
