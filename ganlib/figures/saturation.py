"""The saturation slider: two Gaussians, their distance, and what each loss still tells the generator (3, 4, 7)."""

import math
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from ganlib import checks, theory
from ganlib.figures.live import Live
from ganlib.figures.plots import DISCRIMINATOR, GENERATED, REAL, THEORY, new

FAR = 3.0  # the greatest shift
WIDTHS = (0.15, 1.0)  # standard deviations
LOSSES = ("minimax", "non-saturating", "least squares", "Wasserstein")
DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (1, 1.5)), (0, (5, 1.5, 1, 1.5)))

CHOICES = {
    "play": ("slide", *LOSSES),
    "at": ("mean", "centre"),
    "teacher": ("discriminator", "critic"),
    "axis": ("linear", "log"),
    "curves": ("whole", "seen", "hidden"),
}
DEFAULTS: dict[str, Any] = {"shift": 0.0, "data": 0.3, "generated": 0.3, "play": "slide", "at": "mean",
                            "teacher": "discriminator", "axis": "linear", "curves": "whole"}

PRESETS: dict[str, dict[str, Any]] = {
    "flat": {
        "curves": "seen",
        "question": "Which of the four curves goes flat, and from what shift on do you no longer see it grow? "
                    "Predict, then press play.",
        "answer": "JSD. At a shift of 1.5, five standard deviations, it has reached 97.5 % of its ceiling log 2, and "
                  "beyond 2 the eye sees no change. Both KL divergences are equal here and grow with the square of "
                  "the shift; they leave the picture (12.5 at 1.5). W₁ equals the shift. The gradient of the minimax "
                  "loss, mean over q, is twice the slope of the JSD (Theorem 3.11), so it dies as the curve goes "
                  "flat.",
    },
    "which-moves": {
        "shift": 1.5, "play": "minimax", "curves": "hidden",
        "question": "The samples are five standard deviations from the data; D is optimal at every step. Each of four "
                    "losses moves them for 100 steps of plain gradient descent at the rate 0.005. How far will each "
                    "get? Predict, then choose each under Play.",
        "answer": "From 1.5, non-saturating gets to 0.04 and Wasserstein to 1.0, always at the same pace; minimax only "
                  "to 1.41, least squares to 1.47. Minimax weighs a sample by D*, least squares by D*(1 − D*)², almost "
                  "0 for most samples. From a shift of 3 neither visibly moves. Back at 1.5, set Curves to whole and "
                  "Gradient to the centre of q: minimax has 6 · 10⁻⁵ instead of 0.16, as what is left comes from a few "
                  "samples in the tail.",
    },
    "slope-one": {
        "axis": "linear", "teacher": "critic", "at": "centre", "curves": "seen",
        "question": "W₁ is the mean distance the samples have to travel. What is its slope at a shift of 0.5, and "
                    "what at 3? And what is the minimax gradient at the centre of the samples at these two shifts? "
                    "Predict, then press play.",
        "answer": "One, at both: the critic has the same slope everywhere, near or far. The minimax gradient at the "
                  "centre falls from 1.1 to less than 10⁻²⁰. Give the two standard deviations different values and "
                  "set Gradient to the mean: then W₁ starts above nought, with slope nought, and its slope rises to "
                  "one. (At the centre the critic's slope stays one.)",
    },
}


class Measures(NamedTuple):
    """What the figure draws, for one shift d: see `measures`."""

    jsd: float  # nats
    kl: float  # KL(data‖generated), nats
    reverse: float  # KL(generated‖data), nats
    w1: float  # in units of x
    centre: tuple[float, ...]  # (4,): in the order of LOSSES, at the centre of the generated Gaussian
    mean: tuple[float, ...]  # (4,): the mean over the generated Gaussian


def measures(shift: float, data: float, generated: float) -> Measures:
    """Distances of N(0, data²) and N(shift, generated²), and each generator loss's derivative by the shift.

    data, generated: standard deviations. The derivatives hold D* = p/(p + q) (for Wasserstein: the best critic) fixed,
    as training does. ``mean`` is that of the expected loss, the mean over the samples. ``centre`` is what one sample
    in their middle feels. Least squares as in `ganlib.losses`: ½(D − 1)². Sources: chapter 4, proposition 4.6;
    chapter 7, corollary 7.5 and proposition 7.9.
    """
    x, dx = theory.grid(min(-9 * data, shift - 9 * generated), max(9 * data, shift + 9 * generated), 4000)
    p, q = theory.normal(x, 0.0, data), theory.normal(x, shift, generated)
    apart = abs(data - generated)
    w_slope = math.erf(shift / (apart * math.sqrt(2))) if apart else float(np.sign(shift))
    w1 = shift * w_slope + apart * math.sqrt(2 / math.pi) * (math.exp(-(shift / apart) ** 2 / 2) if apart else 0.0)
    mean = (pulls(x, shift, data, generated)[:3] * q).sum(1) * dx

    def kl(a: float, b: float) -> float:
        return math.log(b / a) + (a**2 + shift**2) / (2 * b**2) - 0.5

    return Measures(theory.jensen_shannon(p, q, dx), kl(data, generated), kl(generated, data), w1,
                    tuple(float(v) for v in pulls(np.array([shift]), shift, data, generated)[:, 0]),
                    (*(float(v) for v in mean), w_slope))


def pulls(x: np.ndarray, shift: float, data: float, generated: float) -> np.ndarray:
    """The derivative by x of each loss of one sample at x (n,), D* or the critic held fixed; shape (4, n)."""
    logit = ((x - shift) / generated) ** 2 / 2 - (x / data) ** 2 / 2 + math.log(generated / data)
    log_d, log_not = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)  # log D*, log(1 − D*): no 1 − 1
    down = x / data**2 - (x - shift) / generated**2  # −dlogit/dx
    return np.stack([np.exp(log_d) * down, np.exp(log_not) * down, np.exp(log_d + 2 * log_not) * down,
                     np.sign(x / data - (x - shift) / generated)])


def saturation(preset: str | None = None, *, shift: float | None = None, data: float | None = None,
               generated: float | None = None, play: str | None = None, at: str | None = None,
               teacher: str | None = None, axis: str | None = None, curves: str | None = None,
               id: str = "saturation") -> Live:
    """A live figure: two Gaussians at a distance, JSD, KL and W₁ between them, and the gradient each loss would give.

    preset:    a question with its settings: "flat" (chapter 3), "which-moves" (4), "slope-one" (7).
    shift:     centre of the generated Gaussian, 0 to 3; the data's is 0.
    data, generated: standard deviations, 0.15 to 1.
    play:      "slide" moves the samples away; the name of a loss (`LOSSES`) lets them descend it, its mean gradient.
    at:        the gradient shown: "mean" over the samples, that of the expected loss, or at their "centre".
    teacher:   draw the optimal "discriminator" or the "critic" of W₁.
    axis:      of the divergences, "linear" or "log"; the gradients' is logarithmic.
    curves:    "whole", as far as "seen", or "hidden".
    What is given replaces what the preset says.
    """
    given = {"shift": shift, "data": data, "generated": generated, "play": play, "at": at, "teacher": teacher,
             "axis": axis, "curves": curves}
    config = dict(DEFAULTS)
    if preset is not None:
        config |= PRESETS[checks.one_of("saturation", "preset", preset, PRESETS)]
    config |= {name: value for name, value in given.items() if value is not None}
    for name, (low, high) in {"shift": (0.0, FAR), "data": WIDTHS, "generated": WIDTHS}.items():
        if checks.number("saturation", name, config[name], least=low) > high:
            raise ValueError(f"saturation: {name} must be at most {high:g}, got {config[name]!r}")
    for name, allowed in CHOICES.items():
        checks.one_of("saturation", name, config[name], allowed)
    return Live("saturation", config, title="The saturation slider", id=id, heights=(770, 1350),
                picture=_picture(config["shift"] or FAR / 2, config["data"], config["generated"], config["at"]),
                alt="Left: two Gaussian densities, data and generated, and the optimal discriminator, high over the "
                    "data and low over the samples. Middle: against the shift, the Jensen-Shannon divergence goes "
                    "flat while both Kullback-Leibler divergences and the Wasserstein distance go on growing. Right, "
                    "log scale: the gradients of minimax and least squares vanish, those of non-saturating and "
                    "Wasserstein do not.")


def _picture(shift: float, data: float, generated: float, at: str) -> Figure:
    figure, (left, middle, right) = new(3, height=2.8)
    x = np.linspace(-1.8, 4.8, 600)
    p, q = theory.normal(x, 0.0, data), theory.normal(x, shift, generated)
    top = max(p.max(), q.max())
    left.fill_between(x, p / top, color=REAL, alpha=0.35, lw=0, label="data")
    left.fill_between(x, q / top, color=GENERATED, alpha=0.35, lw=0, label="generated")
    left.plot(x, theory.optimal_discriminator(p, q), color=DISCRIMINATOR, label="$D^*$")
    left.set(xlabel="$x$", yticks=(0, 0.5, 1))
    left.legend(fontsize=8)
    shifts = np.linspace(0.05, FAR, 60)
    all_measures = [measures(float(d), data, generated) for d in shifts]
    distances = np.array([(m.jsd / math.log(2), m.kl, m.reverse, m.w1) for m in all_measures])
    names = ("JSD / log 2", "KL(data‖gen.)", "KL(gen.‖data)", "$W_1$")
    for name, values, colour, dash in zip(names, distances.T, (DISCRIMINATOR, REAL, GENERATED, "k"), DASHES,
                                          strict=True):
        middle.plot(shifts, values, color=colour, ls=dash, label=name)
    middle.set(xlabel="shift", ylim=(0, 3.3), ylabel="divergence")
    middle.legend(fontsize=8, loc="upper right")
    slopes = np.abs([getattr(m, at) for m in all_measures])
    for name, values, colour, dash in zip(LOSSES, slopes.T, (DISCRIMINATOR, GENERATED, THEORY, "k"), DASHES,
                                          strict=True):
        right.semilogy(shifts, values, color=colour, ls=dash, label=name)
    right.set(xlabel="shift", ylabel="gradient, " + ("mean" if at == "mean" else "at the centre"))
    right.legend(fontsize=8, loc="lower left")
    return figure
