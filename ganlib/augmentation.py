"""Augmentation of what the discriminator sees: ``Game(…, augment=…)`` applies it to real AND generated samples.

An augmentation is a function of samples (n, …) that is differentiable in them, because the generator learns through
it. Numbers are drawn by `ganlib.draws`, so each member of an ensemble draws what it would draw alone.
Sources: Zhao et al. 2020 (both kinds of samples, both players' steps); Karras et al. 2020 (leaks, `Adaptive`).
"""

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ganlib import checks, draws

Transform = Callable[[Tensor], Tensor]


def noise(std: float) -> Transform:
    """Instance noise, x + std · ε with ε ~ N(0, I): samples of any shape (n, …), std in their units.

    Source: Sønderby et al. 2017, section 3; Arjovsky & Bottou 2017, section 3.
    """
    std = checks.number("noise", "std", std, least=0)

    def transform(x: Tensor) -> Tensor:
        checks.tensor("noise", "x", x)
        return x + std * draws.normal(*x.shape, device=x.device).to(x.dtype)

    return transform


def rotate() -> Transform:
    """Points of the plane, (n, 2), each turned about the origin by an angle of its own, uniform on the circle."""

    def transform(x: Tensor) -> Tensor:
        checks.tensor("rotate", "x", x, dims=2)
        if x.shape[1] != 2:
            raise ValueError(f"rotate: x must hold points of the plane, shape (n, 2), got {tuple(x.shape)}")
        angle = 2 * torch.pi * draws.uniform(len(x), device=x.device).to(x.dtype)  # (n,)
        c, s = angle.cos(), angle.sin()
        return torch.stack([c * x[:, 0] - s * x[:, 1], s * x[:, 0] + c * x[:, 1]], 1)

    return transform


def translate(share: float = 0.125, fill: float = -1.0) -> Transform:
    """Images (n, C, H, W), each moved by whole pixels, up to ``share`` of its height and width either way.

    fill: the value of pixels that come in from outside; −1 is the black of images in [−1, 1].
    Source: Zhao et al. 2020, section 3.2 (share = 1/8).
    """
    share = checks.number("translate", "share", share, least=0)
    if share > 1:
        raise ValueError(f"translate: share must be at most 1, got {share:g}")
    fill = checks.number("translate", "fill", fill)

    def transform(x: Tensor) -> Tensor:
        checks.tensor("translate", "x", x, dims=4)
        n, _, height, width = x.shape
        up, left = round(share * height), round(share * width)  # the greatest moves
        dy = draws.integers(2 * up + 1, n, x.device)  # (n,), 0 … 2·up
        dx = draws.integers(2 * left + 1, n, x.device)
        padded = functional.pad(x, (left, left, up, up), value=fill)  # (n, C, H + 2·up, W + 2·left)
        rows = dy[:, None] + torch.arange(height, device=x.device)  # (n, H)
        columns = dx[:, None] + torch.arange(width, device=x.device)  # (n, W)
        index = torch.arange(n, device=x.device)[:, None, None]
        return padded.movedim(1, -1)[index, rows[:, :, None], columns[:, None, :]].movedim(-1, 1)

    return transform


def brightness(amount: float = 0.5) -> Transform:
    """Samples (n, …), to each of which one number from U[−amount, amount] is added, the same for all its entries.

    Source: Zhao et al. 2020, section 3.2 (there for images in [−1, 1] with amount = 0.5).
    """
    amount = checks.number("brightness", "amount", amount, least=0)

    def transform(x: Tensor) -> Tensor:
        checks.tensor("brightness", "x", x)
        u = draws.uniform(len(x), *[1] * (x.dim() - 1), device=x.device).to(x.dtype)  # (n, 1, …)
        return x + amount * (2 * u - 1)

    return transform


class Adaptive(nn.Module):
    """A transform that each sample gets with probability ``p``, and p follows how much the discriminator overfits.

    Call it on samples (n, …). At each of the discriminator's steps `observe` takes r = mean sign(real logits):
    1 if all training samples are taken for real, near 0 if the discriminator cannot tell them from generated ones.
    p goes up by ``speed`` where r is above ``target``, and down where it is below. It starts at 0.

    transform: a function of samples, such as ``rotate()``.
    target:    the r to be held, between −1 and 1.
    speed:     the change of p in one step.
    limit:     the greatest p. With p = 1 most transforms leak into what the generator learns.
    p is a buffer: 0-dim, or with one entry a member, (M,), when stacked by `ganlib.training.ensemble`.
    Source: Karras et al. 2020, section 3.1 (r_t, target 0.6) and section 2.2 (leaks when p is near 1).
    """

    p: Tensor

    def __init__(self, transform: Transform, target: float = 0.6, speed: float = 1 / 500, limit: float = 0.8):
        super().__init__()
        if not callable(transform):
            raise TypeError(f"Adaptive: transform must be a function of samples, got {type(transform).__name__}")
        self.transform = transform
        self.target = checks.number("Adaptive", "target", target, above=-1, below=1)
        self.speed = checks.number("Adaptive", "speed", speed, least=0)
        self.limit = checks.number("Adaptive", "limit", limit, least=0)
        if self.limit > 1:
            raise ValueError(f"Adaptive: limit must be a probability, at most 1, got {limit:g}")
        self.register_buffer("p", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """The samples (n, …), each transformed with probability p."""
        checks.tensor("Adaptive", "x", x)
        members = max(self.p.numel(), 1)
        if len(x) % members:
            raise ValueError(f"Adaptive: x must hold as many samples for each of the {members} members, "
                             f"got {len(x)} in all")
        changed = self.transform(x)
        if changed.shape != x.shape:
            raise ValueError(f"Adaptive: transform must keep the shape {tuple(x.shape)}, got {tuple(changed.shape)}")
        chance = self.p.reshape(-1).repeat_interleave(len(x) // members)  # (n,), each its member's p
        heads = draws.uniform(len(x), device=x.device) < chance  # (n,)
        return torch.where(heads.reshape(-1, *[1] * (x.dim() - 1)), changed, x)

    @torch.no_grad()
    def observe(self, real_logits: Tensor) -> None:
        """Move p by one step; real_logits: of the training samples as the discriminator saw them, one per sample."""
        checks.tensor("Adaptive.observe", "real_logits", real_logits)
        r = draws.batch_mean(real_logits.sign()).to(self.p)  # 0-dim, or (M,) in an ensemble
        if r.shape != self.p.shape:
            raise ValueError(f"Adaptive.observe: expected one mean per member, shape {tuple(self.p.shape)}, "
                             f"got {tuple(r.shape)}")
        self.p = (self.p + self.speed * (r - self.target).sign()).clamp(0, self.limit)

    def reset_parameters(self) -> None:
        """Start again from p = 0."""
        self.p = torch.zeros_like(self.p)

    def stack(self, networks: Sequence["Adaptive"]) -> "Adaptive":
        """One `Adaptive` for all of ``networks``, with a p for each: its input holds their batches one by one."""
        if not networks:
            raise ValueError("Adaptive.stack: networks is empty, expected at least one")
        for network in networks:
            if network.p.dim() or network._settings() != self._settings():
                raise ValueError("Adaptive.stack: networks must be single ones with this one's target, speed and "
                                 f"limit {self._settings()}, got {network._settings()}")
        stacked = copy.copy(self)
        stacked._buffers = {"p": torch.stack([network.p for network in networks])}
        return stacked

    def unstack(self) -> list["Adaptive"]:
        """The members one by one (copies)."""
        singles = []
        for p in self.p.reshape(-1):
            single = copy.copy(self)
            single._buffers = {"p": p.clone()}
            singles.append(single)
        return singles

    def _settings(self) -> tuple[float, float, float]:
        return self.target, self.speed, self.limit
