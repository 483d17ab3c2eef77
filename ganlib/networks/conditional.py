"""Generators and discriminators that are told a label: five ways of telling, on one body each.

A generator G(z, y) gets its label beside its latents. A discriminator D(x, y) is told by one of `WAYS`:

    none          not at all: the logit is a function of x alone
    concatenated  one constant plane a class beside the picture's channels (Mirza & Osindero 2014, section 3.2)
    embedded      a learned vector E_y beside the features φ(x), before a hidden layer
    projection    ψ(x) + V_y · φ(x) (Miyato & Koyama 2018, section 3)
    auxiliary     a logit that does not see y, and beside it logits of the classes (Odena et al. 2017, section 3)

The last two have the same parameters, one row for ψ and one a class, and read them differently.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ganlib import checks
from ganlib.networks.dcgan import DCGANDiscriminator, DCGANGenerator, _reset
from ganlib.networks.mlp import MLP

WAYS = ("none", "concatenated", "embedded", "projection", "auxiliary")


def _labels(function: str, x: Tensor, labels: Any) -> Tensor:
    """Labels (n,) for n samples x, or an error. (That each is a class shows where it is looked up.)"""
    if not isinstance(labels, Tensor) or labels.dtype != torch.int64 or labels.shape != x.shape[:1]:
        got = f"{labels.dtype} {tuple(labels.shape)}" if isinstance(labels, Tensor) else type(labels).__name__
        raise ValueError(f"{function}: labels must be an int64 tensor of shape ({len(x)},), got {got}")
    return labels


def _read(way: str, rows: Tensor, labels: Tensor) -> Tensor:
    """What the way makes of the last layer's numbers (n, 1) or (n, 1 + classes)."""
    return rows[:, :1] + rows[:, 1:].gather(1, labels[:, None]) if way == "projection" else rows


class ConditionalGenerator(nn.Module):
    """Latents (n, latent) and labels (n,) → pictures (n, 1, 28, 28) in [−1, 1]: a DCGAN fed with z and a vector E_y.

    classes:   how many labels there are, 0 … classes − 1.
    embedding: length of E_y, learned, from N(0, 1) at the start as z is.
    channels:  widths of the DCGAN at 7 × 7 and 14 × 14.
    """

    def __init__(self, latent: int = 32, classes: int = 10, embedding: int = 16, channels: tuple[int, int] = (64, 32),
                 batch_norm: bool = True):
        super().__init__()
        self.latent = checks.count("ConditionalGenerator", "latent", latent)
        self.classes = checks.count("ConditionalGenerator", "classes", classes, least=2)
        checks.count("ConditionalGenerator", "embedding", embedding)
        with torch.random.fork_rng(devices=[]):  # drawn over: it takes no numbers
            self.embedding = nn.Embedding(classes, embedding)
            self.body = DCGANGenerator(latent + embedding, channels, batch_norm)
        self.reset_parameters()

    @property
    def arguments(self) -> dict[str, Any]:
        """What its class is to be called with for a generator of the same sizes."""
        return {"latent": self.latent, "classes": self.classes, "embedding": self.embedding.embedding_dim,
                "channels": list(self.body.channels), "batch_norm": bool(self.body.norms)}

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator."""
        self.embedding.reset_parameters()
        self.body.reset_parameters()

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        if z.dim() != 2 or z.shape[1] != self.latent:
            raise ValueError(f"ConditionalGenerator: expected latents of shape (n, {self.latent}), "
                             f"got {tuple(z.shape)}")
        told = self.embedding(_labels("ConditionalGenerator", z, labels))  # (n, embedding)
        return self.body(torch.cat([z, told], 1))

    @torch.no_grad()
    def folded(self) -> "ConditionalGenerator":
        """The same function as in eval mode, with batch norm's scale and offset inside the layers (a copy)."""
        twin = ConditionalGenerator(**self.arguments | {"batch_norm": False}).to(self.embedding.weight)
        twin.embedding.weight.copy_(self.embedding.weight)
        twin.body = self.body.folded()
        return twin.train(self.training)


class ConditionalDiscriminator(nn.Module):
    """Pictures (n, 1, 28, 28) and labels (n,) → one logit each, (n, 1); told "auxiliary", (n, 1 + classes).

    way:       how it is told, one of `WAYS`.
    channels, batch_norm: of its body, that of a DCGANDiscriminator up to the features φ.
    embedding: length of E_y for "embedded".
    hidden:    width of the hidden layer of "embedded".
    """

    def __init__(self, way: str = "projection", classes: int = 10, channels: tuple[int, ...] = (32, 64),
                 batch_norm: bool = True, embedding: int = 16, hidden: int = 64):
        super().__init__()
        self.way = checks.one_of("ConditionalDiscriminator", "way", way, WAYS)
        self.classes = checks.count("ConditionalDiscriminator", "classes", classes, least=2)
        self.arguments = {"way": way, "classes": classes, "channels": list(channels), "batch_norm": batch_norm,
                          "embedding": embedding, "hidden": hidden}
        with torch.random.fork_rng(devices=[]):
            layers = list(DCGANDiscriminator(channels, batch_norm).layers)
            wide: Any = layers[-1].in_features
            if way == "concatenated":
                layers[0] = nn.Conv2d(1 + classes, channels[0], 4, 2, 1)
            self.body = nn.Sequential(*layers[:-1])  # → features (n, wide)
            if way == "embedded":
                self.embedding = nn.Embedding(classes, embedding)
                self.head: nn.Module = nn.Sequential(nn.Linear(wide + embedding, hidden), nn.LeakyReLU(0.2),
                                                     nn.Linear(hidden, 1))
            else:
                self.head = nn.Linear(wide, 1 + classes if way in ("projection", "auxiliary") else 1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator."""
        _reset(self, 1.0)
        if self.way == "embedded":
            self.embedding.reset_parameters()

    def features(self, x: Tensor, labels: Tensor) -> Tensor:
        """φ, (n, features): of x alone, unless the label is told by planes."""
        if x.dim() != 4 or x.shape[1:] != (1, 28, 28):
            raise ValueError(f"ConditionalDiscriminator: expected pictures of shape (n, 1, 28, 28), "
                             f"got {tuple(x.shape)}")
        _labels("ConditionalDiscriminator", x, labels)
        if self.way == "concatenated":
            planes = functional.one_hot(labels, self.classes)[:, :, None, None].to(x)  # (n, classes, 1, 1)
            x = torch.cat([x, planes.expand(-1, -1, *x.shape[2:])], 1)  # (n, 1 + classes, 28, 28)
        return self.body(x)

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        phi = self.features(x, labels)
        if self.way == "embedded":
            phi = torch.cat([phi, self.embedding(labels)], 1)  # (n, features + embedding)
        return _read(self.way, self.head(phi), labels)


class ConditionalMLP(MLP):
    """An `MLP` that is told a label: samples or latents (n, …) and labels (n,) → (n, sizes[-1]).

    sizes: as of the `MLP` without labels. way: "none"; "concatenated", the label as ``classes`` inputs more, 0 or 1;
    for a discriminator, sizes[-1] = 1, also "projection" and "auxiliary", as above with ``classes`` outputs more.
    The other arguments are those of `MLP`; `ganlib.training.ensemble` can stack it.
    """

    def __init__(self, *sizes: int, classes: int, way: str = "concatenated", **settings: Any):
        self.classes = checks.count("ConditionalMLP", "classes", classes, least=2)
        self.way = checks.one_of("ConditionalMLP", "way", way, [w for w in WAYS if w != "embedded"])
        if way in ("projection", "auxiliary"):
            if sizes[-1:] != (1,):
                raise ValueError(f"ConditionalMLP: with way={way!r} sizes must end in 1, got {sizes}")
            sizes = (*sizes[:-1], 1 + classes)
        elif way == "concatenated" and sizes:
            sizes = (sizes[0] + classes, *sizes[1:])
        super().__init__(*sizes, **settings)

    def _settings(self) -> tuple[Any, ...]:
        return *super()._settings(), self.classes, self.way

    def _like(self) -> "ConditionalMLP":
        twin: Any = super()._like()  # an MLP with the layers wanted
        twin.__class__ = ConditionalMLP
        twin.classes, twin.way = self.classes, self.way
        return twin

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:  # type: ignore[override]
        _labels("ConditionalMLP", x, labels)
        if self.way == "concatenated":
            x = torch.cat([x.flatten(1), functional.one_hot(labels, self.classes).to(x)], 1)
        return _read(self.way, super().forward(x), labels)
