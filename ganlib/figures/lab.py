"""The GAN lab: a small game that trains in the page, with its optimal discriminator beside it."""

import math
import re
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import torch

from ganlib import checks, data, draws, theory
from ganlib.data import Mixture
from ganlib.figures import plots
from ganlib.figures.live import Live
from ganlib.losses import ALL
from ganlib.networks.mlp import MLP

LIMIT = 1.8  # the lab shows [−LIMIT, LIMIT]²


def _arc(x: float, y: float, turn: float) -> list[list[float]]:
    angles = [turn + math.pi * i / 11 for i in range(12)]
    return [[x + 0.8 * math.cos(a), y + 0.8 * math.sin(a)] for a in angles]


DATA: dict[str, tuple[str, Mixture]] = {
    "ring": ("ring of 8", data.ring(8, radius=1.2, std=0.06)),
    "grid": ("grid of 25", data.grid(5, spacing=0.6, std=0.05)),
    "line": ("line", Mixture([[0.1 * i, 0.06 * i] for i in range(-12, 13)], std=0.05)),
    "moons": ("two moons", Mixture(_arc(-0.4, -0.2, 0) + _arc(0.4, 0.2, math.pi), std=0.06)),
    "blobs": ("two blobs", data.two_blobs(distance=2.4, std=0.12)),
}
PENALTIES = {"none": "no penalty", "r1": "an R1 penalty", "r2": "an R2 penalty",
             "gradient_penalty": "a gradient penalty"}
PLAN = r"0(both|D|G)(,\d+(both|D|G))*"
LIMITS = {"latent": (1, 64), "hidden": (1, 256), "layers": (1, 6), "k": (1, 50), "batch": (2, 1024),
          "seed": (0, 10**9), "at": (0, 50_000)}  # also of what a link may ask for
RATES = (0.0001, 0.0003, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03)


@dataclass(frozen=True)
class Lab:
    """What a lab starts from; `lab` takes the same names as keyword arguments.

    data:       "ring", "grid", "line", "moons", "blobs", "own" (the reader draws), or a `Mixture` in the plane with
                centers in [−1.8, 1.8]².
    latent:     dimension of z; hidden, layers: both networks have so many layers of so many units.
    loss:       a name in `ganlib.losses.ALL`; penalty: "none", "r1", "r2" or "gradient_penalty"; weight: its weight.
    k:          updates of the discriminator a step; lr: rates of (generator, discriminator); betas: Adam's.
    plan:       who learns, from which step on: "0D,300both" is the discriminator alone until step 300.
    at:         the step at which it opens.
    question, answer: asked above, folded below; plain text.
    """

    data: Any = "ring"
    latent: int = 2
    hidden: int = 32
    layers: int = 2
    activation: str = "tanh"
    loss: str = "non_saturating"
    penalty: str = "none"
    weight: float = 1.0
    k: int = 1
    lr: tuple[float, float] = (1e-3, 3e-3)
    betas: tuple[float, float] = (0.5, 0.99)
    batch: int = 128
    seed: int = 1
    plan: str = "0both"
    at: int = 0
    question: str = ""
    answer: str = ""


# Each is a question to answer before pressing play. What the answers say is tested over eight seeds.
PRESETS: dict[str, Lab] = {
    "first": Lab(
        question="Eight blobs, and a generator that starts in their middle. Will it find them one by one? And where "
                 "will the two losses settle?",
        answer="Not one by one. Within 100 steps some samples are in each of the eight, but fewer than one in five is "
               "good; most gather in the next thousand or two, and thin threads remain. No loss falls to 0. D's "
               "settles between 1.1 and 1.4 and G's between 0.7 and 1.1, not quite at 2 log 2 ≈ 1.39 and log 2 ≈ 0.69, "
               "where D could not tell real from generated."),
    "saturation": Lab(
        loss="minimax", plan="0D,1000both", at=1000,
        question="The discriminator has learned alone for 1,000 steps; the generator has not moved. Its loss is the "
                 "minimax one. How long will the gradients be, and how long with the non-saturating loss?",
        answer="Their mean length is below 0.02, because D rejects every sample and log(1 − D) is flat there. Choose "
               "the non-saturating loss: at the same step, with the same D, it is more than 500 times as large. (Press "
               "play, and the minimax generator gets away all the same, even to a better end: Adam makes a full step "
               "out of the smallest gradient, and then D loses its certainty. The non-saturating one jumps farther, "
               "and with some seeds it loses blobs. A stall that lasts needs a D that stays ahead.)"),
    "collapse": Lab(
        lr=(1e-2, 1e-3),
        question="The generator's rate is ten times the discriminator's. How many of the eight blobs will it cover "
                 "after 3,000 steps, and will the losses show it?",
        answer="Few, and not the same ones for long: D is too slow, so G runs to wherever D is high at the moment. D's "
               "loss stays near 2 log 2 ≈ 1.39, as at the equilibrium: the losses do not tell. Exchange the two rates "
               "(More settings), and seven or eight come."),
    "wgan": Lab(
        loss="wasserstein", penalty="gradient_penalty", activation="leaky_relu", lr=(1e-3, 1e-3), k=5,
        question="A critic's loss, without its penalty, is minus an estimate of the Wasserstein distance. What will it "
                 "do while the generator spreads? And without the penalty?",
        answer="After some 200 restless steps it is well below 0, and from there it rises towards 0 as the samples "
               "come closer: a loss that can be read as progress. Set the penalty to none: the loss falls far below "
               "while the samples become about as good. Adam does not mind the size of a gradient, but the loss now "
               "tells how steep the critic is, not how far the samples are."),
    "r1": Lab(
        loss="minimax", penalty="r1", weight=3.0, plan="0D,500both", at=500,
        question="As with the saturated loss of chapter 4, the discriminator has learned alone, for 500 steps, but "
                 "with an R1 penalty. How long will the gradients be? Take the penalty away to compare.",
        answer="More than 30 times as long as without the penalty. R1 keeps D's slope on the data small, so D cannot "
               "become certain so fast, and where it is not certain even log(1 − D) has a slope. (Press play in both: "
               "Adam frees the generator without the penalty too, and a strong penalty slows it.)"),
}


def lab(preset: str | None = None, *, id: str | None = None, **settings: Any) -> Live:
    """A game of two small networks that the reader trains in the page, stops, rewinds and changes.

    It shows samples over the discriminator's map, the optimal discriminator p/(p + q) for the samples of the moment
    (both densities smoothed by one cell of its grid), the difference, the negative gradient of the generator's own
    loss at each sample, both losses, the modes found and the Jensen–Shannon divergence of the smoothed densities.

    preset:   a name in `PRESETS`; a question about its settings.
    settings: any of `Lab`'s, which go before the preset's.
    id:       unique on a page, small letters, digits and hyphens; "lab" or "lab-" and the preset's name if left out.
    Errors:   `ValueError` for an unknown name or a number out of range, `TypeError` for an unknown setting.
    """
    chosen = Lab() if preset is None else PRESETS[checks.one_of("lab", "preset", preset, PRESETS)]
    if unknown := set(settings) - {field.name for field in fields(Lab)}:
        raise TypeError(f"lab: unknown setting {min(unknown)!r}, expected {', '.join(f.name for f in fields(Lab))}")
    chosen = replace(chosen, **settings)
    mixtures = dict(DATA)
    if isinstance(chosen.data, Mixture):
        mixtures["given"] = ("given", chosen.data)
    given = _checked(chosen)
    config = {"settings": given, "rates": RATES, "limits": LIMITS, "question": chosen.question, "answer": chosen.answer,
              "names": {name: words for name, (words, _) in mixtures.items()} | {"own": "draw your own"},
              "data": {name: {"centers": [[round(v, 4) for v in c] for c in mixture.centers.tolist()],
                              "std": mixture.std} for name, (_, mixture) in mixtures.items()}}
    words, mixture = mixtures.get(given["data"], ("points of your own", DATA["ring"][1]))
    loss = f"{chosen.loss.replace('_', '-').replace('wass', 'Wass')} loss, {PENALTIES[chosen.penalty]}"
    return Live("lab", config, id=id or ("lab" if preset is None else f"lab-{preset}"), heights=(1230, 1620),
                title=f"GAN lab: {words}, {loss}", picture=_picture(mixture, chosen),
                alt=f"A GAN before its first step: real samples ({words}), the samples of an untrained generator, and "
                    f"the optimal discriminator between them. In the page it trains: {loss}.")


def _checked(chosen: Lab) -> dict[str, Any]:
    """The settings as the page knows them, or an error that names the wrong one."""
    for name, (least, most) in LIMITS.items():
        if checks.count("lab", name, getattr(chosen, name), least=least) > most:
            raise ValueError(f"lab: {name} must be at most {most:,}, got {getattr(chosen, name)!r:.80}")
    for name, allowed in (("activation", ("tanh", "relu", "leaky_relu")), ("loss", ALL), ("penalty", PENALTIES)):
        checks.one_of("lab", name, getattr(chosen, name), allowed)
    checks.number("lab", "weight", chosen.weight, least=0)
    for name in ("lr", "betas"):
        pair = getattr(chosen, name)
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise ValueError(f"lab: {name} must be a pair of numbers, got {pair!r:.80}")
        for value in pair:
            checks.number("lab", name, value, **({"above": 0} if name == "lr" else {"least": 0, "below": 1}))
    if not isinstance(chosen.plan, str) or not re.fullmatch(PLAN, chosen.plan):
        raise ValueError(f"lab: plan must be such as '0D,300both', beginning with 0, got {chosen.plan!r:.80}")
    if isinstance(chosen.data, Mixture):
        if chosen.data.dimensions != 2 or bool((chosen.data.centers.abs() > LIMIT).any()):
            raise ValueError(f"lab: data must be a mixture in the plane with centers in [-{LIMIT}, {LIMIT}]², got "
                             f"centers {chosen.data.centers.tolist()!r:.80}")
        if not chosen.data._equal:
            raise ValueError("lab: data must be a mixture of equal weights")
    else:
        checks.one_of("lab", "data", chosen.data if isinstance(chosen.data, str) else type(chosen.data).__name__,
                      (*DATA, "own"))
    settings = {name: value for name, value in asdict(replace(chosen, data=None)).items()
                if name not in ("data", "lr", "betas", "question", "answer")}
    return settings | {"data": "given" if isinstance(chosen.data, Mixture) else chosen.data, "lrG": chosen.lr[0],
                       "lrD": chosen.lr[1], "beta1": chosen.betas[0], "beta2": chosen.betas[1]}


def _picture(mixture: Mixture, chosen: Lab) -> Any:
    from scipy.stats import gaussian_kde  # a quarter of a second that only this picture needs

    with torch.random.fork_rng(), draws.alone(), torch.no_grad():  # the reader's random numbers stay as they are
        torch.manual_seed(chosen.seed)
        generator = MLP(chosen.latent, *[chosen.hidden] * chosen.layers, 2, activation=chosen.activation)
        real, fake = mixture.sample(256), generator(draws.normal(2000, chosen.latent))
        blurred = fake + 0.001 * draws.normal(*fake.shape)  # a generator of dead units gives one point
    figure, (left, right) = plots.new(2)
    plots.samples(left, real, fake[:256], limit=LIMIT)
    left.legend(loc="upper right")
    left.set_title("before the first step")
    density = gaussian_kde(blurred.double().numpy().T)

    def optimum(x: torch.Tensor) -> torch.Tensor:
        return theory.optimal_discriminator(mixture.density(x) + 1e-9, torch.as_tensor(density(x.numpy().T)) + 1e-9)

    figure.colorbar(plots.discriminator_map(right, optimum, LIMIT), ax=right, label="D*")
    right.set_title("the optimal discriminator")
    return figure
