"""The optimal discriminator, the game's value and the divergences it hides (Goodfellow et al. 2014, section 4).

Every function takes densities on a grid. xlogy(a, b) is a·log b with 0·log 0 = 0, which is exactly the convention
the integrals need where a density vanishes.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.special import xlogy

from ganlib import checks

Values = Any  # a NumPy array or a torch tensor of floating-point numbers

MASS_TOLERANCE = 1e-3  # how far a density's integral may be from 1: the tails a grid cuts off


def _tensors(function: str, **values: Values) -> tuple[list[Tensor], bool]:
    """The named arguments as tensors of one shape, and whether the answer goes out as a tensor."""
    out = {}
    for name, value in values.items():
        if not isinstance(value, (Tensor, np.ndarray)):
            raise TypeError(f"{function}: {name} must be a NumPy array or a torch tensor, got {type(value).__name__}")
        if isinstance(value, np.ndarray):
            if value.dtype.kind not in "fiu":
                raise TypeError(f"{function}: {name} must hold real numbers, got dtype {value.dtype}")
            value = torch.from_numpy(np.array(value, dtype=np.float64))  # a copy: it may be a read-only view
        out[name] = checks.tensor(function, name, value)
    checks.same_shape(function, **out)
    return list(out.values()), any(isinstance(v, Tensor) for v in values.values())


def _densities(function: str, dx: float | None, **values: Values) -> tuple[list[Tensor], bool]:
    """As `_tensors`, and each is finite, nowhere negative and (where dx is given) integrates to one."""
    tensors, as_tensor = _tensors(function, **values)
    for name, value in zip(values, tensors, strict=True):
        checks.finite(function, name, value.detach())
        if bool((value < 0).any()):
            raise ValueError(f"{function}: {name} is a density and cannot be negative, got a value of {value.min():g}")
        if dx is not None:
            mass = float(value.detach().sum()) * checks.number(function, "dx", dx, above=0)
            if abs(mass - 1) > MASS_TOLERANCE:
                raise ValueError(f"{function}: {name} must integrate to 1 on the grid (within {MASS_TOLERANCE:g}), "
                                 f"got {mass:.6g}: is dx right, and does the grid cover the density?")
    return tensors, as_tensor


def _scalar(value: Tensor, as_tensor: bool) -> Any:
    return value if as_tensor else float(value)


def optimal_discriminator(p: Values, q: Values) -> Values:
    """D*(x) = p(x) / (p(x) + q(x)), the discriminator that maximises the game's value against q.

    p, q: densities of the data and of the generator, one shape. NaN where both vanish: there D* is undefined,
    no value is better than another. Shape and type as p and q.
    Source: Goodfellow et al. 2014, proposition 1, eq. 2.
    """
    (p_, q_), as_tensor = _densities("optimal_discriminator", None, p=p, q=q)
    d = p_ / (p_ + q_)  # 0/0 gives the NaN we want
    return d if as_tensor else d.numpy()


def game_value(d: Values, p: Values, q: Values, dx: float) -> Any:
    """V(D, G) = ∫ p log D + q log(1 − D) dx, in nats; a float, or a 0-dim tensor if a tensor came in.

    d: the discriminator's probabilities on the grid, in [0, 1]; where p = q = 0 it may be anything, NaN included.
    Source: Goodfellow et al. 2014, eq. 1 (with the second expectation taken over x ~ p_g, eq. 3).
    """
    (p_, q_), _ = _densities("game_value", dx, p=p, q=q)
    (d_, _, _), as_tensor = _tensors("game_value", d=d, p=p, q=q)
    outside = (p_ == 0) & (q_ == 0)
    wrong = ~outside & ~((d_ >= 0) & (d_ <= 1))
    if bool(wrong.any()):
        raise ValueError(f"game_value: d must be a probability in [0, 1] wherever p or q is positive, "
                         f"got {float(d_[wrong][0]):g} (are these logits?)")
    d_ = torch.where(outside, torch.full_like(d_, 0.5), d_)  # weight 0: any value will do
    return _scalar((xlogy(p_, d_) + xlogy(q_, 1 - d_)).sum() * dx, as_tensor)


def kullback_leibler(p: Values, q: Values, dx: float) -> Any:
    """KL(p‖q) = ∫ p log(p/q) dx in nats; infinite where p has mass and q none; 0 only for p = q.

    Returns a float, or a 0-dim tensor if a tensor came in.
    """
    (p_, q_), as_tensor = _densities("kullback_leibler", dx, p=p, q=q)
    return _scalar((xlogy(p_, p_) - xlogy(p_, q_)).sum() * dx, as_tensor)


def jensen_shannon(p: Values, q: Values, dx: float) -> Any:
    """JSD(p, q) = ½ KL(p‖m) + ½ KL(q‖m) with m = (p + q)/2, in nats: between 0 (p = q) and log 2 (disjoint).

    Returns a float, or a 0-dim tensor if a tensor came in. Source: Lin 1991, with equal weights.
    """
    (p_, q_), as_tensor = _densities("jensen_shannon", dx, p=p, q=q)
    m = (p_ + q_) / 2
    terms = xlogy(p_, p_) + xlogy(q_, q_) - 2 * xlogy(m, m)
    return _scalar(terms.sum() * dx / 2, as_tensor)


def total_variation(p: Values, q: Values, dx: float) -> Any:
    """TV(p, q) = ½ ∫ |p − q| dx, without a unit: between 0 (p = q) and 1 (disjoint).

    The greatest difference between the two probabilities of one event, and so the share of mass that would have to
    be replaced. Returns a float, or a 0-dim tensor if a tensor came in.
    """
    (p_, q_), as_tensor = _densities("total_variation", dx, p=p, q=q)
    return _scalar((p_ - q_).abs().sum() * dx / 2, as_tensor)


def entropy(p: Values, dx: float) -> Any:
    """Differential entropy h(p) = −∫ p log p dx in nats; a float, or a 0-dim tensor if a tensor came in."""
    (p_,), as_tensor = _densities("entropy", dx, p=p)
    return _scalar(-xlogy(p_, p_).sum() * dx, as_tensor)
