"""Losses on logits: the table of chapter 10 as code.

A loss is a named pair of functions, one per player, each a scalar TO MINIMISE. Logits, never probabilities:
with D = σ(l), log D = −softplus(−l) and log(1 − D) = −softplus(l) are exact for every l, while the logarithm of a
computed sigmoid is −∞ as soon as the sigmoid rounds to 0 or 1.

Any loss goes with any penalty (`ganlib.penalties`) and any networks.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from ganlib import checks
from ganlib.draws import batch_mean as mean


class Loss(NamedTuple):
    """``discriminator(real_logits, fake_logits)`` and ``generator(fake_logits, real_logits=None)``, to minimise.

    Logits: any shape, at least one element; the answer is the mean, a 0-dim tensor.
    relativistic: the generator's loss needs the real logits too.
    """

    name: str
    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[..., Tensor]
    relativistic: bool = False


def _pair(name: str, discriminator: Callable[[Tensor, Tensor], Tensor], generator: Callable[..., Tensor],
          relativistic: bool = False) -> Loss:
    """A `Loss` from two formulas per sample: check the input, take the mean."""

    def d_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        checks.tensor(f"{name}.discriminator", "real_logits", real_logits)
        checks.tensor(f"{name}.discriminator", "fake_logits", fake_logits)
        if relativistic:
            checks.same_shape(f"{name}.discriminator", real_logits=real_logits, fake_logits=fake_logits)
        return discriminator(real_logits, fake_logits)

    def g_loss(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
        checks.tensor(f"{name}.generator", "fake_logits", fake_logits)
        if not relativistic:
            return generator(fake_logits)
        if real_logits is None:
            raise ValueError(f"{name}.generator: real_logits is missing; this loss compares fake with real samples")
        checks.tensor(f"{name}.generator", "real_logits", real_logits)
        checks.same_shape(f"{name}.generator", fake_logits=fake_logits, real_logits=real_logits)
        return generator(fake_logits, real_logits)

    return Loss(name, d_loss, g_loss, relativistic)


def _classify(real: Tensor, fake: Tensor) -> Tensor:
    return mean(softplus(-real)) + mean(softplus(fake))  # −E log D(x) − E log(1 − D(G(z)))


# Goodfellow et al. 2014, eq. 1: the generator minimises E log(1 − D(G(z))) = −E softplus(l).
minimax = _pair("minimax", _classify, lambda fake: -mean(softplus(fake)))

# Goodfellow et al. 2014, end of section 3: the generator minimises −E log D(G(z)) instead.
non_saturating = _pair("non_saturating", _classify, lambda fake: mean(softplus(-fake)))

# Mao et al. 2017, eq. 2 with the 0-1 coding a = 0, b = c = 1 (eq. 9).
least_squares = _pair(
    "least_squares",
    lambda real, fake: (mean((real - 1).square()) + mean(fake.square())) / 2,
    lambda fake: mean((fake - 1).square()) / 2,
)

# Lim & Ye 2017; Miyato et al. 2018, eqs. 16 and 17.
hinge = _pair(
    "hinge",
    lambda real, fake: mean(relu(1 - real)) + mean(relu(1 + fake)),
    lambda fake: -mean(fake),
)

# Arjovsky, Chintala & Bottou 2017, eqs. 2 and 3: the critic maximises E f(x) − E f(G(z)).
wasserstein = _pair(
    "wasserstein",
    lambda real, fake: mean(fake) - mean(real),
    lambda fake: -mean(fake),
)

# Jolicoeur-Martineau 2018, the paired form (RpGAN): is the real sample more real than the fake one?
relativistic = _pair(
    "relativistic",
    lambda real, fake: mean(softplus(fake - real)),
    lambda fake, real: mean(softplus(real - fake)),
    relativistic=True,
)

ALL: dict[str, Loss] = {
    loss.name: loss for loss in (minimax, non_saturating, least_squares, hinge, wasserstein, relativistic)
}


def probability(logits: Tensor) -> Tensor:
    """D = σ(l), the probability that a sample is real; same shape as the logits."""
    return torch.sigmoid(checks.tensor("probability", "logits", logits))
