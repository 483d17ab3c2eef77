"""A generator that looks ahead, as a cure of mode collapse (chapter 6)."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ganlib import checks, draws
from ganlib.games.game import Game


class Unrolled(Game):
    """A game whose generator looks ahead: its loss is judged by the discriminator of ``unroll`` steps later.

    These steps are plain gradient steps of rate ``unroll_lr`` on the discriminator's loss without penalty, on the
    same batch and latents, and the generator's gradient flows through all of them. They are only thought: the
    discriminator itself learns as in `Game`. Source: Metz et al. 2017, eqs. 7 to 9 (there with Adam inside).
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, *, unroll: int = 5, unroll_lr: float = 0.1,
                 **settings: Any):
        super().__init__(generator, discriminator, **settings)
        self.unroll = checks.count("Unrolled", "unroll", unroll, least=0)
        self.unroll_lr = checks.number("Unrolled", "unroll_lr", unroll_lr, above=0)

    def generator_loss(self, real: Tensor) -> Tensor:
        """As in `Game`, with the discriminator that would follow; n fresh latents, real samples (n, …)."""
        fake, shown = self.seen(self.generator(self.latents(len(real)))), self.seen(real)
        weights: dict[str, Tensor] = dict(self.discriminator.named_parameters())

        def later(samples: Tensor) -> Tensor:
            return functional_call(self.discriminator, weights, (samples,))

        for _ in range(self.unroll):
            loss = draws.total(self.loss.discriminator(later(shown), later(fake)))
            slopes = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
            weights = {name: w - self.unroll_lr * s
                       for (name, w), s in zip(weights.items(), slopes, strict=True)}
        return self._generator_loss(later(fake), real, later)
