"""A GAN is two players, a loss and perhaps a penalty: `Game` says what each player minimises, nothing else."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import checks, draws
from ganlib.losses import Loss, non_saturating

Penalty = Callable[[Callable[[Tensor], Tensor], Tensor, Tensor], Tensor]


class Game:
    """The game of Goodfellow et al. 2014: a generator against a discriminator.

    generator:     latents (n, latent) → samples (n, …).
    discriminator: samples (n, …) → one logit per sample, (n, 1).
    loss:          what each player minimises, from `ganlib.losses`.
    penalty:       added to the discriminator's loss, a function of (discriminator, real, fake), for example
                   ``lambda critic, real, fake: penalties.r1(critic, real, weight=1.0)``.
    latent:        dimension of z ~ N(0, I).
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, *, latent: int,
                 loss: Loss = non_saturating, penalty: Penalty | None = None):
        for name, player in (("generator", generator), ("discriminator", discriminator)):
            if not isinstance(player, nn.Module):
                raise TypeError(f"Game: {name} must be a torch.nn.Module, got {type(player).__name__}")
        if not isinstance(loss, Loss):
            raise TypeError(f"Game: loss must be a ganlib.losses.Loss, such as losses.hinge, got {loss!r:.80}")
        self.generator, self.discriminator = generator, discriminator
        self.latent = checks.count("Game", "latent", latent)
        self.loss, self.penalty = loss, penalty
        self.average: nn.Module | None = None  # the generator's moving average, kept by train(…, ema_decay=…)

    @property
    def place(self) -> dict[str, Any]:
        """Device and dtype of the players, as keyword arguments for ``tensor.to``."""
        parameter = next(self.generator.parameters())
        return {"device": parameter.device, "dtype": parameter.dtype}

    def reset(self) -> None:
        """Draw the parameters of both players afresh from torch's global generator, generator first.

        A player with a ``reset_parameters`` of its own does it itself; else each of its parts that has one does.
        """
        parts: list[Any] = [self.discriminator, self.generator]
        while parts:
            part = parts.pop()
            if hasattr(part, "reset_parameters"):
                part.reset_parameters()  # and with it all that is inside
            else:
                parts.extend(reversed(list(part.children())))

    def latents(self, rows: int) -> Tensor:
        """``rows`` latents z ~ N(0, I), shape (rows, latent)."""
        return draws.normal(rows, self.latent, device=self.place["device"]).to(self.place["dtype"])

    def generate(self, rows: int, average: bool = False) -> Tensor:
        """``rows`` samples G(z), shape (rows, …), without gradient; from the moving average if ``average``."""
        checks.count("Game.generate", "rows", rows)
        if average and self.average is None:
            raise ValueError("Game.generate: average=True, but no moving average was kept; train with ema_decay=…")
        generator = self.average if average and self.average is not None else self.generator
        with torch.no_grad():
            return generator(self.latents(rows))

    def discriminator_loss(self, real: Tensor) -> Tensor:
        """What the discriminator minimises on a batch of real samples (n, …), against n fresh generated ones."""
        with torch.no_grad():  # the generator is not the one learning here
            fake = self.generator(self.latents(len(real)))
        value = self.loss.discriminator(self.discriminator(real), self.discriminator(fake))
        return value if self.penalty is None else value + self.penalty(self.discriminator, real, fake)

    def generator_loss(self, real: Tensor) -> Tensor:
        """What the generator minimises with n fresh latents; ``real`` is looked at by relativistic losses only."""
        fake_logits = self.discriminator(self.generator(self.latents(len(real))))
        if self.loss.relativistic:
            return self.loss.generator(fake_logits, self.discriminator(real).detach())
        return self.loss.generator(fake_logits)

    def copy(self) -> "Game":
        """A game of its own with copies of both players."""
        return copy.deepcopy(self)
