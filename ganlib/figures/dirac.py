"""The Dirac-GAN to play with: its plane, its eigenvalues, its paths under every loss, penalty and order of updates."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy.special import expit

from ganlib import checks, theory
from ganlib.figures.live import Live
from ganlib.figures.plots import DISCRIMINATOR, GENERATED, REAL, THEORY, new

CHOICES = {  # what the reader chooses from, and its text; a penalty's text ends in the letter of its weight
    "loss": {"minimax": "minimax", "non_saturating": "non-saturating", "wasserstein": "Wasserstein"},
    "penalty": {"none": "none", "r1": "R1 penalty γ", "gradient_penalty": "gradient penalty (WGAN-GP) λ",
                "instance_noise": "instance noise σ", "consensus": "consensus γ", "clipping": "weight clipping c"},
    "updates": {"simultaneous": "both at once", "alternating": "D, then G", "generator_first": "G, then D",
                "extragradient": "extragradient", "optimistic": "optimistic"}}
IN_TURN = ("alternating", "generator_first")
WEIGHTS = {"none": 1.0, "r1": 0.3, "gradient_penalty": 0.2, "instance_noise": 0.7, "consensus": 1.0, "clipping": 1.0}
LIMITS = {"weight": (0.01, 20), "h": (0.001, 5), "ratio": (0.01, 100), "k": (1, 20), "theta": (-25, 25),
          "psi": (-25, 25), "span": (0.8, 25), "t": (0, 5000)}
START = {"loss": "wasserstein", "penalty": "none", "weight": None, "updates": "simultaneous", "lr": 0.1,
         "discriminator_steps": 1, "start": (1.0, 0.0), "span": 2.5}
STEPS = 400  # of the path in the picture

PRESETS: dict[str, dict[str, Any]] = {
    "together": {
        "title": "Both at once",
        "settings": {"loss": "wasserstein", "updates": "simultaneous", "lr": 0.1},
        "question": "Wasserstein loss, both players step at the same moment. Where does the pair go: to the cross at "
                    "(0, 0), round and round, or away? And if you make h smaller?",
        "answer": "Away. Each round multiplies the distance by √(1 + h²), whatever h is: a step along the tangent "
                  "leaves the circle. With h = 0.1 it is about 21,000 after 2,000 rounds. A smaller h only makes it "
                  "slower: no step is small enough."},
    "in_turn": {
        "title": "One after the other",
        "settings": {"loss": "wasserstein", "updates": "alternating", "lr": 0.1},
        "question": "The same game, but D steps first and G answers the new D. One line of code has moved. What "
                    "becomes of the spiral?",
        "answer": "It closes: both eigenvalues are on the unit circle, and the pair runs round an ellipse for ever. "
                  "Each half of a round is a shear, and shears keep areas. The distance stays within 3 % of its first "
                  "value for h = 0.1, and it never comes in. With G first the eigenvalues are the same."},
    "non_saturating": {
        "title": "Non-saturating",
        "settings": {"loss": "non_saturating", "updates": "simultaneous", "lr": 0.1, "start": (1.5, 1.0)},
        "question": "The non-saturating loss, simultaneous. The eigenvalues say: outwards. Infinitely small steps "
                    "would come in slowly. Who wins?",
        "answer": "Neither. Near (0, 0) the steps push out, farther off the curvature of the loss pulls in, and the "
                  "two balance on a ring of radius about √(2h), 0.45 for h = 0.1. Start inside it and outside it. "
                  "Eigenvalues speak only for the neighbourhood of (0, 0)."},
    "r1": {
        "title": "The R1 penalty",
        "settings": {"loss": "minimax", "penalty": "r1", "weight": 0.3, "updates": "simultaneous", "lr": 0.1},
        "question": "Minimax with an R1 penalty, γ = 0.3, simultaneous. Does it arrive? Then find the γ that is "
                    "fastest: is more always better?",
        "answer": "It arrives: the distance halves about every 50 rounds, and after 2,000 it is below 10⁻¹¹. Fastest "
                  "is γ near 1, where the two eigenvalues meet. Beyond that one of them creeps back towards 1: a D "
                  "that is too flat gives G hardly any gradient."},
    "too_far": {
        "title": "A step too far",
        "settings": {"loss": "minimax", "penalty": "r1", "weight": 2.5, "updates": "simultaneous", "lr": 1.0,
                     "start": (1.0, 0.5), "span": 6.0},
        "question": "R1 cures the circling for infinitely small steps. Here h = 1 and γ = 2.5. Does it still?",
        "answer": "No: one eigenvalue of a round is below −1, and ψ jumps from side to side, farther each time. "
                  "Simultaneous steps need γ < 2/h + h/8, which is 2.125 for h = 1. And they need γ > h/4: a weaker "
                  "penalty does not outweigh the outward push of the steps."},
    "clipping": {
        "title": "Clipping",
        "settings": {"loss": "wasserstein", "penalty": "clipping", "weight": 1.0, "updates": "alternating", "lr": 0.1,
                     "start": (2.0, 0.5)},
        "question": "The first WGAN clips ψ to at most 1 in size. From (2, 0.5), D first: does the limit bring the "
                    "pair to (0, 0)?",
        "answer": "No. Along the limit it slides until θ has changed its sign, then it leaves the limit on a circle of "
                  "radius about 1, and stays on it. A start well inside that circle never meets the limit, which then "
                  "does nothing at all."},
    "gradient_penalty": {
        "title": "WGAN-GP",
        "settings": {"loss": "wasserstein", "penalty": "gradient_penalty", "weight": 0.2, "updates": "alternating",
                     "lr": 0.1, "start": (0.2, 0.1)},
        "question": "WGAN-GP asks for the slope |ψ| = 1, with weight λ = 0.2. The start is close to the equilibrium. "
                    "Does it arrive?",
        "answer": "It is driven away, and ends on a loop whose swings reach θ of about ±1.3. At (0, 0) the penalty "
                  "asks for a slope that is wrong there. With λ from 1 to just below 1/h = 10 the generator stops, at "
                  "θ = ±2λ: at the wrong place. A penalty for slope 0 is the cure."},
    "two_rates": {
        "title": "A faster D",
        "settings": {"loss": "wasserstein", "updates": "alternating", "lr": (0.1, 1.0), "span": 4.0},
        "question": "D learns ten times faster than G, alternating, without a penalty. Does that stop the circling?",
        "answer": "No: only the shape of the ellipse changes. The eigenvalues depend on the product of the two rates "
                  "alone, and stay on the unit circle while it is below 4. A faster D makes no brake. But it makes a "
                  "weak brake stronger: add R1, which opens at γ = 0.3, with γ = 0.1, and the distance halves in 13 "
                  "rounds instead of 138 with equal rates."},
    "ahead": {
        "title": "Looking ahead",
        "settings": {"loss": "wasserstein", "updates": "extragradient", "lr": 0.3},
        "question": "No penalty, but each player looks a step ahead before it steps. Does it come in? What if you "
                    "make h ten times smaller, or larger than 1?",
        "answer": "It comes in: a round multiplies the distance by √(1 − h² + h⁴), which is below 1 exactly for "
                  "h < 1. A step ten times smaller needs about a hundred times more rounds. The optimistic step needs "
                  "only one velocity a round, and h < 1/√3."},
}


def _pair(lr: Any) -> tuple[Any, Any]:
    return lr if isinstance(lr, tuple) and len(lr) == 2 else (lr, lr)


def _state(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of this module in the words of the program, which counts D's learning rate in those of G."""
    slow, fast = _pair(settings["lr"])
    theta, psi = settings["start"]
    weight = WEIGHTS[settings["penalty"]] if settings["weight"] is None else settings["weight"]
    return {name: settings[name] for name in CHOICES} | {
        "weight": weight, "h": slow, "ratio": fast / slow, "k": settings["discriminator_steps"], "theta": theta,
        "psi": psi, "span": settings["span"], "t": 0}


def game(loss: str, penalty: str, weight: float) -> theory.Dirac:
    """The Dirac-GAN with any loss and any penalty, made of those of `theory.dirac_field`."""
    base = theory.dirac_field(loss)
    linear = loss == "wasserstein"
    if penalty == "none" or (penalty == "instance_noise" and linear):  # the mean of a line does not feel the noise
        return base
    if penalty == "clipping":
        return replace(base, limit=weight)
    if penalty == "r1":
        return theory.dirac_field("r1", loss=loss, weight=weight)
    if penalty == "gradient_penalty":
        pull = theory.dirac_field("wasserstein_gp", weight=weight)

        def penalised(theta: Any, psi: Any) -> tuple[Any, Any]:
            forwards, up = base(theta, psi)
            return forwards, up + (pull(theta, psi)[1] + theta)  # the Wasserstein critic's own part is −θ

        return pull if linear else theory.Dirac(penalty, penalised, None)
    if penalty == "instance_noise":
        noisy = theory.dirac_field(penalty, std=weight)

        def non_saturating(theta: Any, psi: Any) -> tuple[Any, Any]:  # E σ(−l) = 1 − E σ(l)
            return psi - noisy(theta, psi)[0], noisy(theta, psi)[1]

        return noisy if loss == "minimax" else replace(noisy, velocity=non_saturating)
    agreed = theory.dirac_field("consensus", weight=weight)

    def both(theta: Any, psi: Any) -> tuple[Any, Any]:  # the velocities less weight · the slope of ‖velocity‖²/2
        s = expit(psi * theta)
        bend = s * (1 - s) * (theta**2 * s - psi**2 * (1 - s))
        return (psi * (1 - s) - weight * (theta * s**2 + psi * bend),
                -theta * s - weight * (psi * (1 - s) ** 2 + theta * bend))

    if linear:
        return theory.Dirac(penalty, lambda theta, psi: (psi - weight * theta, -theta - weight * psi),
                            np.array([[-weight, 1], [-1, -weight]]))
    return agreed if loss == "minimax" else replace(agreed, velocity=both)


def path(dirac: theory.Dirac, start: Sequence[float], *, updates: str, steps: int, lr: tuple[float, float],
         discriminator_steps: int = 1) -> np.ndarray:
    """The states of so many rounds, (steps + 1, 2), by the steppers of `ganlib.theory`."""
    if updates in IN_TURN:
        return theory.alternating(dirac, start, steps=steps, lr=lr, discriminator_steps=discriminator_steps,
                                  generator_first=updates == "generator_first")
    stepper = {"simultaneous": theory.simultaneous, "extragradient": theory.extragradient,
               "optimistic": theory.optimistic}[updates]
    return stepper(dirac, start, steps=steps, lr=lr)


def factors(jacobian: np.ndarray, *, updates: str, lr: tuple[float, float], discriminator_steps: int = 1) -> np.ndarray:
    """The eigenvalues of one round, linearised at (0, 0): complex, (2,), or (4,) for the optimistic one."""
    one, move = np.eye(2), np.diag(lr) @ jacobian
    if updates == "simultaneous":
        matrix = one + move
    elif updates == "extragradient":
        matrix = one + move @ (one + move)
    elif updates == "optimistic":  # of the pair (state, the state before)
        matrix = np.block([[one + 2 * move, -move], [one, 0 * one]])
    else:
        slow, fast = (one + np.diag(who) @ move for who in one)
        matrix = slow @ np.linalg.matrix_power(fast, discriminator_steps)
    return np.linalg.eigvals(matrix).astype(complex)


def picture(dirac: theory.Dirac, states: np.ndarray, eigenvalues: np.ndarray | None, span: float,
            fast: float) -> Figure:
    """The plane with a path, the eigenvalues of one round with the unit circle, the distance against the round.

    fast: how many times farther D goes than G in one round at equal velocities.
    """
    fig, (plane, circle, distance) = new(3, width=3.2, height=3.2, layout="constrained")
    ticks = np.linspace(-span, span, 15)
    forwards, up = dirac(*np.meshgrid(ticks, ticks))
    arrows = forwards + 1j * up * fast
    arrows /= np.sqrt(abs(arrows)) + 1e-9  # lengths by their root, so that short ones are seen
    plane.quiver(ticks, ticks, arrows.real, arrows.imag, color="#999999", angles="xy", scale_units="xy",
                 scale=abs(arrows).max() / (span / 8), pivot="mid")
    plane.plot(*states.T, color=GENERATED, lw=1.5)
    plane.plot(*states[0], "o", color=THEORY, mfc="white")
    plane.plot(*states[-1], "o", color=GENERATED)
    plane.plot(0, 0, "+", color=REAL, ms=11, mew=2)
    plane.set(aspect="equal", xlim=(-span, span), ylim=(-span, span), xlabel="θ: where the samples are",
              ylabel="ψ: slope of the logit")
    around = np.exp(1j * np.linspace(0, 2 * np.pi, 200))
    circle.plot(around.real, around.imag, color=DISCRIMINATOR)
    if eigenvalues is None:
        circle.text(0, 0, "no Jacobian at (0, 0)", ha="center")
    else:
        circle.plot(eigenvalues.real, eigenvalues.imag, "x", color=GENERATED, ms=8, mew=2)
    circle.set(xlabel="Re m", ylabel="Im m", aspect="equal")
    distance.semilogy(np.maximum(np.hypot(*states.T), 1e-16), color=GENERATED)
    distance.set(xlabel="round", ylabel="distance r")
    return fig


def dirac(preset: str | None = None, *, loss: str | None = None, penalty: str | None = None,
          weight: float | None = None, updates: str | None = None, lr: float | tuple[float, float] | None = None,
          discriminator_steps: int | None = None, start: Sequence[float] | None = None, span: float | None = None,
          id: str = "dirac") -> Live:
    """The Dirac-GAN of `ganlib.theory` to play with (chapter 5). Source: Mescheder, Geiger & Nowozin 2018.

    preset:  a question of `PRESETS`, with its settings; what else is given goes over them, and then nothing is asked.
    loss:    ``minimax``, ``non_saturating``, ``wasserstein`` (the default).
    penalty: ``none``, ``r1`` (weight/2·ψ²), ``gradient_penalty`` (weight·(|ψ| − 1)²), ``instance_noise`` (weight is
             the standard deviation), ``consensus``, ``clipping`` (|ψ| ≤ weight); weight None: one that shows it.
    updates: ``simultaneous``, ``alternating`` (D first, ``discriminator_steps`` times), ``generator_first``,
             ``extragradient``, ``optimistic``.
    lr:      the learning rate of both, or (generator's, discriminator's).
    start:   (θ, ψ); span: the picture shows −span … span at first.
    Errors:  `ValueError` names the argument, what came and what was expected.
    """
    given = {"loss": loss, "penalty": penalty, "weight": weight, "updates": updates, "lr": lr,
             "discriminator_steps": discriminator_steps, "start": start, "span": span}
    own = {name: value for name, value in given.items() if value is not None}
    asked = PRESETS[checks.one_of("dirac", "preset", preset, PRESETS)]["settings"] if preset is not None else {}
    if penalty not in (None, asked.get("penalty")):
        asked = {name: value for name, value in asked.items() if name != "weight"}  # that of another penalty
    now = START | asked | own
    for name, known in CHOICES.items():
        checks.one_of("dirac", name, now[name], known)
    k = checks.count("dirac", "discriminator_steps", now["discriminator_steps"])
    rates = tuple(checks.number("dirac", "lr", rate, above=0) for rate in _pair(now["lr"]))
    if np.shape(now["start"]) != (2,):
        raise ValueError(f"dirac: start must be two numbers (theta, psi), got {now['start']!r:.80}")
    state = _state(now)
    called = {"theta": "start", "psi": "start", "k": "discriminator_steps", "h": "lr", "ratio": "lr, D's over G's,"}
    for name, (least, most) in LIMITS.items():
        checks.number("dirac", called.get(name, name), value := state[name])
        if not least <= value <= most:
            raise ValueError(f"dirac: {called.get(name, name)} must be from {least:g} to {most:g}, got {value!r:.80}")
    questions = {name: one | {"settings": _state(START | one["settings"])} for name, one in PRESETS.items()}
    config = {"given": state | {"question": preset if preset and not own else ""}, "questions": questions,
              "choices": CHOICES, "weights": WEIGHTS, "limits": LIMITS}
    played = game(state["loss"], state["penalty"], state["weight"])
    how = {"updates": state["updates"], "lr": rates, "discriminator_steps": k}
    with np.errstate(over="ignore", invalid="ignore"):
        states = path(played, now["start"], steps=STEPS, **how)
    states = states[np.cumprod(np.hypot(*states.T) < 1e9).astype(bool)]  # up to where it has left for good
    fast = state["ratio"] * (k if state["updates"] in IN_TURN else 1)
    found = None if played.jacobian is None else factors(played.jacobian, **how)
    return Live("dirac", config, title="The Dirac-GAN: choose a game and a start, and follow both players",
                alt=f"The Dirac-GAN, {now['loss']} loss, penalty {now['penalty']}, {now['updates']} updates. Left: the "
                    "plane of θ and ψ with the velocities as arrows and a path from its start. Middle: the eigenvalues "
                    "of one round and the unit circle. Right: the distance to the equilibrium against the round, on a "
                    "log scale.".replace("_", "-"),
                picture=picture(played, states, found, state["span"], fast), id=id, heights=(930, 1570))
