"""A GAN is two players, a loss and perhaps a penalty: `Game` says what each player minimises, nothing else."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import checks, draws
from ganlib.losses import Loss, non_saturating

Judge = Callable[[Tensor], Tensor]  # samples as they are shown → logits
Penalty = Callable[[Judge, Tensor, Tensor], Tensor]
Augmentation = Callable[[Tensor], Tensor]


class Game:
    """The game of Goodfellow et al. 2014: a generator against a discriminator.

    generator:     latents (n, latent) → samples (n, …).
    discriminator: samples (n, …) → one logit per sample, (n, 1).
    loss:          what each player minimises, from `ganlib.losses`.
    penalty:       added to the discriminator's loss, a function of (discriminator, real, fake), for example
                   ``lambda critic, real, fake: penalties.r1(critic, real, weight=1.0)``.
    latent:        dimension of z ~ N(0, I).
    pack:          how many samples the discriminator judges at once, side by side on their first axis: m points
                   (n, d) become (n/m, m·d), m pictures (n, C, H, W) become (n/m, m·C, H, W). Source: Lin et al. 2018.
    augment:       a function of samples, applied to all that the discriminator sees, real and generated, in both
                   players' steps (Zhao et al. 2020). If it has a method ``observe(real_logits)``, this is called at
                   each of the discriminator's steps.
    constraint:    called on the discriminator after each of its updates, for example ``penalties.clip(0.01)``.
    """

    # what of it can learn or remember, if it is a module
    learners: tuple[str, ...] = ("generator", "discriminator", "average", "augment")

    def __init__(self, generator: nn.Module, discriminator: nn.Module, *, latent: int,
                 loss: Loss = non_saturating, penalty: Penalty | None = None, pack: int = 1,
                 augment: Augmentation | None = None, constraint: Callable[[nn.Module], object] | None = None):
        for name, player in (("generator", generator), ("discriminator", discriminator)):
            if not isinstance(player, nn.Module):
                raise TypeError(f"Game: {name} must be a torch.nn.Module, got {type(player).__name__}")
        if not isinstance(loss, Loss):
            raise TypeError(f"Game: loss must be a ganlib.losses.Loss, such as losses.hinge, got {loss!r:.80}")
        self.generator, self.discriminator = generator, discriminator
        self.latent = checks.count("Game", "latent", latent)
        for name, value in (("penalty", penalty), ("augment", augment), ("constraint", constraint)):
            if value is not None and not callable(value):
                raise TypeError(f"Game: {name} must be a function or None, got {type(value).__name__}")
        self.loss, self.penalty = loss, penalty
        self.pack = checks.count("Game", "pack", pack)
        self.augment, self.constraint = augment, constraint
        self.penalty_weight = 1.0  # what the penalty counts at this step; train(…, penalty_weight=…) sets it
        self.average: nn.Module | None = None  # the generator's moving average, kept by train(…, ema_decay=…)

    @property
    def place(self) -> dict[str, Any]:
        """Device and dtype of the players, as keyword arguments for ``tensor.to``."""
        parameter = next(self.generator.parameters())
        return {"device": parameter.device, "dtype": parameter.dtype}

    def reset(self) -> None:
        """Draw the parameters of both players afresh from torch's global generator, generator first.

        A player with a ``reset_parameters`` of its own does it itself; else each of its parts that has one does.
        An augmentation that is a module is reset last.
        """
        parts: list[Any] = [self.discriminator, self.generator]
        if isinstance(self.augment, nn.Module):
            parts.insert(0, self.augment)
        while parts:
            part = parts.pop()
            if hasattr(part, "reset_parameters"):
                part.reset_parameters()  # and with it all that is inside
            else:
                parts.extend(reversed(list(part.children())))

    def latents(self, rows: int) -> Tensor:
        """``rows`` latents z ~ N(0, I), shape (rows, latent)."""
        return draws.normal(rows, self.latent, device=self.place["device"]).to(self.place["dtype"])

    def player(self, average: bool = False) -> nn.Module:
        """The generator, or its moving average; `ValueError` if there is none."""
        if average and self.average is None:
            raise ValueError("Game.generate: average=True, but no moving average was kept; train with ema_decay=…")
        return self.average if average and self.average is not None else self.generator

    def generate(self, rows: int, average: bool = False) -> Tensor:
        """``rows`` samples G(z), shape (rows, …), without gradient; from the moving average if ``average``."""
        checks.count("Game.generate", "rows", rows)
        with torch.no_grad():
            return self.player(average)(self.latents(rows))

    def seen(self, samples: Tensor) -> Tensor:
        """What the discriminator is shown of samples (n, …): augmented, and in packs, (n / pack, …)."""
        shown = samples if self.augment is None else self.augment(samples)
        return shown if self.pack == 1 else shown.unflatten(0, (-1, self.pack)).flatten(1, 2)

    def logits(self, samples: Tensor) -> Tensor:
        """The discriminator's logits on samples (n, …), as it is shown them: (n / pack, 1)."""
        return self.discriminator(self.seen(samples))

    def discriminator_loss(self, real: Tensor) -> Tensor:
        """What the discriminator minimises on a batch of real samples (n, …), against n fresh generated ones."""
        with torch.no_grad():  # the generator is not the one learning here
            fake = self.generator(self.latents(len(real)))
            real, fake = self.seen(real), self.seen(fake)
        return self._discriminator_loss(self.discriminator, real, fake)

    def _discriminator_loss(self, judge: Judge, real: Tensor, fake: Tensor) -> Tensor:
        """The loss and the penalty of whoever judges, on samples as they are shown."""
        real_logits = judge(real)
        value = self.loss.discriminator(real_logits, judge(fake))
        if observe := getattr(self.augment, "observe", None):
            observe(real_logits.detach())
        if self.penalty is None or self.penalty_weight == 0:
            return value
        return value + self.penalty_weight * self.penalty(judge, real, fake)

    def generator_loss(self, real: Tensor) -> Tensor:
        """What the generator minimises with n fresh latents; ``real`` is looked at by relativistic losses only."""
        fake_logits = self.logits(self.generator(self.latents(len(real))))
        return self._generator_loss(fake_logits, real, self.discriminator)

    def _generator_loss(self, fake_logits: Tensor, real: Tensor, judge: Judge) -> Tensor:
        if self.loss.relativistic:
            return self.loss.generator(fake_logits, judge(self.seen(real)).detach())
        return self.loss.generator(fake_logits)

    def copy(self) -> "Game":
        """A game of its own with copies of both players."""
        return copy.deepcopy(self)
