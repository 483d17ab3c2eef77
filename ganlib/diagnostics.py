"""What to look at while a GAN trains: accuracy, logits, gradient norms, calibration, and what D's logits estimate.

Each is a plain function; most fit as probes: ``train(…, probes={"accuracy": lambda game: accuracy(game, data)})``.
"""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ganlib import checks
from ganlib.games import Game


def logits(game: Game, data: Any, rows: int = 1024) -> tuple[Tensor, Tensor]:
    """The discriminator's logits on fresh real and fresh generated samples, each (rows / pack,), no gradient."""
    with torch.no_grad():
        real = game.logits(data.sample(rows).to(**game.place))
        return real.flatten(), game.logits(game.generate(rows)).flatten()


def _exact(values: Tensor) -> Tensor:
    """In float64; on the CPU, because Apple's MPS has none."""
    return values.detach().cpu().double()


def accuracy(game: Game, data: Any, rows: int = 1024) -> float:
    """Share of samples the discriminator gets right at threshold ½, real and generated in equal parts, 0 to 1."""
    real, fake = logits(game, data, rows)
    return float(_exact(real > 0).mean() + _exact(fake <= 0).mean()) / 2


def held_out_value(game: Game, data: Any, rows: int = 4096) -> float:
    """E log D(x) + E log(1 − D(G(z))) on fresh samples, in nats.

    Its expectation is the game's value V(D, G), so up to sampling error it is at most V(D*, G) = 2·JSD − 2 log 2
    (Goodfellow et al. 2014, eqs. 1 and 6): a lower bound for the divergence between data and generator.
    """
    real, fake = logits(game, data, rows)
    return float(-softplus(-_exact(real)).mean() - softplus(_exact(fake)).mean())


def gradient_norm(value: Tensor, parameters: Iterable[Tensor]) -> float:
    """Euclidean norm of the gradient of a scalar by all the parameters together; their ``.grad`` is left alone."""
    if checks.tensor("gradient_norm", "value", value).numel() != 1 or not value.requires_grad:
        raise ValueError(f"gradient_norm: value must be a scalar with a gradient, got shape {tuple(value.shape)}, "
                         f"requires_grad={value.requires_grad}")
    gradients = torch.autograd.grad(value, list(parameters), retain_graph=True, allow_unused=True)
    return math.hypot(*(float(_exact(g).norm()) for g in gradients if g is not None))


class Calibration(NamedTuple):
    """What `calibration` returns: per bin of predicted probability."""

    predicted: Tensor  # mean predicted probability in the bin, NaN where the bin is empty
    observed: Tensor  # share of real samples in the bin, NaN where the bin is empty
    counts: Tensor  # samples in the bin
    error: float  # expected calibration error: Σ counts/n · |observed − predicted|


def calibration(real_logits: Tensor, fake_logits: Tensor, bins: int = 10) -> Calibration:
    """Does "D says 0.7" mean that 70 % of such samples are real? Equal-width bins of σ(logit).

    real_logits, fake_logits: any shapes. Source: Guo et al. 2017, eqs. 1 to 3.
    """
    checks.count("calibration", "bins", bins)
    for name, value in (("real_logits", real_logits), ("fake_logits", fake_logits)):
        checks.finite("calibration", name, checks.tensor("calibration", name, value))
    scores = _exact(torch.cat([real_logits.flatten(), fake_logits.flatten()]))
    probability = torch.sigmoid(scores)
    is_real = torch.zeros_like(probability)
    is_real[: real_logits.numel()] = 1
    index = (probability * bins).long().clamp(max=bins - 1)
    counts = torch.bincount(index, minlength=bins)
    predicted = torch.bincount(index, probability, minlength=bins) / counts
    observed = torch.bincount(index, is_real, minlength=bins) / counts
    gap = (observed - predicted).abs()[counts > 0]
    return Calibration(predicted, observed, counts, float((counts[counts > 0] * gap).sum() / len(scores)))


def kullback_leibler_from_logits(real_logits: Tensor) -> tuple[float, float]:
    """Estimate KL(p_data‖p_g) as the mean logit on real samples, and the estimate's standard error, in nats.

    At the optimal discriminator the logit is log(p_data/p_g) exactly; a trained one adds its own error to that of
    sampling, and only the second is in the standard error. Source: Sugiyama, Suzuki & Kanamori 2012.
    """
    checks.tensor("kullback_leibler_from_logits", "real_logits", real_logits)
    values = _exact(checks.finite("kullback_leibler_from_logits", "real_logits", real_logits)).flatten()
    if len(values) < 2:
        raise ValueError("kullback_leibler_from_logits: real_logits must hold at least 2 values, got 1")
    return float(values.mean()), float(values.std() / len(values) ** 0.5)
