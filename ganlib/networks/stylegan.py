"""A small style-based generator of pictures of 28 × 28 greys.

Sources: Karras, Laine & Aila 2019 (mapping network, constant input, a style for each layer, noise inputs, style mixing,
truncation in W) and Karras et al. 2020 (section 2.2: modulation and demodulation of weights in place of AdaIN; section
2.1: noise and bias after them). Left out, to stay small: output skips, and the filter in upsampling, which here repeats
each pixel. The output is a tanh. The path length penalty is in `games.style`, a part of the generator's loss.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ganlib import checks, draws

GAIN = math.sqrt(2)  # of the leaky ReLU, so that variances stay about 1
LAYERS = ("coarse", "middle", "middle", "fine", "fine", "fine")  # at 7 × 7; 14 × 14, twice; 28 × 28, thrice
SIDES = (7, 14, 14, 28, 28)  # of the pictures to which noise is added: the output of all layers but the last
Noise = str | Sequence[Tensor]  # "fresh", "none", or a map for each of SIDES, (n or 1, 1, side, side)


class EqualLinear(nn.Module):
    """y = x Wᵀ · gain/√inputs + gain · b: N(0, 1) weights, scaled in the pass (Karras et al. 2018, section 4.1).

    rate: multiplies the learning rate: what is stored is larger by 1/rate, and the pass makes up for it.
    """

    def __init__(self, inputs: int, outputs: int, bias: float = 0.0, rate: float = 1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.bias = nn.Parameter(torch.empty(outputs))
        self.start, self.rate, self.gain = bias, rate, rate / math.sqrt(inputs)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight, 0.0, 1 / self.rate)
        nn.init.constant_(self.bias, self.start / self.rate)

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.weight * self.gain, self.bias * self.rate)


def upsampling(weight: Tensor) -> Tensor:
    """One 4 × 4 kernel for both: each pixel repeated as 2 × 2, then this 3 × 3 kernel (…, 3, 3).

    As a transposed convolution of stride 2 and padding 1 it takes a quarter of the products.
    """
    left, right = functional.pad(weight, (0, 1)), functional.pad(weight, (1, 0))
    return functional.pad(left + right, (0, 0, 0, 1)) + functional.pad(left + right, (0, 0, 1, 0))


class ModulatedLayer(nn.Module):
    """A convolution whose weights a style scales: channel i of its input by s_i, s = A(w).

    Demodulated, output channel j is divided by √(Σ (s_i W_ij)²), so that it keeps a variance of about 1 (Karras et
    al. 2020, eqs. 1 and 3). Scaling the input and the output instead of the weights is the same and needs one
    convolution for the whole batch. W is kept as that of a transposed convolution, (inputs, outputs, height, width).
    stride: 2 enlarges the picture first, each pixel to 2 × 2.
    noisy:  with a learnt strength, 0 at the start, of noise that is the same for all channels and is added before the
            bias (Karras et al. 2020, section 2.1; there too one number a layer).
    """

    transposed = True

    def __init__(self, latent: int, inputs: int, outputs: int, kernel: int, stride: int = 1, demodulate: bool = True,
                 noisy: bool = False):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs, kernel, kernel))
        self.bias = nn.Parameter(torch.empty(outputs))
        with torch.random.fork_rng(devices=[]):  # drawn again below
            self.style = EqualLinear(latent, inputs, bias=1.0)
        self.stride, self.demodulate, self.padding = stride, demodulate, kernel // 2
        self.gain = 1 / math.sqrt(inputs * kernel ** 2)
        self.strength = nn.Parameter(torch.empty(())) if noisy else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight)
        nn.init.zeros_(self.bias)
        if self.strength is not None:
            nn.init.zeros_(self.strength)
        self.style.reset_parameters()

    def forward(self, x: Tensor, w: Tensor, noise: Tensor | None = None) -> Tensor:
        """x (n, inputs, height, width), w (n, latent), noise (n or 1, 1, height of the output, width of it)
        → (n, outputs, stride · height, stride · width)."""
        s, weight = self.style(w), self.weight * self.gain
        x = x * s[:, :, None, None]
        x = functional.conv_transpose2d(x, upsampling(weight) if self.stride == 2 else weight,
                                        stride=self.stride, padding=self.padding)
        if self.demodulate:
            power = s.square() @ weight.square().sum((2, 3))  # (n, outputs)
            x = x * (power + 1e-8).rsqrt()[:, :, None, None]
        if noise is not None and self.strength is not None:
            x = x + self.strength * noise
        return x + self.bias[:, None, None]


class StyleGenerator(nn.Module):
    """Latents z (n, latent) → w = mapping(z) → pictures (n, 1, 28, 28) in [−1, 1].

    channels: widths at 7 × 7, 14 × 14 and 28 × 28.
    mapping_layers: of the mapping network, all ``latent`` wide, with a hundredth of the learning rate.
    mixing:   in training, the share of pictures whose styles change at a random layer to those of another latent of
              the batch (mixing regularisation, Karras et al. 2019, section 3.1).
    noise:    whether the layers have noise inputs, one learnt strength each; drawn afresh in each pass unless told.
    mean_w:   w̄, the mean of w, a buffer that `measure_mean` fills; truncation pulls towards it.
    """

    mean_w: Tensor

    @property
    def arguments(self) -> dict[str, Any]:
        """What builds a generator of the same sizes."""
        return {"latent": self.latent, "channels": self.channels, "mapping_layers": self.mapping_layers,
                "mixing": self.mixing, "noise": self.noise}

    def __init__(self, latent: int = 32, channels: Sequence[int] = (64, 40, 20), mapping_layers: int = 3,
                 mixing: float = 0.9, noise: bool = False):
        super().__init__()
        self.latent = checks.count("StyleGenerator", "latent", latent)
        if len(channels) != 3:
            raise ValueError("StyleGenerator: channels must be three widths, at 7 × 7, 14 × 14 and 28 × 28, "
                             f"got {channels!r}")
        a, b, c = (checks.count("StyleGenerator", "channels", width) for width in channels)
        self.channels = (a, b, c)
        self.mapping_layers = checks.count("StyleGenerator", "mapping_layers", mapping_layers)
        self.mixing = checks.number("StyleGenerator", "mixing", mixing, least=0)
        self.noise = bool(noise)
        self.constant = nn.Parameter(torch.empty(1, a, 7, 7))
        with torch.random.fork_rng(devices=[]):
            self.maps: Any = nn.ModuleList(EqualLinear(latent, latent, rate=0.01) for _ in range(mapping_layers))
            self.layers: Any = nn.ModuleList([
                *(ModulatedLayer(latent, *sizes, noisy=self.noise)  # inputs, outputs, kernel, stride
                  for sizes in ((a, a, 3, 1), (a, b, 3, 2), (b, b, 3, 1), (b, c, 3, 2), (c, c, 3, 1))),
                ModulatedLayer(latent, c, 1, 1, demodulate=False)])
        self.register_buffer("mean_w", torch.zeros(latent))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator."""
        nn.init.normal_(self.constant)
        self.mean_w.zero_()
        for part in (*self.maps, *self.layers):
            part.reset_parameters()

    def mapping(self, z: Tensor) -> Tensor:
        """z (n, latent) → w (n, latent). z is brought to length √latent first, so only its direction counts."""
        if z.dim() != 2 or z.shape[1] != self.latent:
            raise ValueError(f"StyleGenerator: expected latents of shape (n, {self.latent}), got {tuple(z.shape)}")
        w = z * (z.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        for layer in self.maps:
            w = functional.leaky_relu(layer(w), 0.2) * GAIN
        return w

    def noise_maps(self, rows: int = 1) -> list[Tensor]:
        """Maps of N(0, 1) for all layers but the last, (rows, 1, side, side) each; 1 row: the same for all pictures."""
        place = self.constant
        return [draws.normal(rows, 1, side, side, device=place.device).to(place.dtype) for side in SIDES]

    def _noise(self, noise: Noise, rows: int) -> Sequence[Tensor | None]:
        if not isinstance(noise, str):
            shapes = [tuple(part.shape) for part in noise]
            wanted = [(1, side, side) for side in SIDES]
            if [s[1:] for s in shapes] != wanted or not {s[0] for s in shapes} <= {1, rows}:
                raise ValueError(f"StyleGenerator: noise must be maps of shapes (1 or {rows}, 1, side, side), sides "
                                 f"{SIDES}, as noise_maps gives them, got {shapes}")
            return noise
        checks.one_of("StyleGenerator", "noise", noise, ("fresh", "none"))
        return self.noise_maps(rows) if self.noise and noise == "fresh" else [None] * len(SIDES)

    def synthesis(self, styles: Tensor, noise: Noise = "fresh") -> Tensor:
        """w for each layer, (n, 6, latent), or one for all, (n, latent), → pictures (n, 1, 28, 28).

        noise: "fresh", other numbers for each picture; "none"; or what `noise_maps` gave, to keep it fixed.
        A generator without noise inputs draws nothing and takes no notice.
        """
        if styles.dim() == 2:
            styles = styles.unsqueeze(1).expand(-1, len(self.layers), -1)
        if styles.dim() != 3 or styles.shape[1:] != (len(self.layers), self.latent):
            raise ValueError(f"StyleGenerator: expected styles of shape (n, {len(self.layers)}, {self.latent}) or "
                             f"(n, {self.latent}), got {tuple(styles.shape)}")
        x: Tensor = self.constant
        maps = self._noise(noise, len(styles))
        for layer, w, own in zip(self.layers[:-1], styles.unbind(1)[:-1], maps, strict=True):
            x = functional.leaky_relu(layer(x, w, own), 0.2) * GAIN
        return torch.tanh(self.layers[-1](x, styles[:, -1]))

    def truncate(self, w: Tensor, psi: float) -> Tensor:
        """w̄ + ψ (w − w̄), the truncation trick in W (Karras et al. 2019, appendix B); w (…, latent)."""
        return self.mean_w + psi * (w - self.mean_w)

    def forward(self, z: Tensor, psi: float = 1.0, noise: Noise = "fresh") -> Tensor:
        w = self.mapping(z)
        if self.training and self.mixing:
            n, layers = len(z), len(self.layers)
            change = 1 + draws.integers(layers - 1, n, z.device)  # from this layer on, the other one's style
            change[draws.uniform(n, device=z.device) >= self.mixing] = layers
            late = torch.arange(layers, device=z.device) >= change[:, None]  # (n, layers)
            return self.synthesis(torch.where(late[:, :, None], w.roll(1, 0)[:, None], w[:, None]), noise)
        return self.synthesis(self.truncate(w, psi) if psi != 1 else w, noise)

    @torch.no_grad()
    def measure_mean(self, rows: int = 10_000) -> None:
        """Set w̄ to the mean of w over fresh latents."""
        z = draws.normal(rows, self.latent, device=self.mean_w.device).to(self.mean_w.dtype)
        self.mean_w.copy_(self.mapping(z).mean(0))
