"""The Dirac-GAN: one number a player, so that a whole game is a field of arrows in the plane.

The data sit at 0, the generator puts all its samples at θ, the discriminator's logit is l(x) = ψ·x. A state is the
pair (θ, ψ), generator first. A `Dirac` says with which velocity both move if each goes down its own slope; the
steppers `simultaneous`, `alternating`, `extragradient` and `optimistic` follow it with learning rates, `flow` without.
Source: Mescheder, Geiger & Nowozin 2018, whose ψ has the opposite sign (their discriminator is positive on fakes).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from ganlib import checks

Velocity = Callable[[Any, Any], tuple[Any, Any]]
NODES, SHARES = np.polynomial.hermite_e.hermegauss(64)  # E φ(ε) = Σ share · φ(node) for ε ~ N(0, 1)
SHARES = SHARES / SHARES.sum()

TURN = {"minimax": 0.5, "non_saturating": 0.5, "wasserstein": 1.0}  # the slope of both losses at logit 0
LOSSES: dict[str, Velocity] = {
    "minimax": lambda theta, psi: (psi * expit(psi * theta), -theta * expit(psi * theta)),
    "non_saturating": lambda theta, psi: (psi * expit(-psi * theta), -theta * expit(psi * theta)),
    "wasserstein": lambda theta, psi: (psi + 0 * theta, -theta + 0 * psi),
}


@dataclass(frozen=True)
class Dirac:
    """A named pair of velocities; ``field(theta, psi)`` gives (θ̇, ψ̇), for numbers or arrays of one shape.

    jacobian: (2, 2), of the velocities (rows) by θ, ψ (columns) at (0, 0), in closed form; None if there is none.
    limit:    the discriminator's ψ is clipped to [−limit, limit] after each of its steps; None: not clipped.
    """

    name: str
    velocity: Velocity
    jacobian: np.ndarray | None
    limit: float | None = None

    def __call__(self, theta: Any, psi: Any) -> tuple[Any, Any]:
        """The velocities (θ̇, ψ̇) at (θ, ψ)."""
        return self.velocity(theta, psi)

    def project(self, psi: float) -> float:
        """ψ, clipped if this game clips."""
        return psi if self.limit is None else max(-self.limit, min(self.limit, psi))


def dirac_field(name: str, *, loss: str = "minimax", weight: float = 1.0, center: float = 1.0, std: float = 1.0,
                limit: float | None = None) -> Dirac:
    """The Dirac-GAN under one method; parameters that a method does not use are ignored.

    name: ``minimax``, ``non_saturating``, ``wasserstein`` (with ``limit``: clipped weights, |ψ| ≤ limit);
    ``wasserstein_gp``, penalty weight·(|ψ| − center)², which has no slope, and so no Jacobian, at ψ = 0;
    ``r1``, penalty weight/2·ψ², with any ``loss`` of the first three (R2 is the same: ∇l does not depend on x);
    ``instance_noise``, N(0, std²) added to data and samples, minimax loss, expectations by 64-point quadrature;
    ``consensus``, both players also descend weight/2·‖velocity‖², minimax loss (Mescheder et al. 2017).
    Errors: `ValueError` for an unknown name or loss, or a parameter below 0.
    """
    checks.one_of("dirac_field", "name", name, (*LOSSES, "wasserstein_gp", "r1", "instance_noise", "consensus"))
    base = LOSSES[checks.one_of("dirac_field", "loss", loss, LOSSES)]
    for parameter, value in (("weight", weight), ("center", center), ("std", std)):
        checks.number("dirac_field", parameter, value, least=0)
    if limit is not None:
        checks.number("dirac_field", "limit", limit, above=0)

    def gradient_penalty(theta: Any, psi: Any) -> tuple[Any, Any]:
        return psi + 0 * theta, -theta - 2 * weight * (psi - center * np.sign(psi))

    def r1(theta: Any, psi: Any) -> tuple[Any, Any]:
        forwards, up = base(theta, psi)
        return forwards, up - weight * psi

    def instance_noise(theta: Any, psi: Any) -> tuple[Any, Any]:
        at, slope = np.asarray(theta)[..., None] + std * NODES, np.asarray(psi)[..., None]  # (…, 64) noisy samples
        wrong = expit(slope * at) @ SHARES  # E σ(ψ(θ + ε)), (…)
        on_data = (std * NODES * expit(-slope * std * NODES)) @ SHARES
        return psi * wrong, on_data - (at * expit(slope * at)) @ SHARES

    def consensus(theta: Any, psi: Any) -> tuple[Any, Any]:
        s, r2 = expit(psi * theta), theta**2 + psi**2  # ‖velocity‖² = r² σ(ψθ)²
        along = r2 * s**2 * (1 - s)
        return psi * s - weight * (theta * s**2 + along * psi), -theta * s - weight * (psi * s**2 + along * theta)

    turn = TURN[loss if name == "r1" else name if name in TURN else "minimax"]
    brake = {"r1": (0, weight), "instance_noise": (0, std**2 / 2), "consensus": (weight / 4,) * 2}.get(name, (0, 0))
    jacobian = None if name == "wasserstein_gp" else np.array([[-brake[0], turn], [-turn, -brake[1]]])
    velocity = {**LOSSES, "wasserstein_gp": gradient_penalty, "r1": r1, "instance_noise": instance_noise,
                "consensus": consensus}[name]
    return Dirac(name, velocity, jacobian, limit if name == "wasserstein" else None)


def dirac_eigenvalues(name: str, **parameters: Any) -> np.ndarray:
    """Both eigenvalues of the Jacobian at (0, 0), complex, (2,), the one with the larger imaginary or real part first.

    With turning a (½, or 1 for Wasserstein) and a brake b on ψ (R1: its weight γ; instance noise: std²/2) they are
    −b/2 ± √(b²/4 − a²); consensus optimisation: −γ/4 ± i/2. Source: Mescheder et al. 2018.
    Arguments and errors are those of `dirac_field`; also `ValueError` for ``wasserstein_gp``, which has no Jacobian.
    """
    if (jacobian := dirac_field(name, **parameters).jacobian) is None:
        raise ValueError(f"dirac_eigenvalues: name must be a game with a Jacobian at (0, 0), got {name!r}")
    half = np.trace(jacobian) / 2
    root = np.sqrt(complex(half**2 - np.linalg.det(jacobian)))
    return np.array([half + root, half - root])


def _start(function: str, start: Sequence[float], steps: int, lr: Any) -> tuple[np.ndarray, float, float]:
    checks.count(function, "steps", steps, least=0)
    rates = lr if isinstance(lr, tuple) and len(lr) == 2 else (lr, lr)
    for rate in rates:
        checks.number(function, "lr", rate, above=0)
    if np.shape(start) != (2,) or not np.isfinite(start).all():
        raise ValueError(f"{function}: start must be two finite numbers (theta, psi), got {start!r:.80}")
    path = np.empty((steps + 1, 2))
    path[0] = start
    return path, *rates


def simultaneous(field: Dirac, start: Sequence[float], *, steps: int, lr: float | tuple[float, float]) -> np.ndarray:
    """Both players step at once, from the same state. Returns the states, (steps + 1, 2).

    lr: the learning rate, one for both or (generator's, discriminator's).
    """
    path, slow, fast = _start("simultaneous", start, steps, lr)
    for n in range(steps):
        theta, psi = path[n]
        forwards, up = field(theta, psi)
        path[n + 1] = theta + slow * forwards, field.project(psi + fast * up)
    return path


def alternating(field: Dirac, start: Sequence[float], *, steps: int, lr: float | tuple[float, float],
                discriminator_steps: int = 1, generator_first: bool = False) -> np.ndarray:
    """The discriminator takes its k steps, then the generator, who sees the new ψ, takes one: (steps + 1, 2).

    This is the order of `ganlib.training.train`. With ``generator_first`` the generator opens each round, as in the
    published tables of Mescheder et al. 2018.
    """
    path, slow, fast = _start("alternating", start, steps, lr)
    checks.count("alternating", "discriminator_steps", discriminator_steps)
    order = ["psi"] * discriminator_steps
    order = ["theta", *order] if generator_first else [*order, "theta"]
    for n in range(steps):
        theta, psi = path[n]
        for player in order:
            if player == "theta":
                theta = theta + slow * field(theta, psi)[0]
            else:
                psi = field.project(psi + fast * field(theta, psi)[1])
        path[n + 1] = theta, psi
    return path


def extragradient(field: Dirac, start: Sequence[float], *, steps: int, lr: float | tuple[float, float]) -> np.ndarray:
    """Look a step ahead, come back, step with the velocity found there: (steps + 1, 2). Source: Gidel et al. 2019."""
    path, slow, fast = _start("extragradient", start, steps, lr)
    for n in range(steps):
        theta, psi = path[n]
        forwards, up = field(theta, psi)
        forwards, up = field(theta + slow * forwards, field.project(psi + fast * up))
        path[n + 1] = theta + slow * forwards, field.project(psi + fast * up)
    return path


def optimistic(field: Dirac, start: Sequence[float], *, steps: int, lr: float | tuple[float, float]) -> np.ndarray:
    """Step with twice the velocity less the one before, a guess at the next one: (steps + 1, 2).

    The first step is a plain one (there is no velocity before). Source: Daskalakis et al. 2018.
    """
    path, slow, fast = _start("optimistic", start, steps, lr)
    before = np.array(field(*path[0]))
    for n in range(steps):
        theta, psi = path[n]
        now = np.array(field(theta, psi))
        forwards, up = 2 * now - before
        path[n + 1] = theta + slow * forwards, field.project(psi + fast * up)
        before = now
    return path


def flow(field: Dirac, start: Sequence[float], *, time: float, steps: int = 1000) -> np.ndarray:
    """The path of infinitely small steps for so long a time, by Runge and Kutta's method of order 4: (steps + 1, 2)."""
    checks.number("flow", "time", time, above=0)
    path, h, _ = _start("flow", start, checks.count("flow", "steps", steps), time / steps)

    def v(state: np.ndarray) -> np.ndarray:
        return np.array(field(state[0], field.project(state[1])))

    for n in range(steps):
        here = path[n]
        a = v(here)
        b = v(here + h / 2 * a)
        c = v(here + h / 2 * b)
        path[n + 1] = here + h / 6 * (a + 2 * b + 2 * c + v(here + h * c))
        path[n + 1, 1] = field.project(path[n + 1, 1])
    return path
