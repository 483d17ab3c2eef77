"""Deep convolutional generator and discriminator for pictures of 28 × 28 greys.

Source: Radford, Metz & Chintala 2016, section 3 (guidelines: strided instead of pooled, no hidden dense layers,
batch normalisation except at the generator's output and the discriminator's input, ReLU and tanh in the generator,
leaky ReLU in the discriminator) and section 4 (slope 0.2, weights from N(0, 0.02²)), at a fraction of the size.
The defaults keep to the guidelines; the other settings are there to leave one out (chapter 11).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ganlib import checks

STD = 0.02  # of the initial weights


def _reset(module: nn.Module, scale: float) -> None:
    """Weights from N(0, 0.02²), batch norm's scales from N(scale, 0.02²), offsets 0 (layer by layer, in order)."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.reset_running_stats()
            nn.init.normal_(part.weight, scale, STD)
            nn.init.zeros_(part.bias)
        elif isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(part.weight, 0.0, STD)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


def _normed(function: str, batch_norm: Any, layers: int, without: int) -> list[bool]:
    """For each layer whether batch norm follows it: all but one, none, or all."""
    if not isinstance(batch_norm, bool) and batch_norm != "everywhere":
        raise ValueError(f"{function}: batch_norm must be True, False or 'everywhere', got {batch_norm!r:.80}")
    return [batch_norm == "everywhere" or batch_norm and i != without for i in range(layers)]


class DCGANGenerator(nn.Module):
    """Latents (n, latent) → pictures (n, 1, 28, 28) in [−1, 1], by three transposed convolutions.

    latent × 1 × 1 → channels[0] × 7 × 7 → channels[1] × 14 × 14 → 1 × 28 × 28.
    batch_norm: after all layers but the last; without it the layers have biases instead. `folded` goes from one to
                the other. ``"everywhere"``: after the last one too, before the tanh.
    upsample:   the second and third layer repeat each pixel as 2 × 2 and convolve with a kernel of 3.
    scale:      mean of batch norm's scales at the start.
    """

    def __init__(self, latent: int = 32, channels: Sequence[int] = (64, 32), batch_norm: bool | str = True,
                 upsample: bool = False, scale: float = 1.0):
        super().__init__()
        self.latent = checks.count("DCGANGenerator", "latent", latent)
        if len(channels) != 2:
            raise ValueError(f"DCGANGenerator: channels must be two widths, at 7 × 7 and 14 × 14, got {channels!r}")
        first, second = (checks.count("DCGANGenerator", "channels", width) for width in channels)
        self.channels, self.upsample = (first, second), upsample
        self.scale = checks.number("DCGANGenerator", "scale", scale)
        self.arguments = {"latent": latent, "channels": [first, second], "batch_norm": batch_norm,
                          "upsample": upsample, "scale": self.scale}
        normed = _normed("DCGANGenerator", batch_norm, 3, without=2)
        with torch.random.fork_rng(devices=[]):  # torch's own start is drawn over: it takes no numbers
            self.layers: Any = nn.ModuleList([nn.ConvTranspose2d(latent, first, 7, bias=not normed[0])])
            for before, after, norm in ((first, second, normed[1]), (second, 1, normed[2])):
                self.layers.append(nn.Conv2d(before, after, 3, 1, 1, bias=not norm) if upsample else
                                   nn.ConvTranspose2d(before, after, 4, 2, 1, bias=not norm))
        self.norms: Any = nn.ModuleList(
            nn.BatchNorm2d(width) for width, norm in zip((first, second, 1), normed, strict=True) if norm)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator."""
        _reset(self, self.scale)

    def forward(self, z: Tensor) -> Tensor:
        if z.dim() != 2 or z.shape[1] != self.latent:
            raise ValueError(f"DCGANGenerator: expected latents of shape (n, {self.latent}), got {tuple(z.shape)}")
        x = z[:, :, None, None]
        for i, layer in enumerate(self.layers):
            if self.upsample and i:
                x = functional.interpolate(x, scale_factor=2)  # (n, …, 2 · height, 2 · width)
            x = layer(x)
            x = self.norms[i](x) if i < len(self.norms) else x
            x = functional.relu_(x) if i < 2 else torch.tanh(x)
        return x

    @torch.no_grad()
    def folded(self) -> "DCGANGenerator":
        """The same function as in eval mode, with batch norm's scale and offset inside the layers (a copy)."""
        twin = DCGANGenerator(self.latent, self.channels, False, self.upsample).to(self.layers[0].weight)
        for i, (own, layer) in enumerate(zip(twin.layers, self.layers, strict=True)):
            own.weight.copy_(layer.weight)
            if i < len(self.norms):
                norm = self.norms[i]
                scale = norm.weight / (norm.running_var + norm.eps).sqrt()
                transposed = isinstance(layer, nn.ConvTranspose2d)  # then (in, out, …), else (out, in, …)
                own.weight.mul_(scale.view((-1, 1, 1) if transposed else (-1, 1, 1, 1)))
                own.bias.copy_(norm.bias - norm.running_mean * scale)
            else:
                own.bias.copy_(layer.bias)
        return twin.train(self.training)


class DCGANDiscriminator(nn.Module):
    """Pictures (n, 1, 28, 28) → one logit each, (n, 1), by strided convolutions that halve height and width.

    channels:   one width a convolution: 28 × 28 → 14 × 14 → 7 × 7 → 3 × 3.
    batch_norm: after all convolutions but the first; leave it out if a penalty takes slopes per sample.
                ``"everywhere"``: after the first one too, and of the picture itself, before it.
    slope:      of the leaky ReLU, for negative numbers; 0 is the plain ReLU.
    pool:       convolutions with a kernel of 3 and stride 1, each followed by the maximum over 2 × 2.
    scale:      mean of batch norm's scales at the start.
    """

    def __init__(self, channels: Sequence[int] = (32, 64), batch_norm: bool | str = True, slope: float = 0.2,
                 pool: bool = False, scale: float = 1.0):
        super().__init__()
        if not 1 <= len(channels) <= 3:
            raise ValueError(f"DCGANDiscriminator: channels must be one to three widths, got {channels!r}")
        for width in channels:
            checks.count("DCGANDiscriminator", "channels", width)
        checks.number("DCGANDiscriminator", "slope", slope, least=0)
        self.scale = checks.number("DCGANDiscriminator", "scale", scale)
        normed = _normed("DCGANDiscriminator", batch_norm, len(channels), without=0)
        layers: list[nn.Module] = [nn.BatchNorm2d(1)] if batch_norm == "everywhere" else []
        with torch.random.fork_rng(devices=[]):
            for before, after, norm in zip((1, *channels), channels, normed, strict=False):
                kernel, stride = (3, 1) if pool else (4, 2)
                layers.append(nn.Conv2d(before, after, kernel, stride, 1, bias=not norm))
                layers += [nn.BatchNorm2d(after)] if norm else []
                layers.append(nn.LeakyReLU(slope))
                layers += [nn.MaxPool2d(2)] if pool else []
            side = 28 >> len(channels)
            self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels[-1] * side * side, 1))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator."""
        _reset(self, self.scale)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() != 4 or x.shape[1:] != (1, 28, 28):
            raise ValueError("DCGANDiscriminator: expected pictures of shape (n, 1, 28, 28), "
                             f"got {tuple(x.shape)}")
        return self.layers(x)
