"""InfoGAN: a generator whose pictures must show the codes that it was given."""

import copy
import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ganlib import checks, draws
from ganlib.games.game import Game
from ganlib.networks.batch_norm import measure_norms

Codes = tuple[Tensor, Tensor]  # category of each sample, whole numbers (n,), and its continuous codes, (n, C)


class Bound(NamedTuple):
    """What Q reads, in nats, each at most the mutual information with the sample; see `InfoGAN.bound_of`."""

    category: float
    continuous: tuple[float, ...]


class InfoGAN(Game):
    """A game of G(z, c) against D(x), in which Q(c | x) must be able to read the codes c off the sample.

    Latents are (noise, category, continuous codes), side by side: (n, noise + categories + continuous); noise from
    N(0, I), categories equally likely and one-hot times ``strength``, continuous codes from U(−1, 1).
    discriminator: as `networks.infogan.InfoDiscriminator`: besides logits, ``both(x)`` gives Q's numbers too, and
                   ``read(x)`` them alone: logits of the categories, then means of the continuous codes.
    weight:        λ. The generator's loss is that of `Game` plus λ · E[−log Q(c | G(z, c))].
    strength:      the number that stands for 1 in the one-hot vector. √categories gives its entries the mean square 1
                   that the noise has; with less, the category is one small input among many.
    std:           of Q's Gaussians for the continuous codes, fixed: −log Q is then a squared error over 2 std².
    Q belongs to the discriminator and learns in its steps, from the samples that D sees there, with weight 1: the best
    Q is the same for every λ > 0, and at λ = 0 it watches a generator that takes no notice of it.
    Source: Chen et al. 2016, eqs. 5 and 6; Q on D's optimiser as in the authors' code. No packs.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, *, noise: int, categories: int = 10,
                 continuous: int = 2, weight: float = 1.0, strength: float = 1.0, std: float = 0.5, **settings: Any):
        self.noise = checks.count("InfoGAN", "noise", noise)
        self.categories = checks.count("InfoGAN", "categories", categories, least=2)
        self.continuous = checks.count("InfoGAN", "continuous", continuous, least=0)
        super().__init__(generator, discriminator, latent=noise + categories + continuous, **settings)
        self.weight = checks.number("InfoGAN", "weight", weight, least=0)
        self.strength = checks.number("InfoGAN", "strength", strength, above=0)
        self.std = checks.number("InfoGAN", "std", std, above=0)
        for name in ("both", "read"):
            if not callable(getattr(discriminator, name, None)):
                raise TypeError(f"InfoGAN: discriminator must have a method {name}(x), as InfoDiscriminator has, "
                                f"got {type(discriminator).__name__}")
        if self.pack != 1:
            raise ValueError(f"InfoGAN: pack must be 1, got {self.pack}")

    def codes(self, rows: int) -> Codes:
        """Random codes: categories (rows,) and continuous ones (rows, continuous)."""
        device = self.place["device"]
        category = draws.integers(self.categories, rows, device)
        return category, (2 * draws.uniform(rows, self.continuous, device=device) - 1).to(self.place["dtype"])

    def join(self, noise: Tensor, codes: Codes) -> Tensor:
        """Noise (n, noise) and codes as latents, (n, noise + categories + continuous)."""
        category, continuous = codes
        one_hot = self.strength * functional.one_hot(category, self.categories).to(noise)
        return torch.cat([noise, one_hot, continuous.to(noise)], 1)

    def split(self, latents: Tensor) -> tuple[Tensor, Codes]:
        """The noise and the codes that were joined."""
        noise, one_hot, continuous = latents.split([self.noise, self.categories, self.continuous], 1)
        return noise, (one_hot.argmax(1), continuous)

    def latents(self, rows: int) -> Tensor:
        """Noise and codes, (rows, noise + categories + continuous), noise drawn first."""
        noise = draws.normal(rows, self.noise, device=self.place["device"]).to(self.place["dtype"])
        return self.join(noise, self.codes(rows))

    def generate(self, rows: int, average: bool = False, *, codes: Codes | None = None) -> Tensor:
        """``rows`` samples with these codes, or with random ones, shape (rows, …), without gradient."""
        latents = self.latents(checks.count("InfoGAN.generate", "rows", rows))
        if codes is not None:
            category, continuous = codes
            if category.shape != (rows,) or continuous.shape != (rows, self.continuous):
                raise ValueError(f"InfoGAN.generate: codes must have the shapes ({rows},) and ({rows}, "
                                 f"{self.continuous}), got {tuple(category.shape)} and {tuple(continuous.shape)}")
            place = self.place["device"]
            latents = self.join(latents[:, :self.noise], (category.to(place), continuous.to(place)))
        with torch.no_grad():
            return self.player(average)(latents)

    def surprise(self, reading: Tensor, codes: Codes) -> tuple[Tensor, Tensor]:
        """−log Q(c | x) in nats of the category, (n,), and of each continuous code, (n, C)."""
        category, continuous = codes
        logits, means = reading.split([self.categories, self.continuous], 1)
        square = ((continuous - means) / self.std).square()
        return (functional.cross_entropy(logits, category, reduction="none"),
                square / 2 + math.log(self.std * math.sqrt(2 * math.pi)))

    def reading_loss(self, reading: Tensor, latents: Tensor) -> Tensor:
        """E[−log Q(c | x)] over all codes: the mean over the batch of their sum, as a loss is (one a stream)."""
        category, continuous = self.surprise(reading, self.split(latents)[1])
        return draws.batch_mean(category + continuous.sum(1))

    def discriminator_loss(self, real: Tensor) -> Tensor:
        """As in `Game`, plus Q's loss on the generated samples."""
        with torch.no_grad():
            latents = self.latents(len(real))
            fake = self.seen(self.generator(latents))
            real = self.seen(real)
        readings = []

        def judge(samples: Tensor) -> Tensor:
            logits, reading = self.discriminator.both(samples)  # type: ignore[operator]
            if samples is fake:
                readings.append(reading)
            return logits

        value = self._discriminator_loss(judge, real, fake)
        return value + self.reading_loss(readings[0], latents)

    def generator_loss(self, real: Tensor) -> Tensor:
        """As in `Game`, plus λ times what Q does not know of the codes."""
        latents = self.latents(len(real))
        logits, reading = self.discriminator.both(self.seen(self.generator(latents)))  # type: ignore[operator]
        value = self._generator_loss(logits, real, self.discriminator)
        return value + self.weight * self.reading_loss(reading, latents) if self.weight else value

    def bound_of(self, reading: Tensor, codes: Codes) -> Bound:
        """The lower bounds H(c) + E log Q(c | x) of I(c; x) in nats, code by code, from what Q said of samples.

        category: at most log(categories). continuous: with the best fixed variance, the mean squared error itself,
        and H(c) = log 2, so log 2 − ½ log(2πe · mse); negative, and so of no use, where mse > 2/(πe) = 0.234.
        """
        category, _ = self.surprise(reading, codes)
        error = (reading[:, self.categories:] - codes[1]).square().mean(0)
        gained = math.log(2) - (2 * math.pi * math.e * error).log() / 2
        return Bound(math.log(self.categories) - float(category.mean()), tuple(gained.tolist()))

    @torch.no_grad()
    def bound(self, rows: int = 2000, average: bool = False) -> Bound:
        """`bound_of` what Q says of ``rows`` fresh samples."""
        latents = self.latents(checks.count("InfoGAN.bound", "rows", rows))
        reading = self.discriminator.read(self.seen(self.player(average)(latents)))  # type: ignore[operator]
        return self.bound_of(reading, self.split(latents)[1])

    @torch.no_grad()
    def settled(self, batches: int = 20) -> nn.Module:
        """A copy of the generator's average, or of the generator without one, in eval mode.

        Batch norm's statistics are measured anew on its own latents, because those of other parameters do not fit.
        """
        generator = copy.deepcopy(self.generator if self.average is None else self.average)
        return measure_norms(generator, ((self.latents(200),) for _ in range(batches)))
