"""The failure clinic's machinery: patients are recipes, a change overrides entries, and five seeds say what came of it.

    python -m ganlib.practice.clinic record [ID …]     train the patients, untreated, and write bank/clinic.json
"""

import hashlib
import importlib
import json
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ganlib import diagnostics, draws, losses, penalties
from ganlib.data.mixtures import Mixture
from ganlib.draws import batch_mean
from ganlib.games import Game
from ganlib.losses import Loss
from ganlib.metrics import matched_distance, mode_coverage
from ganlib.networks import MLP
from ganlib.networks.mlp import ACTIVATIONS
from ganlib.practice.choice import Diagnosis, Option, Trial
from ganlib.training import Diverged, History, ensemble

FILE = Path(__file__).parent / "bank" / "clinic.json"
SEEDS = range(5)
ROWS = 1000  # samples that are judged
Bounds = dict[str, tuple[float, float]]  # measurement → lowest and highest value allowed
Measurements = dict[str, list[float]]  # measurement → one number per seed

LOSSES = losses.ALL | {
    "labels_d": Loss("labels_d", lambda real, fake: batch_mean(softplus(real)) + batch_mean(softplus(-fake)),
                     lambda fake: batch_mean(softplus(-fake))),
    "labels_both": Loss("labels_both", lambda real, fake: batch_mean(softplus(real)) + batch_mean(softplus(-fake)),
                        lambda fake: batch_mean(softplus(fake))),
}


@dataclass(frozen=True)
class Recipe:
    """All that decides a run. A change is a dict that replaces some of the entries."""

    centers: tuple[tuple[float, float], ...]  # of the data, a mixture of equal Gaussians
    std: float
    scale: float = 1.0  # the networks see the data times this
    generator: tuple[int, ...] = (2, 32, 32, 2)
    discriminator: tuple[int, ...] = (2, 32, 32, 1)
    activation: str = "tanh"
    output: str = "linear"  # the generator's last activation
    sigmoid: bool = False  # at the end of the discriminator
    norm_g: bool = False  # batch norm in the generator
    norm_d: bool = False
    joint: bool = False  # real and generated samples pass the discriminator in one batch
    loss: str = "non_saturating"
    detached: bool = False  # the samples in the generator's own loss
    penalty: str = ""  # "r1", "per_sample" or "per_batch"
    weight: float = 0.0
    rates: tuple[float, float] = (1e-3, 3e-3)  # the generator's, the discriminator's
    betas: tuple[float, float] = (0.5, 0.99)
    d_steps: int = 1
    steps: int = 1000
    batch: int = 128
    sample_mode: str = "train"  # the generator's mode when samples are drawn for good
    sample_rows: int = ROWS  # how many are drawn in one go
    first_seed: int = 0

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]

    @property
    def data(self) -> Mixture:
        """The data as the networks see them."""
        return Mixture([[self.scale * x for x in c] for c in self.centers], self.scale * self.std)


def circle(clouds: int, radius: float, center: tuple[float, float] = (0.0, 0.0)) -> tuple[tuple[float, float], ...]:
    """Centres of clouds on a circle, rounded so that they (and fingerprints) are the same everywhere."""
    angles = [2 * math.pi * i / clouds for i in range(clouds)]
    return tuple((round(center[0] + radius * math.cos(a), 6) + 0.0, round(center[1] + radius * math.sin(a), 6) + 0.0)
                 for a in angles)


class Network(MLP):
    """An `MLP` that may have batch norm before every hidden activation and a sigmoid at its end."""

    def __init__(self, *sizes: int, norm: bool = False, sigmoid: bool = False, **settings: Any):
        super().__init__(*sizes, **settings)
        self.norm, self.sigmoid = norm, sigmoid
        for i, width in enumerate(sizes[1:-1] if norm else ()):
            self.register_buffer(f"mean{i}", torch.zeros(1, 1, width))
            self.register_buffer(f"var{i}", torch.ones(1, 1, width))

    def forward(self, x: Tensor) -> Tensor:
        rows = len(x)
        x = x.unflatten(0, (self.members, -1))  # (M·n, d) → (M, n, d)
        for i, layer in enumerate(self.layers):
            x = layer(x)
            if i < len(self.layers) - 1:
                x = ACTIVATIONS[self.activation](self._normalised(x, i) if self.norm else x)
        x = ACTIVATIONS[self.output](x).reshape(rows, *self.shape)
        return torch.sigmoid(x) if self.sigmoid else x

    def _normalised(self, x: Tensor, i: int) -> Tensor:
        mean, var = getattr(self, f"mean{i}"), getattr(self, f"var{i}")
        if self.training:
            now = x.mean(1, keepdim=True), x.var(1, unbiased=False, keepdim=True)
            with torch.no_grad():
                mean.lerp_(now[0], 0.1)
                var.lerp_(now[1], 0.1)
            mean, var = now
        return (x - mean) / (var + 1e-5).sqrt()

    def _settings(self) -> tuple[Any, ...]:
        return *super()._settings(), self.norm, self.sigmoid

    def _like(self) -> "Network":
        with torch.random.fork_rng(devices=[]):
            return Network(*self.sizes, norm=self.norm, sigmoid=self.sigmoid, activation=self.activation,
                           output=self.output, shape=self.shape)

    def stack(self, networks: Any) -> "MLP":
        stacked = super().stack(networks)
        for name, _ in list(stacked.named_buffers()):
            setattr(stacked, name, torch.cat([getattr(n, name) for n in networks]))
        return stacked

    def unstack(self) -> list[MLP]:
        singles = super().unstack()
        for name, value in self.named_buffers():
            for single, own in zip(singles, value, strict=True):
                setattr(single, name, own[None].clone())
        return singles


class Bench(Game):
    """A game with the faults that a recipe can have."""

    def __init__(self, recipe: Recipe):
        generator = Network(*recipe.generator, norm=recipe.norm_g, activation=recipe.activation, output=recipe.output)
        critic = Network(*recipe.discriminator, norm=recipe.norm_d, activation=recipe.activation,
                         sigmoid=recipe.sigmoid)
        super().__init__(generator, critic, latent=recipe.generator[0], loss=LOSSES[recipe.loss],
                         penalty=_penalty(recipe))
        self.recipe = recipe

    def _logits(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Of both kinds, from one batch in which each member's samples stand together."""
        m: Any = self.discriminator.members
        both = torch.cat([real.unflatten(0, (m, -1)), fake.unflatten(0, (m, -1))], 1)  # (M, 2n, d)
        real, fake = self.discriminator(both.flatten(0, 1)).unflatten(0, (m, -1)).chunk(2, 1)
        return real.flatten(0, 1), fake.flatten(0, 1)

    def discriminator_loss(self, real: Tensor) -> Tensor:
        if not self.recipe.joint:
            return super().discriminator_loss(real)
        with torch.no_grad():
            fake = self.generator(self.latents(len(real)))
        return self.loss.discriminator(*self._logits(real, fake))

    def generator_loss(self, real: Tensor) -> Tensor:
        fake = self.generator(self.latents(len(real)))
        if self.recipe.detached:
            fake = fake.detach()
        return self.loss.generator(self._logits(real, fake)[1] if self.recipe.joint else self.discriminator(fake))


def _per_batch(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, weight: float, n: int) -> Tensor:
    """The gradient penalty with one norm for all ``n`` samples of a batch together."""
    eps = draws.uniform(len(real), 1)
    squares = penalties.squared_slope(critic, eps * real.detach() + (1 - eps) * fake.detach())
    return weight * ((n * batch_mean(squares)).sqrt() - 1).square()


def _penalty(recipe: Recipe) -> Any:
    match recipe.penalty:
        case "r1":
            return lambda critic, real, fake: penalties.r1(critic, real, recipe.weight)
        case "per_sample":
            return partial(penalties.gradient_penalty, weight=recipe.weight)
        case "per_batch":
            return partial(_per_batch, weight=recipe.weight, n=recipe.batch)
    return None


def sample(game: Game, recipe: Recipe, rows: int = ROWS) -> Tensor:
    """Samples as the recipe draws them, (rows, 2), in the data's own units."""
    game.generator.train(recipe.sample_mode == "train")
    with torch.no_grad():
        parts = [game.generator(z) for z in game.latents(rows).split(recipe.sample_rows)]
    game.generator.train()
    return torch.cat(parts) / recipe.scale


def compare(made: Tensor, recipe: Recipe) -> dict[str, float]:
    """How samples (n, 2), in the data's units, differ from as many of the data."""
    data = Mixture(recipe.centers, recipe.std)
    real = data.sample(len(made))
    cover = mode_coverage(made, data.centers, data.std)
    return {"good": cover.high_quality, "modes": float(cover.modes),
            "distance": float((made.mean(0) - real.mean(0)).norm()),
            "spread": float((made.var(0).sum() / real.var(0).sum()).sqrt())}


def judge(game: Game, recipe: Recipe) -> dict[str, float]:
    """What is measured on a trained game."""
    torch.manual_seed(1)
    made = sample(game, recipe)
    found = compare(made, recipe)
    if recipe.loss == "wasserstein":
        real, made = recipe.data.sample(400), made[:400] * recipe.scale
        with torch.no_grad():
            gap = game.discriminator(real).mean() - game.discriminator(made).mean()
        found["estimate"] = float(gap) / matched_distance(real, made)
    return found


def train(recipe: Recipe, seeds: Iterable[int] = SEEDS, **settings: Any) -> list[History]:
    """One run per seed, all in one batch."""
    return ensemble(Bench(recipe), recipe.data, seeds=[recipe.first_seed + s for s in seeds], steps=recipe.steps,
                    batch=recipe.batch, lr=recipe.rates, betas=recipe.betas, discriminator_steps=recipe.d_steps,
                    device="cpu", progress=False, **settings)


def run(recipe: Recipe, change: dict[str, Any] | None = None, seeds: Iterable[int] = SEEDS) -> Measurements:
    """Train with a change and measure: name → one number per seed, not a number if the run diverged."""
    changed = replace(recipe, **(change or {}))
    seeds = list(seeds)
    with torch.random.fork_rng(devices=[]):
        try:
            found = [judge(history.game, changed) for history in train(changed, seeds)]
        except Diverged:
            found = [dict.fromkeys(WORDS, math.nan)] * len(seeds)
    return {name: [one[name] for one in found] for name in found[0]}


def within(bounds: Bounds, measured: Measurements) -> list[bool]:
    """Per seed: does every measurement named lie in its bounds?"""
    return [all(low <= measured[name][i] <= high for name, (low, high) in bounds.items())
            for i in range(len(next(iter(measured.values()))))]


class Change(NamedTuple):
    """A change offered, and what it does to the recipe."""

    text: str
    cures: bool
    reason: str
    override: dict[str, Any]


@dataclass(kw_only=True, eq=False, repr=False)
class Patient(Diagnosis):
    """A recipe that fails in every seed, and the changes that are really tried.

    sick, well: bounds of measurements (keys of `WORDS`); between the two there is a gap.
    shown:      the measurements that are reported, the most telling one first.
    columns:    of the log, keys of `COLUMNS`.
    notes:      what the learner is told of the code, Markdown.
    alt:        what the picture shows.
    """

    recipe: Recipe
    offers: tuple[Change, ...]
    sick: Bounds
    well: Bounds
    alt: str
    shown: tuple[str, ...] = ("good",)
    columns: tuple[str, ...] = ("d_loss", "g_loss", "accuracy", "real", "fake", "gradient", "good")
    notes: str = ""
    record: str = field(init=False)
    changes: tuple[Option, ...] = field(init=False)
    trial: Callable[[int], Trial] = field(init=False)
    figure: Callable[[], None] | None = field(init=False)

    def __post_init__(self) -> None:
        self.changes = tuple(Option(c.text, c.cures, c.reason) for c in self.offers)
        self.trial, self.figure, self.record = self.treat, self.draw, self._symptoms()
        super().__post_init__()

    def treat(self, position: int) -> Trial:
        """Train with one of the changes, over five seeds."""
        after = run(self.recipe, self.offers[position].override)
        well = within(self.well, after)
        before = recorded()[self.id]["before"]
        numbers = "; ".join(f"{WORDS[name]}: {_range(before[name])} before, {_range(after[name])} with the change"
                            for name in self.shown)
        return Trial(all(well), f"{numbers[0].upper()}{numbers[1:]} ({sum(well)} of {len(well)} seeds are well).")

    def draw(self) -> None:
        """Show the recorded samples over the data."""
        from ganlib import figures

        kept = recorded()[self.id]
        figure, axes = figures.new(width=4.0, height=3.6)
        figures.samples(axes, torch.tensor(kept["data"]), torch.tensor(kept["generated"]))
        axes.legend(loc="best", fontsize=8)
        figures.show(figure, alt=self.alt)

    def fresh_record(self) -> dict[str, Any]:
        """Train untreated and keep what the learner is shown: the log and the samples of the first seed."""
        with torch.random.fork_rng(devices=[]):
            probes = {"log": partial(_look, recipe=self.recipe)}
            runs = train(self.recipe, probes=probes, probe_every=self.recipe.steps // 6)
            found = [judge(one.game, self.recipe) for one in runs]
            torch.manual_seed(2)
            points = {"data": Mixture(self.recipe.centers, self.recipe.std).sample(150),
                      "generated": sample(runs[0].game, self.recipe, 150)}
        first, log = runs[0], []
        for step, seen in zip(first.probe_steps, first.probes["log"], strict=True):
            recent = slice(max(step - 20, 0), max(step, 1))
            numbers = [first.discriminator_loss[recent].mean(), first.generator_loss[recent].mean(), *seen]
            log.append({"step": int(step)} | {name: _rounded(x) for name, x in zip(COLUMNS, numbers, strict=True)})
        return {"fingerprint": self.recipe.fingerprint, "log": log,
                "before": {name: [_rounded(one[name]) for one in found] for name in found[0]},
                **{name: [[round(float(x), 2) for x in point] for point in kept] for name, kept in points.items()}}

    def _symptoms(self) -> str:
        kept = recorded().get(self.id)
        if kept is None:
            return "Not recorded yet."
        heads = ["step", *(COLUMNS[name] for name in self.columns)]
        rows = [heads, ["---:"] * len(heads)]
        rows += [[f"{row['step']:,}", *(f"{row[name]:.3g}" for name in self.columns)] for row in kept["log"]]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        last = ", ".join(f"{WORDS[name]} {kept['before'][name][0]:.3g}" for name in self.shown)
        end = f"{ROWS:,} samples drawn at the end: {last}. The picture shows 150."
        return "\n\n".join(filter(None, [describe(self.recipe), self.notes, table, end]))


WORDS = {"good": "share of good samples", "modes": "clouds found", "distance": "distance of the centres",
         "spread": "spread relative to the data's",
         "estimate": "the critic's estimate of $W_1$ relative to the true value"}
COLUMNS = {"d_loss": "loss of D", "g_loss": "loss of G", "accuracy": "accuracy of D", "real": "mean logit, real",
           "fake": "mean logit, generated", "gradient": "gradient of G", "good": "good samples",
           "modes": "clouds found", "distance": "distance of centres", "spread": "spread", "slope": "mean slope of D"}
LOSS_NAMES = {"non_saturating": "non-saturating", "labels_d": "non-saturating", "minimax": "minimax",
              "wasserstein": "Wasserstein with gradient penalty"}


def _look(game: Game, recipe: Recipe) -> Tensor:
    """The columns of the log that are not losses."""
    made = game.generate(ROWS)
    real = recipe.data.sample(ROWS)
    with torch.no_grad():
        logits = game.discriminator(real), game.discriminator(made)
    accuracy = (float((logits[0] > 0).double().mean()) + float((logits[1] <= 0).double().mean())) / 2
    gradient = diagnostics.gradient_norm(game.generator_loss(real), game.generator.parameters())
    found = compare(made / recipe.scale, recipe)
    slope = float(penalties.squared_slope(game.discriminator, torch.cat([real, made])).sqrt().mean().detach())
    return torch.tensor([accuracy, *(float(x.mean()) for x in logits), gradient, found["good"], found["modes"],
                         found["distance"], found["spread"], slope], dtype=torch.float64)


def describe(recipe: Recipe) -> str:
    """The recipe in words, as far as a learner knows it: what is written in the settings, not the faults."""
    def sizes(widths: tuple[int, ...], more: str) -> str:
        return "–".join(map(str, widths)) + more

    ends = ", ends in tanh" if recipe.output == "tanh" else ""
    weight = f" of weight {recipe.weight:g}" if recipe.penalty else ""
    return (f"**Data:** {len(recipe.centers)} round cloud{'s' * (len(recipe.centers) > 1)}, standard deviation "
            f"{recipe.std:g}; a sample is good if it is within 3 standard deviations of a centre. "
            f"**G:** {sizes(recipe.generator, ', batch norm' * recipe.norm_g)}{ends}. "
            f"**D:** {sizes(recipe.discriminator, ', batch norm' * recipe.norm_d)}. "
            f"**Hidden activation:** {recipe.activation.replace('_', ' ')}. "
            f"**Loss:** {LOSS_NAMES[recipe.loss]}{weight}. "
            f"**Adam:** rate {recipe.rates[0]:g} for G, {recipe.rates[1]:g} for D. **Batch:** {recipe.batch}. "
            f"**D steps per G step:** {recipe.d_steps}.")


def _rounded(x: float) -> float:
    return float(f"{x:.3g}")


def _range(values: list[float]) -> str:
    low, high = f"{min(values):.2f}", f"{max(values):.2f}"
    if all(float(v).is_integer() for v in values):
        low, high = f"{min(values):.0f}", f"{max(values):.0f}"
    return low if low == high else f"{low}–{high}"


@cache
def recorded() -> dict[str, Any]:
    """What bank/clinic.json holds: id → log, samples and measurements of the untreated patient."""
    return json.loads(FILE.read_text()) if FILE.exists() else {}


def write_record(patients: Iterable[Patient], ids: list[str]) -> None:
    """Train the patients with these ids (or all), untreated, and keep what is seen in bank/clinic.json."""
    kept = {p.id: p.fresh_record() if p.id in ids or not ids else recorded()[p.id] for p in patients}
    lines = (f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in kept.items())
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    if sys.argv[1:2] != ["record"]:
        sys.exit(__doc__)
    from ganlib import practice

    # not this copy of the module, which is called __main__, but the one that the bank's patients come from
    own = importlib.import_module("ganlib.practice.clinic")
    own.write_record([e for n in practice.numbers() for e in practice.chapter(n) if isinstance(e, own.Patient)],
                     sys.argv[2:])
