"""f-divergences and their variational bound (Nowozin et al. 2016): the conjugates behind a family of GANs.

D_f(p‖q) = ∫ q f(p/q) dx for a convex f. For every critic T: E_p T − E_q f*(T) ≤ D_f(p‖q), with equality at
T* = f'(p/q); f*(t) = sup_u (u t − f(u)) is the convex conjugate. Here each f-divergence is four functions of tensors.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus
from torch.special import xlogy

from ganlib import checks
from ganlib.theory.divergences import Values, _densities, _scalar, _tensors

LOG2 = math.log(2)


class FDivergence(NamedTuple):
    """One row of the table in chapter 10; each function takes and returns tensors, elementwise.

    f(1) = 0, so that equal densities have divergence 0; only "gan" has f(1) = −log 4, the value of the game at rest.
    """

    name: str
    f: Callable[[Tensor], Tensor]  # of the ratio u = p/q, u > 0
    conjugate: Callable[[Tensor], Tensor]  # f*, on its domain t < top (pearson: for all t >= −2, where u >= 0)
    slope: Callable[[Tensor], Tensor]  # f'(u), the best critic T* where the ratio is u
    activation: Callable[[Tensor], Tensor]  # g(v) = f'(e^v): any output v into the domain; the best v is log(p/q)
    top: float = math.inf  # where the domain of f* ends


F_DIVERGENCES: dict[str, FDivergence] = {row.name: row for row in (
    # KL(p‖q)
    FDivergence("kl", lambda u: xlogy(u, u), lambda t: (t - 1).exp(), lambda u: 1 + u.log(), lambda v: 1 + v),
    # KL(q‖p)
    FDivergence("reverse_kl", lambda u: -u.log(), lambda t: -1 - (-t).log(), lambda u: -1 / u,
                lambda v: -(-v).exp(), 0.0),
    # ∫ (p − q)²/q
    FDivergence("pearson", lambda u: (u - 1).square(), lambda t: t + t.square() / 4, lambda u: 2 * (u - 1),
                lambda v: 2 * torch.expm1(v)),
    # ∫ (√p − √q)²
    FDivergence("hellinger", lambda u: (u.sqrt() - 1).square(), lambda t: t / (1 - t), lambda u: 1 - u.rsqrt(),
                lambda v: -torch.expm1(-v / 2), 1.0),
    # JSD as in `jensen_shannon`; the f that Nowozin et al. list is twice this
    FDivergence("jensen_shannon", lambda u: (xlogy(u, u) - xlogy(u + 1, (u + 1) / 2)) / 2,
                lambda t: -(2 - (2 * t).exp()).log() / 2, lambda u: (2 * u / (1 + u)).log() / 2,
                lambda v: (LOG2 - softplus(-v)) / 2, LOG2 / 2),
    # 2 JSD − log 4: Goodfellow's game, T* = log D*
    FDivergence("gan", lambda u: xlogy(u, u) - xlogy(u + 1, u + 1), lambda t: -torch.log(-torch.expm1(t)),
                lambda u: (u / (1 + u)).log(), lambda v: -softplus(-v), 0.0),
)}


def f_divergence(p: Values, q: Values, dx: float, name: str) -> Any:
    """D_f(p‖q) = ∫ q f(p/q) dx by name from `F_DIVERGENCES`, in nats where f is a logarithm.

    p, q: densities on a grid of cell size dx, both positive everywhere (elsewhere use the divergence's own formula).
    Returns a float, or a 0-dim tensor if a tensor came in. Source: Nowozin et al. 2016, section 2.1.
    """
    row = F_DIVERGENCES[checks.one_of("f_divergence", "name", name, F_DIVERGENCES)]
    (p_, q_), as_tensor = _positive("f_divergence", dx, p, q)
    return _scalar((q_ * row.f(p_ / q_)).sum() * dx, as_tensor)


def variational_bound(critic: Values, p: Values, q: Values, dx: float, name: str) -> Any:
    """E_p T − E_q f*(T), at most D_f(p‖q); equal to it for T = f'(p/q).

    critic: the values of T on the grid, inside the domain of f*. p, q, dx and the answer as in `f_divergence`.
    Errors: `ValueError` if T leaves the domain, where f* is infinite and the bound says nothing.
    Source: Nowozin et al. 2016, section 2.2.
    """
    row = F_DIVERGENCES[checks.one_of("variational_bound", "name", name, F_DIVERGENCES)]
    (p_, q_), _ = _positive("variational_bound", dx, p, q)
    (t, _), as_tensor = _tensors("variational_bound", critic=critic, p=p)
    checks.finite("variational_bound", "critic", t.detach())
    if bool((t >= row.top).any()):
        raise ValueError(f"variational_bound: critic must stay below {row.top:g}, where f* of {name!r} ends, "
                         f"got {float(t.max()):g}; an output activation sees to it")
    return _scalar((p_ * t - q_ * row.conjugate(t)).sum() * dx, as_tensor)


def _positive(function: str, dx: float, p: Values, q: Values) -> tuple[list[Tensor], bool]:
    (p_, q_), as_tensor = _densities(function, dx, p=p, q=q)
    for name, density in (("p", p_), ("q", q_)):
        if bool((density == 0).any()):
            raise ValueError(f"{function}: {name} must be positive on the whole grid, got 0 at "
                             f"{int((density == 0).sum())} of {len(density)} points: p/q has no meaning there")
    return [p_, q_], as_tensor
