"""The earth mover's distance: in one dimension by sorting, in general as a linear programme with its duals."""

from typing import Any, NamedTuple

import numpy as np
import torch
from scipy import sparse
from scipy.optimize import linprog
from torch import Tensor

from ganlib import checks


def wasserstein_1d(x: Any, y: Any) -> Any:
    """W₁ between two samples on the line: ∫ |F⁻¹(t) − G⁻¹(t)| dt over the two empirical quantile functions.

    x: shape (n,), y: shape (m,), NumPy arrays or tensors, n and m may differ. Returns a float, or a 0-dim tensor
    (with gradient) if a tensor came in, in the units of x.
    """
    as_tensor = isinstance(x, Tensor) or isinstance(y, Tensor)
    sides = []
    for name, value in (("x", x), ("y", y)):
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
            value = torch.from_numpy(np.array(value, dtype=np.float64))
        side = checks.tensor("wasserstein_1d", name, value, dims=1)
        sides.append(checks.finite("wasserstein_1d", name, side).sort().values)
    a, b = sides
    # Cut [0, 1] at every multiple of 1/n and 1/m; between two cuts both quantile functions are constant.
    n, m = len(a), len(b)
    steps = np.unique(np.concatenate([np.arange(n + 1) * m, np.arange(m + 1) * n]))  # in units of 1/(n·m)
    width = torch.from_numpy(np.diff(steps) / (n * m)).to(a.device, torch.promote_types(a.dtype, b.dtype))
    left = torch.from_numpy(steps[:-1]).to(a.device)
    value = ((a[left // m] - b[left // n]).abs() * width).sum()
    return value if as_tensor else float(value)


class TransportPlan(NamedTuple):
    """What `optimal_transport` returns: Σ plan·cost = value = Σ a·f + Σ b·g."""

    value: float  # least total cost
    plan: np.ndarray  # (n, m): how much of a[i] goes to b[j]
    f: np.ndarray  # (n,): the dual potential on the side of a
    g: np.ndarray  # (m,): the dual potential on the side of b; f[i] + g[j] <= cost[i, j] everywhere


def optimal_transport(a: Any, b: Any, cost: Any) -> TransportPlan:
    """The cheapest way to turn the weights a into the weights b: min Σ plan·cost over plan >= 0 with marginals a, b.

    a: (n,), b: (m,), weights >= 0 that each sum to 1; cost: (n, m), any finite numbers.
    Solved by SciPy's HiGHS; its multipliers are the Kantorovich potentials, so ``value`` equals
    ``a @ f + b @ g`` to solver precision (strong duality). Source: Peyré & Cuturi 2019, chapter 2.
    """
    a, b, cost = (np.asarray(v.detach().cpu() if isinstance(v, Tensor) else v, dtype=float) for v in (a, b, cost))
    for name, weights in (("a", a), ("b", b)):
        if weights.ndim != 1 or weights.size == 0:
            raise ValueError(f"optimal_transport: {name} must be a non-empty vector, got shape {weights.shape}")
        if not np.isfinite(weights).all() or (weights < 0).any() or abs(weights.sum() - 1) > 1e-6:
            raise ValueError(f"optimal_transport: {name} must be weights >= 0 that sum to 1, got sum {weights.sum():g}"
                             f" and least value {weights.min():g}")
    n, m = len(a), len(b)
    if cost.shape != (n, m) or not np.isfinite(cost).all():
        raise ValueError(f"optimal_transport: cost must be finite and of shape {(n, m)}, got shape {cost.shape}")
    rows = sparse.kron(sparse.eye(n), np.ones((1, m)))  # plan summed over its columns gives a
    columns = sparse.kron(np.ones((1, n)), sparse.eye(m))  # summed over its rows gives b
    marginals = np.concatenate([a / a.sum(), b / b.sum()])
    solved = linprog(cost.ravel(), A_eq=sparse.vstack([rows, columns]).tocsr(), b_eq=marginals, method="highs")
    if solved.status != 0:
        raise RuntimeError(f"optimal_transport: the solver stopped without an answer: {solved.message}")
    duals = solved.eqlin.marginals
    return TransportPlan(float(solved.fun), solved.x.reshape(n, m), duals[:n], duals[n:])
