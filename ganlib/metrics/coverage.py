"""How many modes, or classes, do the samples cover?"""

from typing import Any, NamedTuple

import torch

from ganlib import checks


class ModeCoverage(NamedTuple):
    """What `mode_coverage` returns."""

    modes: int  # modes with at least one high-quality sample
    high_quality: float  # share of samples within 3 std of the nearest mode, 0 to 1
    reverse_kl: float  # KL(share of samples per nearest mode ‖ equal shares), in nats


def mode_coverage(samples: Any, centers: Any, std: float) -> ModeCoverage:
    """How many modes of a mixture of equal Gaussians the samples cover, by the published protocol.

    samples: (n, d); centers: (K, d); std: the mixture's standard deviation, same units. Published with n = 2,500.
    A perfect sampler in two dimensions has high_quality = 1 − e^(−4.5) ≈ 0.989 on average, and reverse_kl of about
    (K − 1) / 2n: the ceiling and the floor to compare with.
    Source: Srivastava et al. 2017, section 4.1; Lin et al. 2018, section 4.1 (reverse KL).
    """
    samples, centers = (checks.numbers("mode_coverage", name, value, dims=2, dtype=torch.float64)
                        for name, value in (("samples", samples), ("centers", centers)))
    if samples.shape[1] != centers.shape[1]:
        raise ValueError(f"mode_coverage: samples and centers must have one dimension, got shapes "
                         f"{tuple(samples.shape)} and {tuple(centers.shape)}")
    checks.number("mode_coverage", "std", std, above=0)
    distance, nearest = torch.cdist(samples, centers, compute_mode="donot_use_mm_for_euclid_dist").min(1)  # (n,), (n,)
    good = distance <= 3 * std
    k = len(centers)
    share = torch.bincount(nearest, minlength=k).double() / len(samples)
    reverse_kl = torch.special.xlogy(share, share * k).sum()
    return ModeCoverage(len(nearest[good].unique()), float(good.double().mean()), float(reverse_kl))


class ClassCoverage(NamedTuple):
    """What `class_coverage` returns."""

    shares: tuple[float, ...]  # of the samples, one a class
    classes: int  # classes with at least a tenth of the share they should have
    kl: float  # KL(shares ‖ shares they should have), in nats: 0 where they agree
    accuracy: float | None  # share of samples that show the class that was wanted; None if none was


def class_coverage(logits: Any, wanted: Any = None, *, shares: Any = None) -> ClassCoverage:
    """Which classes do the samples show, by the answers of a classifier that had no part in making them?

    logits: (n, K), the classifier's, of any scale: the largest counts. wanted: (n,), the labels the generator was
    given. shares: (K,), what the shares should be, above 0 (they are made to sum to 1); by default all equal. The
    classifier's own errors are part of every number: measure real data of the same size as well.
    """
    logits = checks.numbers("class_coverage", "logits", logits, dims=2, dtype=torch.float64)
    n, k = logits.shape
    should = torch.ones(k, dtype=torch.float64) if shares is None else checks.numbers(
        "class_coverage", "shares", shares, dims=1, dtype=torch.float64)
    if should.shape != (k,) or bool((should <= 0).any()):
        raise ValueError(f"class_coverage: shares must be {k} numbers above 0, one a class, got {should.tolist()}")
    should = should / should.sum()
    found = logits.argmax(1)
    share = torch.bincount(found, minlength=k).double() / n
    accuracy = None
    if wanted is not None:
        labels = torch.as_tensor(wanted).cpu()
        if labels.shape != (n,) or labels.is_floating_point():
            raise ValueError(f"class_coverage: wanted must be {n} whole numbers, one a row of logits, got shape "
                             f"{tuple(labels.shape)} of {labels.dtype}")
        accuracy = float((found == labels).double().mean())
    return ClassCoverage(tuple(share.tolist()), int((share >= 0.1 * should).sum()),
                         float(torch.special.xlogy(share, share / should).sum()), accuracy)
