"""How good are the samples? Exact answers for toy mixtures (image metrics come with chapter 12)."""

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
