"""Networks from pictures to pictures, and a discriminator that judges patches (chapters 15 and 16).

Sources: Isola, Zhu, Zhou & Efros 2017, section 3.2 and appendix (U-Net, PatchGAN); Zhu, Park, Isola & Efros 2017,
section 4 (residual translator, after Johnson, Alahi & Fei-Fei 2016), at a fraction of the size. Weights start from
N(0, 0.02²) in both.

All three normalise by instance (Ulyanov, Vedaldi & Lempitsky 2016): each channel of each picture by its own mean and
deviation. What a network answers for one picture then does not depend on the others in the batch, there are no
statistics that differ between training and use, and batches may be small: for a batch of one picture, as in the
second paper and partly in the first, batch norm's statistics are the same. The price: a channel of a single pixel
has no deviation, hence the limits on sizes below.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import checks, draws

STD = 0.02  # of the initial weights


def _reset(network: nn.Module) -> None:
    """Weights from N(0, 0.02²), the norms' scales from N(1, 0.02²), offsets 0 (layer by layer, in order)."""
    for part in network.modules():
        if isinstance(part, nn.InstanceNorm2d):
            nn.init.normal_(part.weight, 1.0, STD)
            nn.init.zeros_(part.bias)
        elif isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(part.weight, 0.0, STD)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


def _block(convolution: nn.Module, width: int, activation: nn.Module | None = None) -> nn.Sequential:
    """A convolution without bias (the norm would take it off again), instance norm, perhaps an activation."""
    rest = [] if activation is None else [activation]
    return nn.Sequential(convolution, nn.InstanceNorm2d(width, affine=True), *rest)


def _halving(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False)


def _doubling(inputs: int, outputs: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False)  # 4 = 2 · 2: every pixel is reached equally often


def _reflecting(inputs: int, outputs: int, kernel: int) -> nn.Conv2d:
    """Continued beyond the edge as in a mirror: padding with zeros would frame a picture whose background is −1."""
    return nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2, bias=False, padding_mode="reflect")


def _widths(name: str, channels: Any, least: int) -> tuple[int, ...]:
    if not isinstance(channels, Sequence) or len(channels) < least:
        raise ValueError(f"{name}: channels must be at least {least} widths, got {channels!r}")
    return tuple(checks.count(name, "channels", width) for width in channels)


def _check(name: str, x: Tensor, channels: int, divisor: int = 1) -> None:
    """Pictures of so many channels, whose height and width the halvings divide, leaving at least 2 × 2 pixels."""
    if x.dim() != 4 or x.shape[1] != channels:
        raise ValueError(f"{name}: expected pictures of shape (n, {channels}, height, width), got {tuple(x.shape)}")
    height, width = x.shape[2:]
    if divisor > 1 and (height % divisor or width % divisor or min(height, width) < 2 * divisor):
        raise ValueError(f"{name}: height and width must be multiples of {divisor}, at least {2 * divisor}, "
                         f"got {height} × {width}")


class UNet(nn.Module):
    """Pictures (n, in_channels, H, W) → pictures (n, out_channels, H, W) in [−1, 1]: down, up, and skips between.

    channels: widths at H × W, H/2 × W/2, H/4 × W/4 and so on; H and W must be divisible by 2 to the number of
              halvings. With the default 28 × 28 → 14 × 14 → 7 × 7 and back.
    skips:    each step up is joined with what the way down held at that size, so that what has a place in the
              input, such as a line, need not pass the bottleneck. False: an encoder and a decoder, for comparison.
    dropout:  the share of each step up that is set to 0, when training and when used: the only noise of Isola et
              al. (section 3.1; there ½). 0, the default: one input has one output.

    Unlike the paper's it works at full size too, with one convolution before and one after: 28 pixels are few.
    """

    arguments: dict[str, Any]

    def __init__(self, in_channels: int = 1, out_channels: int = 1, channels: Sequence[int] = (24, 48, 96),
                 skips: bool = True, dropout: float = 0.0):
        super().__init__()
        widths = _widths("UNet", channels, 2)
        checks.count("UNet", "in_channels", in_channels)
        checks.count("UNet", "out_channels", out_channels)
        self.skips, self.dropout = bool(skips), checks.number("UNet", "dropout", dropout, least=0, below=1)
        self.arguments = {"in_channels": in_channels, "out_channels": out_channels, "channels": list(widths),
                          "skips": self.skips, "dropout": self.dropout}
        joined = 2 if self.skips else 1
        with torch.random.fork_rng(devices=[]):  # torch's own start is drawn over: it takes no numbers
            self.first = nn.Sequential(nn.Conv2d(in_channels, widths[0], 3, 1, 1), nn.LeakyReLU(0.2))
            self.down: Any = nn.ModuleList(_block(_halving(a, b), b, nn.LeakyReLU(0.2))
                                           for a, b in zip(widths, widths[1:], strict=False))
            low = widths[-1]
            self.middle = _block(nn.Conv2d(low, low, 3, 1, 1, bias=False), low, nn.ReLU())
            self.up: Any = nn.ModuleList(_block(_doubling(b if i == 0 else joined * b, a), a, nn.ReLU())
                                         for i, (b, a) in enumerate(zip(widths[::-1], widths[-2::-1], strict=False)))
            self.last = nn.Conv2d(joined * widths[0], out_channels, 3, 1, 1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator."""
        _reset(self)

    def forward(self, x: Tensor) -> Tensor:
        _check("UNet", x, self.arguments["in_channels"], 2 ** len(self.down))
        x, kept = self.first(x), []
        for layer in self.down:
            kept.append(x)
            x = layer(x)
        x = self.middle(x)
        for layer in self.up:
            x = layer(x)
            if self.dropout:
                alive = draws.uniform(*x.shape, device=x.device) >= self.dropout
                x = x * alive / (1 - self.dropout)
            if self.skips:
                x = torch.cat([x, kept.pop()], 1)
        return torch.tanh(self.last(x))


class ResidualTranslator(nn.Module):
    """Pictures (n, in_channels, H, W) → pictures (n, out_channels, H, W) in [−1, 1]; H and W divisible by 4.

    width at H × W → 2 · width at half → 4 · width at a quarter, there ``blocks`` residual blocks, and back.
    Source: Zhu et al. 2017, section 4 and appendix: width 64, 6 blocks for 128 × 128 and 9 for 256 × 256. Ours goes
    down and up with 4 × 4 kernels instead of 3 × 3, which all pixels share equally (chapter 11, checkerboards).
    """

    arguments: dict[str, Any]

    def __init__(self, in_channels: int = 1, out_channels: int = 1, width: int = 16, blocks: int = 3):
        super().__init__()
        for name, value in (("in_channels", in_channels), ("out_channels", out_channels), ("width", width)):
            checks.count("ResidualTranslator", name, value)
        checks.count("ResidualTranslator", "blocks", blocks, least=0)
        self.arguments = {"in_channels": in_channels, "out_channels": out_channels, "width": width, "blocks": blocks}
        with torch.random.fork_rng(devices=[]):
            self.down = nn.Sequential(
                _block(_reflecting(in_channels, width, 7), width, nn.ReLU()),
                _block(_halving(width, 2 * width), 2 * width, nn.ReLU()),
                _block(_halving(2 * width, 4 * width), 4 * width, nn.ReLU()))
            self.blocks: Any = nn.ModuleList(nn.Sequential(
                _block(_reflecting(4 * width, 4 * width, 3), 4 * width, nn.ReLU()),
                _block(_reflecting(4 * width, 4 * width, 3), 4 * width)) for _ in range(blocks))
            self.up = nn.Sequential(
                _block(_doubling(4 * width, 2 * width), 2 * width, nn.ReLU()),
                _block(_doubling(2 * width, width), width, nn.ReLU()),
                nn.Conv2d(width, out_channels, 7, 1, 3, padding_mode="reflect"))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator."""
        _reset(self)

    def forward(self, x: Tensor) -> Tensor:
        _check("ResidualTranslator", x, self.arguments["in_channels"], 4)
        x = self.down(x)
        for block in self.blocks:
            x = x + block(x)
        return torch.tanh(self.up(x))


def receptive_field(layers: Iterable[tuple[int, int]]) -> int:
    """Pixels of the input, along one side, that one output of a chain of convolutions can see.

    layers: (kernel, stride) from input to output. r = 1 + Σᵢ (kᵢ − 1) · s₁ ⋯ sᵢ₋₁: a step of layer i's kernel is
    s₁ ⋯ sᵢ₋₁ pixels wide.
    """
    field, step = 1, 1
    for kernel, stride in layers:
        field += (checks.count("receptive_field", "kernel", kernel) - 1) * step
        step *= checks.count("receptive_field", "stride", stride)
    return field


class PatchDiscriminator(nn.Module):
    """Pictures (n, in_channels, H, W) → one logit a patch, (n, 1, h, w): a fully convolutional judge of texture.

    channels: one width a hidden convolution; all but the last halve height and width, the last and the one that gives
              the logits do not. (64, 128) sees patches of 16 × 16, (64, 128, 256, 512) of 70 × 70.
    kernel:   4, or 1 for a judge of single pixels (nothing is halved then).
    norm:     instance norm after all hidden convolutions but the first. It lets the mean and the deviation of the
              whole picture into each logit; without it a logit knows its patch and nothing else.

    For a picture that is judged as a pair, in_channels counts both. A penalty wants one score a picture, the mean over
    its patches: ``penalties.r1(lambda x: critic(x).mean((1, 2, 3)), real, 1.0)``, and no norm.
    Source: Isola et al. 2017, section 3.2.2 and appendix.
    """

    arguments: dict[str, Any]

    def __init__(self, in_channels: int = 1, channels: Sequence[int] = (32, 64), kernel: int = 4, norm: bool = True):
        super().__init__()
        checks.count("PatchDiscriminator", "in_channels", in_channels)
        widths = _widths("PatchDiscriminator", channels, 1)
        if kernel not in (1, 4):
            raise ValueError(f"PatchDiscriminator: kernel must be 4, or 1 for single pixels, got {kernel!r}")
        self.arguments = {"in_channels": in_channels, "channels": list(widths), "kernel": kernel, "norm": bool(norm)}
        padding = 1 if kernel == 4 else 0
        layers: list[nn.Module] = []
        with torch.random.fork_rng(devices=[]):
            for i, (before, after) in enumerate(zip((in_channels, *widths), widths, strict=False)):
                stride = 2 if kernel == 4 and i < len(widths) - 1 else 1
                normed = bool(norm and i)
                convolution = nn.Conv2d(before, after, kernel, stride, padding, bias=not normed)
                layers += [_block(convolution, after) if normed else convolution, nn.LeakyReLU(0.2)]
            self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, kernel, 1, padding))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator."""
        _reset(self)

    def convolutions(self) -> list[nn.Conv2d]:
        """Its convolutions from input to logits."""
        return [part for part in self.modules() if isinstance(part, nn.Conv2d)]

    @property
    def receptive_field(self) -> int:
        """The side of the patch that one logit sees, in pixels, by the formula; instance norm left out of account."""
        return receptive_field((layer.kernel_size[0], layer.stride[0]) for layer in self.convolutions())

    def forward(self, x: Tensor) -> Tensor:
        _check("PatchDiscriminator", x, self.arguments["in_channels"])
        side = min(x.shape[2:])
        for layer in self.convolutions():
            side = (side + 2 * int(layer.padding[0]) - layer.kernel_size[0]) // layer.stride[0] + 1
            if side < 1:
                raise ValueError(f"PatchDiscriminator: pictures of {x.shape[2]} × {x.shape[3]} are too small for "
                                 f"{len(self.convolutions()) - 1} hidden convolutions")
        return self.layers(x)
