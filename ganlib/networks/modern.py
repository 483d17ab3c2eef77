"""A modern baseline's networks: residual blocks without normalisation, bilinear resampling, nothing else.

Source: Huang, Gokaslan, Kuleshov & Tompkin 2024, "The GAN is dead; long live the GAN! A modern baseline GAN"
(R3GAN), section 3, at a fraction of the size. A stage is a few residual blocks, between stages height and width
double (generator) or halve (discriminator). What keeps such a stack trainable without normalisation is how it
starts: each block as the identity, its inner layers scaled down by how many blocks there are (Zhang, Dauphin & Ma
2019, "Fixup"). Ours differs from the source in three ways: two-tap resampling filters instead of three, a tanh at
the generator's end, because the book's pictures lie in [−1, 1], and only two or three stages, for pictures of 28 or 32
pixels. With two, the finest stage works on patches of 2 × 2 pixels, which is several times cheaper on a CPU.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ganlib import checks

SLOPE = 0.2  # of the leaky ReLU
GAIN = math.sqrt(2 / (1 + SLOPE**2))  # a layer followed by a leaky ReLU then keeps E x² (He et al. 2015, section 2.2)
INNER = 3  # layers in a block


class Layer(nn.Conv2d):
    """A convolution of stride 1 whose weights start from N(0, gain²/fan-in) and whose offsets, if any, from 0."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, *, gain: float = 1.0, groups: int = 1,
                 bias: bool = False, padding: int = 0):
        self.gain = gain  # before torch's constructor, which calls reset_parameters
        super().__init__(inputs, outputs, kernel, padding=padding, groups=groups, bias=bias)

    def reset_parameters(self) -> None:
        """Draw the weights afresh from torch's global generator."""
        nn.init.normal_(self.weight, 0.0, self.gain / math.sqrt(self.weight[0].numel()))
        if self.bias is not None:
            nn.init.zeros_(self.bias)


class Residual(nn.Module):
    """x + c(φ(b(φ(a(x))))): a widens 1 × 1, b mixes 3 × 3 neighbours in groups, c narrows 1 × 1; φ is a leaky ReLU.

    width:     channels of x, (n, width, height, width of the picture), and of the answer.
    blocks:    how many such blocks the network has, L. The weights of a and b start smaller by L^(−1/(2m − 2)) with
               m = 3 layers a block, those of c at 0, so that L steps of training move the sum as one block's would.
               Source: Zhang, Dauphin & Ma 2019, section 3.
    expansion: the inner width is so many times ``width`` (an inverted bottleneck).
    groups:    how many groups of channels the 3 × 3 convolution keeps apart (Xie et al. 2017).
    """

    def __init__(self, width: int, blocks: int, expansion: int = 2, groups: int = 1):
        super().__init__()
        inner = width * expansion
        gain = GAIN * blocks ** (-1 / (2 * INNER - 2))
        self.widen = Layer(width, inner, gain=gain, bias=True)
        self.mix = Layer(inner, inner, 3, gain=gain, groups=groups, bias=True, padding=1)
        self.narrow = Layer(inner, width, gain=0.0)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.leaky_relu(self.widen(x), SLOPE, inplace=True)
        y = functional.leaky_relu(self.mix(y), SLOPE, inplace=True)
        return x + self.narrow(y)


class Up(nn.Module):
    """Twice as high and wide by bilinear interpolation, after a 1 × 1 layer to the next stage's channels."""

    def __init__(self, before: int, after: int):
        super().__init__()
        self.layer = Layer(before, after)

    def forward(self, x: Tensor) -> Tensor:
        return functional.interpolate(self.layer(x), scale_factor=2, mode="bilinear", align_corners=False)


class Down(nn.Module):
    """Half as high and wide: the mean of each 2 × 2 pixels (bilinear interpolation too), then a 1 × 1 layer."""

    def __init__(self, before: int, after: int):
        super().__init__()
        self.layer = Layer(before, after)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(functional.avg_pool2d(x, 2))


def _stages(widths: Sequence[int], blocks: int, group: int, between: type[nn.Module]) -> list[nn.Module]:
    """Blocks of every stage, with what changes resolution between them."""
    stages: list[nn.Module] = []
    for i, width in enumerate(widths):
        stages += [between(widths[i - 1], width)] if i else []
        stages += [Residual(width, blocks * len(widths), groups=max(1, 2 * width // group)) for _ in range(blocks)]
    return stages


class _Modern(nn.Module):
    """What both players have in common: their arguments, checked, and their start."""

    def __init__(self, channels: Sequence[int], pictures: Sequence[int], blocks: int, group: int):
        super().__init__()
        name = type(self).__name__
        if len(channels) not in (2, 3):
            raise ValueError(f"{name}: channels must be two or three widths, one a stage, got {channels!r}")
        self.channels = tuple(checks.count(name, "channels", width) for width in channels)
        if len(pictures) != 2 or pictures[0] not in (1, 3) or pictures[1] not in (28, 32):
            raise ValueError(f"{name}: pictures must be (1 or 3 channels, 28 or 32 pixels), got {pictures!r}")
        self.pictures = (pictures[0], pictures[1])
        self.blocks = checks.count(name, "blocks", blocks)
        self.group = checks.count(name, "group", group)
        for width in self.channels:
            if 2 * width > group and 2 * width % group:
                raise ValueError(f"{name}: group must divide twice each of channels {list(self.channels)}, or be "
                                 f"more, got {group}")
        self.side = pictures[1] // 4  # of the coarsest stage, in its own pixels
        self.patch = 2 ** (3 - len(channels))  # of the picture, in pixels, that is one pixel of the finest stage

    @property
    def arguments(self) -> dict[str, Any]:
        """What the class is to be called with for a network of the same sizes."""
        return {"channels": list(self.channels), "pictures": list(self.pictures), "blocks": self.blocks,
                "group": self.group}

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator, layer by layer."""
        for part in self.modules():
            if isinstance(part, Layer):
                part.reset_parameters()


class ModernGenerator(_Modern):
    """Latents (n, latent) → pictures (n, channels, size, size) in [−1, 1].

    z weighs the maps of a learned basis, channels[0] × size/4 × size/4; stages follow at size/4, size/2 and, of three,
    size; a 1 × 1 layer and a tanh make the pixels.
    channels: width of the stages, coarse to fine.
    pictures: (1 or 3 channels, 28 or 32 pixels).
    blocks:   residual blocks a stage.
    group:    inner channels that a 3 × 3 convolution mixes with each other.
    """

    def __init__(self, latent: int = 64, channels: Sequence[int] = (64, 48, 32), pictures: Sequence[int] = (1, 28),
                 blocks: int = 1, group: int = 16):
        super().__init__(channels, pictures, blocks, group)
        self.latent = checks.count("ModernGenerator", "latent", latent)
        with torch.random.fork_rng(devices=[]):  # drawn over: it takes no numbers
            self.basis = nn.Parameter(torch.empty(channels[0], self.side, self.side))
            self.weigh = Layer(latent, channels[0])
            self.stages = nn.Sequential(*_stages(self.channels, blocks, group, Up))
            self.last = Layer(channels[-1], pictures[0] * self.patch**2, bias=True)
        self.reset_parameters()

    @property
    def arguments(self) -> dict[str, Any]:
        """What the class is to be called with for a network of the same sizes."""
        return {"latent": self.latent} | super().arguments

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator: the basis from N(0, 1), then layer by layer."""
        nn.init.normal_(self.basis)
        super().reset_parameters()

    def forward(self, z: Tensor) -> Tensor:
        if z.dim() != 2 or z.shape[1] != self.latent:
            raise ValueError(f"ModernGenerator: expected latents of shape (n, {self.latent}), got {tuple(z.shape)}")
        x = self.weigh(z[:, :, None, None]) * self.basis  # (n, channels[0], size/4, size/4)
        return torch.tanh(functional.pixel_shuffle(self.last(self.stages(x)), self.patch))


class ModernDiscriminator(_Modern):
    """Pictures (n, channels, size, size) → one logit each, (n, 1): the generator in reverse.

    A 1 × 1 layer, the stages with a halving between two, one weight a pixel of each coarse map (the transposed of the
    generator's basis), a dense layer.
    channels: width of the stages, fine to coarse; the other arguments are those of `ModernGenerator`.
    pack:     how many pictures it is shown at once, as ``Game(…, pack=…)`` shows them.
    """

    def __init__(self, channels: Sequence[int] = (32, 48, 64), pictures: Sequence[int] = (1, 28), blocks: int = 1,
                 group: int = 16, pack: int = 1):
        super().__init__(channels, pictures, blocks, group)
        self.pack = checks.count("ModernDiscriminator", "pack", pack)
        with torch.random.fork_rng(devices=[]):
            self.first = Layer(pictures[0] * pack * self.patch**2, channels[0])
            self.stages = nn.Sequential(*_stages(self.channels, blocks, group, Down))
            self.gather = Layer(channels[-1], channels[-1], self.side, groups=channels[-1])
            self.last = Layer(channels[-1], 1, bias=True)
        self.reset_parameters()

    @property
    def arguments(self) -> dict[str, Any]:
        """What the class is to be called with for a network of the same sizes."""
        return super().arguments | {"pack": self.pack}

    def forward(self, x: Tensor) -> Tensor:
        shape = (self.pictures[0] * self.pack, self.pictures[1], self.pictures[1])
        if x.dim() != 4 or tuple(x.shape[1:]) != shape:
            raise ValueError(f"ModernDiscriminator: expected pictures of shape (n, {', '.join(map(str, shape))}), "
                             f"got {tuple(x.shape)}")
        x = functional.pixel_unshuffle(x, self.patch)  # (n, channels, size, size) → (n, 4 · channels, size/2, size/2)
        return self.last(self.gather(self.stages(self.first(x)))).flatten(1)
