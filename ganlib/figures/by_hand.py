"""Build D by hand: drag a curve D(x) towards the greatest value of the game (chapter 2)."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ganlib import checks, theory
from ganlib.figures.live import Live
from ganlib.figures.plots import DISCRIMINATOR, GENERATED, REAL, THEORY, new

# Mixtures of normals (weight, mean, standard deviation) and uniforms (weight, low, high, "uniform").
PAIRS: dict[str, dict[str, Any]] = {
    "apart": {"title": "two Gaussians apart", "p": [[1, -1, 0.8]], "q": [[1, 1, 0.8]]},
    "inside": {"title": "narrow p inside wide q", "p": [[1, 0.5, 0.5]], "q": [[1, 0, 1.4]]},
    "two-kinds": {"title": "two kinds of data", "p": [[0.6, -1.5, 0.5], [0.4, 1.5, 0.5]], "q": [[1, 0, 1.5]]},
    "disjoint": {"title": "no overlap", "p": [[1, -3, -1, "uniform"]], "q": [[1, 1, 3, "uniform"]]},
    "islands": {"title": "two islands",
                "p": [[0.75, -2, -1, "uniform"], [0.25, 1, 2, "uniform"]],
                "q": [[0.25, -2, -1, "uniform"], [0.75, 1, 2, "uniform"]]},
    "equal": {"title": "p = q", "p": [[1, 0, 1]], "q": [[1, 0, 1]]},
}

QUESTION = ("question", "answer")
PRESETS: dict[str, dict[str, Any]] = {
    "first": {
        "pair": "two-kinds",
        "question": "You are the discriminator. How often must D cross ½ to reach the ceiling? Guess, then bend the "
                    "curve until V will not rise any more. Only then reveal D*.",
        "answer": "Four times: D* is above ½ exactly where p is above q, on two stretches around the two kinds of "
                  "data. Where p is three times q, on the left, D* is ¾, and where it is twice q, on the right, ⅔, "
                  "not 1: being surer than the densities allow costs you. Go to the start and press play: gradient "
                  "ascent on all knots at once comes close to the same curve, 98 % of the way in 200 steps. Far out "
                  "it is slow: few notes fall there, so errors cost little.",
    },
    "off-support": {
        "pair": "islands", "lose": True,
        "question": "Both densities live on the two islands only. Drag D between them, to 0, to 1, wherever you like. "
                    "What happens to V?",
        "answer": "Nothing. Where p = q = 0, no note is ever paid for, and every D is as good as any other: D* has no "
                  "value there. On the islands it is ¾ and ¼. Press play: only the knots on the islands move.",
    },
    "coin": {
        "pair": "equal",
        "question": "The generator is perfect: p = q. A D that says ½ everywhere looks as if it had learnt nothing. "
                    "Can you beat it?",
        "answer": "No: it stands at the ceiling of −log 4 already, and each stroke away from it costs you. ½ "
                  "everywhere is the best answer here.",
    },
    "perfect": {
        "pair": "disjoint",
        "question": "p and q do not overlap. What is the ceiling, and can a D get there?",
        "answer": "The ceiling is 0, the greatest a sum of logarithms of probabilities can be. It asks for D = 1 on "
                  "all of p and D = 0 on all of q. The curve here keeps to logits from −6 to 6, so it ends 0.005 "
                  "below; a sigmoid comes as near as you like and never arrives.",
    },
}


def densities(pair: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """p and q of one of `PAIRS` at x, each of the shape of x."""
    def mixture(parts: list[list[Any]]) -> np.ndarray:
        return sum((w * (theory.uniform(x, a, b) if kind else theory.normal(x, a, b)) for w, a, b, *kind in parts),
                   np.zeros_like(x))

    return mixture(PAIRS[pair]["p"]), mixture(PAIRS[pair]["q"])


def by_hand(preset: str | None = None, *, pair: str | None = None, scale: str | None = None,
            reveal: bool | None = None, lose: bool | None = None, id: str = "by-hand") -> Live:
    """A live figure: the reader draws D over p and q and sees the game's value V(D) against 2 JSD − log 4.

    preset:  a question with its settings: "first", "off-support", "coin", "perfect". The figure then asks whichever
             question belongs to the densities chosen in it.
    pair:    the densities, a name in `PAIRS`.
    scale:   of the picture's height, "probability" or "logit" (D* of two equal Gaussians is a line in the second).
    reveal:  show D* from the start; lose: show where the integrand is below its greatest.
    What is given replaces what the preset says. D has 41 knots on [−4, 4]; its logit is linear between them.
    """
    config: dict[str, Any] = {"pair": "apart", "scale": "probability", "reveal": False, "lose": False}
    if preset is not None:
        chosen = PRESETS[checks.one_of("by_hand", "preset", preset, PRESETS)]
        config |= {name: value for name, value in chosen.items() if name not in QUESTION}
    given = {"pair": pair, "scale": scale, "reveal": reveal, "lose": lose}
    config |= {name: value for name, value in given.items() if value is not None}
    checks.one_of("by_hand", "pair", config["pair"], PAIRS)
    checks.one_of("by_hand", "scale", config["scale"], ("probability", "logit"))
    for name in ("reveal", "lose"):
        if not isinstance(config[name], bool):
            raise ValueError(f"by_hand: {name} must be True or False, got {config[name]!r:.80}")
    asked = PRESETS.values() if preset is not None else ()
    questions = {one["pair"]: {name: one[name] for name in QUESTION} for one in asked}
    return Live("by_hand", config | {"pairs": PAIRS, "questions": questions}, title="D by hand", id=id,
                heights=(740, 1160), picture=_picture(config["pair"]),
                alt="Left: the densities p of the data and q of the generated samples, and the optimal discriminator "
                    "D*, which is the share of p in their sum. Right: what each place adds to the value of the game, "
                    "for D = ½ everywhere and for D*: the second curve is nowhere below the first.")


def _picture(pair: str) -> Figure:
    x, _ = theory.grid(-4, 4, 800)
    p, q = densities(pair, x)
    best = theory.optimal_discriminator(p, q)
    with np.errstate(divide="ignore", invalid="ignore"):
        greatest = np.where(p > 0, p * np.log(best), 0) + np.where(q > 0, q * np.log(1 - best), 0)
    figure, (left, right) = new(2, height=2.8)
    tallest = max(1.0, p.max(), q.max())
    for density, colour, name in ((p, REAL, "$p$ data"), (q, GENERATED, "$q$ generated")):
        left.fill_between(x, density / tallest, color=colour, alpha=0.35, lw=0, label=name)
    left.plot(x, best, color=DISCRIMINATOR, label="$D^*$")
    left.set(xlabel="$x$", ylabel="$D$", ylim=(-0.02, 1.02))
    left.legend(fontsize=8)
    right.plot(x, (p + q) * np.log(0.5), color=THEORY, ls="--", label="$D = 1/2$")
    right.plot(x, greatest, color=DISCRIMINATOR, label="$D^*$")
    right.set(xlabel="$x$", ylabel="integrand of $V$ (nats)")
    right.legend(fontsize=8)
    return figure
