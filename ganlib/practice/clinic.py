"""The failure clinic's machinery: patients are recipes, a change overrides entries, and five seeds say what came of it.

    python -m ganlib.practice.clinic record [ID …]     train the patients, untreated, and write bank/clinic.json
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ganlib import diagnostics, draws, losses, penalties
from ganlib.data.mixtures import Mixture
from ganlib.draws import batch_mean
from ganlib.games import Game
from ganlib.losses import Loss
from ganlib.metrics import mode_coverage
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
    def data(self) -> "Scaled":
        return Scaled([[self.scale * x for x in c] for c in self.centers], self.scale * self.std)


class Scaled(Mixture):
    """A mixture as the networks see it."""


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
        return tuple(half.flatten(0, 1) for half in
                     self.discriminator(both.flatten(0, 1)).unflatten(0, (m, -1)).chunk(2, 1))  # type: ignore

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
    generator = game.generator.train(recipe.sample_mode == "train")
    torch.manual_seed(1)
    with torch.no_grad():
        parts = [generator(z) for z in game.latents(rows).split(recipe.sample_rows)]
    generator.train()
    return torch.cat(parts) / recipe.scale


def judge(game: Game, recipe: Recipe) -> dict[str, float]:
    """What is measured on a trained game."""
    made = sample(game, recipe)
    data = Mixture(recipe.centers, recipe.std)
    real = data.sample(ROWS)
    cover = mode_coverage(made, data.centers, data.std)
    found = {"good": cover.high_quality, "modes": float(cover.modes), "kl": cover.reverse_kl,
             "distance": float((made.mean(0) - real.mean(0)).norm()),
             "spread": float((made.var(0).sum() / real.var(0).sum()).sqrt())}
    if recipe.loss == "wasserstein":
        from scipy.optimize import linear_sum_assignment
        a, b = real[:400], made[:400]
        cost = torch.cdist(a, b)
        w1 = float(cost[linear_sum_assignment(cost)].mean())
        with torch.no_grad():
            found["estimate"] = float(game.discriminator(a).mean() - game.discriminator(b).mean()) / w1
    return found


def train(recipe: Recipe, seeds: Iterable[int] = SEEDS, probes: Any = None, every: int | None = None) -> list[History]:
    """One run per seed, all in one batch."""
    game = Bench(recipe)
    return ensemble(game, recipe.data, seeds=[recipe.first_seed + s for s in seeds], steps=recipe.steps,
                    batch=recipe.batch, lr=recipe.rates, betas=recipe.betas, discriminator_steps=recipe.d_steps,
                    probes=probes, probe_every=every or recipe.steps, device="cpu", progress=False)


def run(recipe: Recipe, change: dict[str, Any] | None = None, seeds: Iterable[int] = SEEDS) -> Measurements:
    """Train with a change and measure: name → one number per seed."""
    changed = replace(recipe, **(change or {}))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found = [judge(h.game, changed) for h in train(changed, seeds)]
    return {name: [one[name] for one in found] for name in found[0]}
