"""Networks for Stacked MNIST with a small discriminator: a generator, and a discriminator of a share of its width.

Source: Metz, Poole, Pfau & Sohl-Dickstein 2017, section 3.3 and its appendix ("1000 class MNIST"). A discriminator as
small as this cannot know all digits at once, so a generator that follows it forgets some: collapse becomes visible in
minutes. Batch normalisation is an argument of the generator and left out of the discriminator, where it would mix
the slopes of the samples that a penalty takes one by one.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import checks

GAIN = math.sqrt(2 / (1 + 0.2**2))  # a leaky ReLU of slope 0.2 keeps the size of what comes in (He et al. 2015)


def _reset(module: nn.Module) -> None:
    """Weights from N(0, gain²/fan-in), offsets 0, batch norm as torch does it (layer by layer, in order)."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.reset_parameters()
        elif isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            fan_in: float = part.weight[0].numel()
            if isinstance(part, nn.ConvTranspose2d):  # (in, out, 3, 3): with stride 2 a pixel sees 9/4 of its kernel
                fan_in = part.weight.shape[0] * 9 / 4
            last = part.weight.shape[0] in (1, 3) and not isinstance(part, nn.ConvTranspose2d)  # no leaky ReLU follows
            nn.init.normal_(part.weight, 0.0, (1 if last else GAIN) / math.sqrt(fan_in))
            if part.bias is not None:
                nn.init.zeros_(part.bias)


class StackedGenerator(nn.Module):
    """Latents (n, latent) → pictures (n, 3, 28, 28) in [−1, 1].

    latent → 64 × 4 × 4 → 32 × 7 × 7 → 16 × 14 × 14 → 8 × 28 × 28 → 3 × 28 × 28, kernels 3 × 3, leaky ReLU between.
    widths:     the channels before the last layer.
    batch_norm: before each leaky ReLU.
    """

    def __init__(self, latent: int = 256, widths: Sequence[int] = (64, 32, 16, 8), batch_norm: bool = False):
        super().__init__()
        self.latent = checks.count("StackedGenerator", "latent", latent)
        if len(widths) != 4:
            raise ValueError(f"StackedGenerator: widths must be four, at 4, 7, 14 and 28 pixels, got {widths!r}")
        a, b, c, d = (checks.count("StackedGenerator", "widths", width) for width in widths)
        self.arguments: dict[str, Any] = {"latent": latent, "widths": [a, b, c, d], "batch_norm": bool(batch_norm)}

        def after(width: int) -> list[nn.Module]:
            return [nn.BatchNorm2d(width)] * batch_norm + [nn.LeakyReLU(0.2, inplace=True)]

        with torch.random.fork_rng(devices=[]):  # torch's own start is drawn over: it takes no numbers
            self.layers = nn.Sequential(
                nn.Linear(latent, 16 * a), nn.Unflatten(1, (a, 4, 4)), *after(a),
                nn.ConvTranspose2d(a, b, 3, 2, 1), *after(b),
                nn.ConvTranspose2d(b, c, 3, 2, 1, output_padding=1), *after(c),
                nn.ConvTranspose2d(c, d, 3, 2, 1, output_padding=1), *after(d),
                nn.Conv2d(d, 3, 3, padding=1), nn.Tanh())
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator."""
        _reset(self)

    def forward(self, z: Tensor) -> Tensor:
        if z.dim() != 2 or z.shape[1] != self.latent:
            raise ValueError(f"StackedGenerator: expected latents of shape (n, {self.latent}), got {tuple(z.shape)}")
        return self.layers(z)


class StackedDiscriminator(nn.Module):
    """Pictures (n, 3·pack, 28, 28) → one logit each, (n, 1): 28 → 14 → 7 → 4 pixels by 3 × 3 kernels of stride 2.

    share: its channels as a share of the generator's last three, (8, 16, 32): "1/4" is 2, 4, 8, 557 parameters.
    pack:  how many pictures it is shown at once, as ``Game(…, pack=…)`` shows them.
    """

    def __init__(self, share: float = 0.25, pack: int = 1):
        super().__init__()
        checks.number("StackedDiscriminator", "share", share, above=0)
        self.pack = checks.count("StackedDiscriminator", "pack", pack)
        self.arguments: dict[str, Any] = {"share": share, "pack": pack}
        a, b, c = (max(1, round(width * share)) for width in (8, 16, 32))
        with torch.random.fork_rng(devices=[]):
            self.layers = nn.Sequential(
                nn.Conv2d(3 * pack, a, 3, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(a, b, 3, 2, 1), nn.LeakyReLU(0.2),
                nn.Conv2d(b, c, 3, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(16 * c, 1))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator."""
        _reset(self)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() != 4 or x.shape[1:] != (3 * self.pack, 28, 28):
            raise ValueError(f"StackedDiscriminator: expected pictures of shape (n, {3 * self.pack}, 28, 28), "
                             f"got {tuple(x.shape)}")
        return self.layers(x)
