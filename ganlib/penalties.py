"""Gradient penalties: what is added to the discriminator's loss to keep its slope in check.

Each takes any callable critic (samples in, one score per sample out) and samples of any shape (n, …), and returns a
0-dim tensor to add to the loss. One norm per SAMPLE, over all its entries: a norm over the batch, or one per pixel,
is the most common bug in the field, and `tests/test_penalties.py` has a linear critic that tells them apart.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ganlib import checks, draws
from ganlib.draws import batch_mean as mean

Critic = Callable[[Tensor], Tensor]


def squared_slope(critic: Critic, x: Tensor) -> Tensor:
    """‖∇ₓ critic(x)‖² of each sample, shape (n,), differentiable in the critic's parameters.

    x is taken as a constant: no gradient flows back into whatever made the samples.
    """
    x = x.detach().requires_grad_()
    scores = critic(x)
    if scores.shape[:1] != x.shape[:1] or scores.numel() != len(x):
        raise ValueError(f"penalty: critic must give one score per sample, got {tuple(scores.shape)} for "
                         f"samples of shape {tuple(x.shape)}")
    # Scores of different samples do not depend on each other, so the gradient of their sum holds one row per sample.
    # (A critic with batch normalisation breaks this: then these are not its slopes.)
    (slope,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
    return slope.flatten(1).square().sum(1)


def r1(critic: Critic, real: Tensor, weight: float) -> Tensor:
    """R1 = weight/2 · E ‖∇f(x)‖² over real samples (n, …). Source: Mescheder et al. 2018, eq. 9 (weight = γ)."""
    checks.tensor("r1", "real", real)
    return checks.number("r1", "weight", weight, least=0) / 2 * mean(squared_slope(critic, real))


def r2(critic: Critic, fake: Tensor, weight: float) -> Tensor:
    """R2 = weight/2 · E ‖∇f(x)‖² over generated samples (n, …). Source: Mescheder et al. 2018, eq. 10."""
    checks.tensor("r2", "fake", fake)
    return checks.number("r2", "weight", weight, least=0) / 2 * mean(squared_slope(critic, fake))


def gradient_penalty(critic: Critic, real: Tensor, fake: Tensor, weight: float = 10.0,
                     center: float = 1.0) -> Tensor:
    """weight · E (‖∇f(x̂)‖ − center)² at x̂ = ε·real + (1 − ε)·fake, one ε ~ U[0, 1] and one norm per sample.

    real, fake: one shape (n, …). Source: Gulrajani et al. 2017, eq. 3 and algorithm 1 (weight = λ, center = 1);
    with center = 0 the zero-centred penalty of Thanh-Tung et al. 2019.
    """
    checks.tensor("gradient_penalty", "real", real)
    checks.tensor("gradient_penalty", "fake", fake)
    checks.same_shape("gradient_penalty", real=real, fake=fake)
    weight = checks.number("gradient_penalty", "weight", weight, least=0)
    center = checks.number("gradient_penalty", "center", center, least=0)
    eps = draws.uniform(len(real), *[1] * (real.dim() - 1), device=real.device).to(real.dtype)  # (n, 1, …)
    between = eps * real.detach() + (1 - eps) * fake.detach()
    norm = squared_slope(critic, between).clamp_min(1e-24).sqrt()  # the square root has no gradient at 0
    return weight * mean((norm - center).square())


def clip(limit: float) -> Callable[[nn.Module], None]:
    """A constraint for `Game`: after each update every parameter is put back into [−limit, limit].

    Source: Arjovsky et al. 2017, algorithm 1 (limit = c = 0.01).
    """
    limit = checks.number("clip", "limit", limit, above=0)

    def constraint(critic: nn.Module) -> None:
        for parameter in critic.parameters():
            parameter.clamp_(-limit, limit)  # inside torch.no_grad(), which the loop sees to

    return constraint
