"""The game of StyleGAN2 (chapter 17): R1 on the discriminator, a penalty on the path lengths of the generator."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import checks, draws, penalties
from ganlib.games.game import Game


def path_lengths(synthesis: Callable[[Tensor], Tensor], w: Tensor, directions: Tensor | None = None) -> Tensor:
    """‖J_wᵀ y‖ of each row of w, shape (n,), with J_w = ∂ synthesis(w) / ∂w; differentiable in all that made it.

    synthesis:  w (n, …) → pictures (n, channels, height, width), or points (n, d), row by row.
    directions: y, shaped as the pictures. By default from N(0, I) divided by √(height · width), so that neither the
                lengths nor the penalty's weight depend on the resolution.
    The Jacobian is never built: J_wᵀ y is the gradient of the number synthesis(w) · y.
    Source: Karras et al. 2020, section 3.2, where y is not divided; in the authors' code it is.
    """
    checks.tensor("path_lengths", "w", w)
    with torch.enable_grad():
        w = w if w.requires_grad else w.detach().requires_grad_()
        pictures = synthesis(w)
        if directions is None:
            directions = draws.normal(*pictures.shape, device=w.device).to(w.dtype) / math.sqrt(pictures[0, 0].numel())
        checks.same_shape("path_lengths", directions=directions, pictures=pictures)
        # Pictures of different rows do not depend on each other, so one gradient holds one row for each.
        (slope,) = torch.autograd.grad((pictures * directions).sum(), w, create_graph=True)
        return slope.flatten(1).norm(dim=1)


class PathLengthPenalty(nn.Module):
    """Path lengths (n,) → E (‖J_wᵀ y‖ − a)², with a the running mean of the lengths; each call moves a.

    decay: a ← a + (1 − decay) · (mean of the batch − a). The first batch sets a; from 0 it would at first draw all
           lengths towards 0.
    mean:  a, a buffer; 0 before the first batch. No gradient flows through it.
    steps: how many steps of the generator there were, which `StyleGame` counts.
    Source: Karras et al. 2020, equation 4.
    """

    mean: Tensor

    def __init__(self, decay: float = 0.99):
        super().__init__()
        self.decay = checks.number("PathLengthPenalty", "decay", decay, least=0, below=1)
        self.steps = 0  # a Python number, because every step would have to wait for one on the device
        self.register_buffer("mean", torch.zeros(()))

    def reset_parameters(self) -> None:
        """Forget the lengths seen."""
        self.steps = 0
        self.mean.zero_()

    def get_extra_state(self) -> Tensor:
        return torch.tensor(self.steps)

    def set_extra_state(self, state: Tensor) -> None:
        self.steps = int(state)

    def forward(self, lengths: Tensor) -> Tensor:
        batch = lengths.detach().mean().to(self.mean)
        self.mean = torch.where(self.mean > 0, self.mean.lerp(batch, 1 - self.decay), batch)
        return (lengths - self.mean).square().mean()


class StyleGame(Game):
    """A game whose discriminator is held by R1, and whose generator is to make equal steps in w equal in the picture.

    generator:   with ``mapping``, latents (n, latent) → w (n, …), and ``synthesis``, w → samples, as `StyleGenerator`.
    r1:          weight of R1 on the discriminator (γ), 0: none. It is the game's penalty, so the loop's penalty_every
                 makes it lazy. `penalties.r1`: γ/2 · E ‖∇D‖².
    path_weight: what the path length penalty counts in the generator's loss, 0: none.
    path_every:  it enters the generator's loss every so many steps, as many times as strongly (lazily; Karras et al.
                 2020, section 3.1; 4 in the authors' code), on half as many fresh latents as the batch has, one w for
                 all layers.
    path:        the running mean of the lengths, a `PathLengthPenalty`; a checkpoint keeps it.
    Sources: Karras et al. 2020, section 3, equation 4; Mescheder et al. 2018, equation 9 (R1). The loss is by default
    the non-saturating one. The other arguments are those of `Game`.
    """

    learners = (*Game.learners, "path")

    def __init__(self, generator: nn.Module, discriminator: nn.Module, *, r1: float = 1.0, path_weight: float = 0.0,
                 path_every: int = 4, path_decay: float = 0.99, **settings: Any):
        for name in ("mapping", "synthesis"):
            if not callable(getattr(generator, name, None)):
                raise TypeError(f"StyleGame: generator must have a method {name}, as StyleGenerator has, "
                                f"got {type(generator).__name__}")
        if "penalty" in settings:
            raise TypeError("StyleGame: penalty is R1 here, r1 sets its weight; for another use Game")
        checks.number("StyleGame", "r1", r1, least=0)
        if r1:
            settings["penalty"] = lambda critic, real, fake: penalties.r1(critic, real, weight=r1)
        super().__init__(generator, discriminator, **settings)
        self.path_weight = checks.number("StyleGame", "path_weight", path_weight, least=0)
        self.path_every = checks.count("StyleGame", "path_every", path_every)
        self.path = PathLengthPenalty(path_decay)

    def reset(self) -> None:
        """As in `Game`; the lengths seen are forgotten."""
        super().reset()
        self.path.reset_parameters()

    def lengths(self, rows: int, average: bool = False) -> Tensor:
        """`path_lengths` at ``rows`` fresh w, one random direction each, shape (rows,)."""
        player: Any = self.player(average)
        return path_lengths(player.synthesis, player.mapping(self.latents(rows)))

    def generator_loss(self, real: Tensor) -> Tensor:
        """As in `Game`, and at every ``path_every``-th step the path length penalty."""
        value = super().generator_loss(real)
        if self.path_weight == 0:
            return value
        self.path.steps += 1
        if (self.path.steps - 1) % self.path_every:
            return value
        return value + self.path_weight * self.path_every * self.path(self.lengths(max(1, len(real) // 2)))
