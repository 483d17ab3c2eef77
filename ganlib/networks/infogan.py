"""InfoGAN's discriminator, which judges a picture and reads its codes: two heads on one body.

Source: Chen et al. 2016, section 6 and appendix C.1 (D and Q share all layers but the last ones), at a fraction of the
size. The generator is a `DCGANGenerator`, whose latents are noise and codes side by side.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ganlib import checks
from ganlib.networks.dcgan import STD


class InfoDiscriminator(nn.Module):
    """Pictures (n, 1, 28, 28) → one logit each, (n, 1); `read` gives what Q says of their codes, (n, K + C).

    categories: K, the values of the categorical code; Q's first K numbers are its logits (no softmax).
    continuous: C, the number of continuous codes; Q's last C numbers are its means.
    channels:   widths at 14 × 14, 7 × 7 and 3 × 3.
    hidden:     width of the one layer that Q has for itself.
    batch_norm: after the second and third convolution; leave it out if a penalty takes slopes per sample.
    """

    def __init__(self, categories: int = 10, continuous: int = 2, channels: Sequence[int] = (32, 64, 128),
                 hidden: int = 64, batch_norm: bool = False):
        super().__init__()
        self.categories = checks.count("InfoDiscriminator", "categories", categories, least=2)
        self.continuous = checks.count("InfoDiscriminator", "continuous", continuous, least=0)
        if len(channels) != 3:
            raise ValueError("InfoDiscriminator: channels must be three widths, at 14 × 14, 7 × 7 and 3 × 3, "
                             f"got {channels!r}")
        a, b, c = (checks.count("InfoDiscriminator", "channels", width) for width in channels)
        checks.count("InfoDiscriminator", "hidden", hidden)
        self.arguments: dict[str, Any] = {"categories": categories, "continuous": continuous, "channels": [a, b, c],
                                          "hidden": hidden, "batch_norm": bool(batch_norm)}

        def normed(width: int) -> list[nn.Module]:
            return [nn.BatchNorm2d(width)] if batch_norm else []

        with torch.random.fork_rng(devices=[]):  # torch's own start is drawn over: it takes no numbers
            self.body = nn.Sequential(
                nn.Conv2d(1, a, 4, 2, 1), nn.LeakyReLU(0.2),
                nn.Conv2d(a, b, 4, 2, 1, bias=not batch_norm), *normed(b), nn.LeakyReLU(0.2),
                nn.Conv2d(b, c, 4, 2, 1, bias=not batch_norm), *normed(c), nn.LeakyReLU(0.2), nn.Flatten())
            self.judge = nn.Linear(9 * c, 1)
            self.reader = nn.Sequential(nn.Linear(9 * c, hidden), nn.LeakyReLU(0.2),
                                        nn.Linear(hidden, categories + continuous))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator: N(0, 0.02²), batch norm's scales N(1, 0.02²)."""
        for part in self.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.reset_running_stats()
                nn.init.normal_(part.weight, 1.0, STD)
                nn.init.zeros_(part.bias)
            elif isinstance(part, nn.Conv2d | nn.Linear):
                nn.init.normal_(part.weight, 0.0, STD)
                if part.bias is not None:
                    nn.init.zeros_(part.bias)

    def features(self, x: Tensor) -> Tensor:
        """What both heads see, (n, 9 · channels[2])."""
        if x.dim() != 4 or x.shape[1:] != (1, 28, 28):
            raise ValueError(f"InfoDiscriminator: expected pictures of shape (n, 1, 28, 28), got {tuple(x.shape)}")
        return self.body(x)

    def forward(self, x: Tensor) -> Tensor:
        return self.judge(self.features(x))

    def read(self, x: Tensor) -> Tensor:
        """Q's numbers: logits of the categories, then means of the continuous codes, (n, K + C)."""
        return self.reader(self.features(x))

    def both(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """`forward` and `read` at the price of one pass through the body."""
        features = self.features(x)
        return self.judge(features), self.reader(features)
