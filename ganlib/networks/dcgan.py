"""Deep convolutional generator and discriminator for pictures of 28 × 28 greys.

Source: Radford, Metz & Chintala 2016, section 3 (guidelines: strided instead of pooled, no hidden dense layers,
batch normalisation except at the generator's output and the discriminator's input, ReLU and tanh in the generator,
leaky ReLU in the discriminator) and section 4 (slope 0.2, weights from N(0, 0.02²)), at a fraction of the size.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ganlib import checks

STD = 0.02  # of the initial weights


def _reset(module: nn.Module) -> None:
    """Weights from N(0, 0.02²), batch norm's scales from N(1, 0.02²), offsets 0 (layer by layer, in order)."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.reset_running_stats()
            nn.init.normal_(part.weight, 1.0, STD)
            nn.init.zeros_(part.bias)
        elif isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(part.weight, 0.0, STD)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


class DCGANGenerator(nn.Module):
    """Latents (n, latent) → pictures (n, 1, 28, 28) in [−1, 1], by three transposed convolutions.

    latent × 1 × 1 → channels[0] × 7 × 7 → channels[1] × 14 × 14 → 1 × 28 × 28.
    batch_norm: after all layers but the last; without it the layers have biases instead. `folded` goes from one to
                the other.
    """

    def __init__(self, latent: int = 32, channels: Sequence[int] = (64, 32), batch_norm: bool = True):
        super().__init__()
        self.latent = checks.count("DCGANGenerator", "latent", latent)
        if len(channels) != 2:
            raise ValueError(f"DCGANGenerator: channels must be two widths, at 7 × 7 and 14 × 14, got {channels!r}")
        first, second = (checks.count("DCGANGenerator", "channels", width) for width in channels)
        self.channels = (first, second)
        with torch.random.fork_rng(devices=[]):  # torch's own start is drawn over: it takes no numbers
            self.layers: Any = nn.ModuleList([
                nn.ConvTranspose2d(latent, first, 7, bias=not batch_norm),
                nn.ConvTranspose2d(first, second, 4, 2, 1, bias=not batch_norm),
                nn.ConvTranspose2d(second, 1, 4, 2, 1)])
        self.norms: Any = nn.ModuleList(nn.BatchNorm2d(width) for width in channels if batch_norm)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator."""
        _reset(self)

    def forward(self, z: Tensor) -> Tensor:
        if z.dim() != 2 or z.shape[1] != self.latent:
            raise ValueError(f"DCGANGenerator: expected latents of shape (n, {self.latent}), got {tuple(z.shape)}")
        x = z[:, :, None, None]
        for i, layer in enumerate(self.layers[:-1]):
            x = layer(x)
            x = functional.relu_(self.norms[i](x) if self.norms else x)
        return torch.tanh(self.layers[-1](x))

    @torch.no_grad()
    def folded(self) -> "DCGANGenerator":
        """The same function as in eval mode, with batch norm's scale and offset inside the layers (a copy)."""
        twin = DCGANGenerator(self.latent, self.channels, batch_norm=False).to(self.layers[0].weight)
        for i, (own, layer) in enumerate(zip(twin.layers, self.layers, strict=True)):
            own.weight.copy_(layer.weight)
            if i < len(self.norms):
                norm = self.norms[i]
                scale = norm.weight / (norm.running_var + norm.eps).sqrt()
                own.weight.mul_(scale[:, None, None])  # (in, out, height, width)
                own.bias.copy_(norm.bias - norm.running_mean * scale)
            else:
                own.bias.copy_(layer.bias)
        return twin.train(self.training)


class DCGANDiscriminator(nn.Module):
    """Pictures (n, 1, 28, 28) → one logit each, (n, 1), by strided convolutions that halve height and width.

    channels:   one width a convolution: 28 × 28 → 14 × 14 → 7 × 7 → 3 × 3.
    batch_norm: after all convolutions but the first; leave it out if a penalty takes slopes per sample.
    """

    def __init__(self, channels: Sequence[int] = (32, 64), batch_norm: bool = True):
        super().__init__()
        if not 1 <= len(channels) <= 3:
            raise ValueError(f"DCGANDiscriminator: channels must be one to three widths, got {channels!r}")
        for width in channels:
            checks.count("DCGANDiscriminator", "channels", width)
        layers: list[nn.Module] = []
        with torch.random.fork_rng(devices=[]):
            for i, (before, after) in enumerate(zip((1, *channels), channels, strict=False)):
                layers.append(nn.Conv2d(before, after, 4, 2, 1, bias=not (batch_norm and i)))
                layers += [nn.BatchNorm2d(after)] if batch_norm and i else []
                layers.append(nn.LeakyReLU(0.2))
            side = 28 >> len(channels)
            self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels[-1] * side * side, 1))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator."""
        _reset(self)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() != 4 or x.shape[1:] != (1, 28, 28):
            raise ValueError("DCGANDiscriminator: expected pictures of shape (n, 1, 28, 28), "
                             f"got {tuple(x.shape)}")
        return self.layers(x)
