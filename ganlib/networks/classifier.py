"""A small classifier of pictures of 28 × 28 greys: the judge of the generators, which none of them was trained against.

Its last hidden layer is the feature space in which the book measures distances between sets of pictures (chapter
12), and its answers say which class a generated picture shows (chapters 12 to 14 and 18). Strided convolutions as in
Radford, Metz & Chintala 2016; trained by cross-entropy like any classifier.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ganlib import checks, draws
from ganlib.data.images import Images


class Classifier(nn.Module):
    """Pictures (n, 1, 28, 28) in [−1, 1] → logits (n, classes); `features` are the numbers before the last layer.

    1 × 28 × 28 → 24 × 14 × 14 → 48 × 7 × 7 → 64 × 3 × 3 → features → classes, leaky ReLU between.
    """

    def __init__(self, features: int = 64, classes: int = 10):
        super().__init__()
        checks.count("Classifier", "features", features)
        checks.count("Classifier", "classes", classes, least=2)
        self.arguments = {"features": features, "classes": classes}
        with torch.random.fork_rng(devices=[]):  # the initial parameters are drawn by reset_parameters
            self.body = nn.Sequential(
                nn.Conv2d(1, 24, 3, 2, 1), nn.LeakyReLU(0.2),
                nn.Conv2d(24, 48, 3, 2, 1), nn.LeakyReLU(0.2),
                nn.Conv2d(48, 64, 3, 2), nn.LeakyReLU(0.2), nn.Flatten(),
                nn.Linear(576, features), nn.LeakyReLU(0.2))
            self.head = nn.Linear(features, classes)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters afresh from torch's global generator, as torch does by default."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                layer.reset_parameters()

    def features(self, x: Tensor) -> Tensor:
        """The last hidden layer, (n, features)."""
        if x.dim() != 4 or x.shape[1:] != (1, 28, 28):
            raise ValueError(f"Classifier: expected pictures of shape (n, 1, 28, 28), got {tuple(x.shape)}")
        return self.body(x)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))


def shifted(x: Tensor, reach: int = 2) -> Tensor:
    """Each picture moved by whole pixels, up to ``reach`` in both directions; what comes in is background, −1."""
    n, _, height, width = x.shape
    by = draws.integers(2 * reach + 1, 2 * n).to(x.device).view(2, n, 1, 1)
    rows, columns = by[0] + torch.arange(height, device=x.device)[:, None], by[1] + torch.arange(width, device=x.device)
    wide = functional.pad(x, [reach] * 4, value=-1.0)
    return wide[torch.arange(n, device=x.device)[:, None, None], 0, rows, columns].unsqueeze(1)


def fit(classifier: nn.Module, data: Images, *, steps: int = 3000, batch: int = 128, lr: float = 3e-3,
        weight_decay: float = 1e-3, smoothing: float = 0.1, reach: int = 2, seed: int = 0) -> Any:
    """Train a classifier on labelled pictures by cross-entropy, and return it in eval mode.

    The seed fixes everything, initial parameters included. AdamW with a learning rate that falls along half a cosine,
    pictures shifted by up to ``reach`` pixels, labels smoothed: all three keep the features of training pictures like
    those of others, which a feature space for comparing the two must do.
    """
    checks.count("fit", "steps", steps)
    torch.manual_seed(seed)
    classifier.reset_parameters()  # type: ignore[operator]
    classifier.train()
    optimiser = torch.optim.AdamW(classifier.parameters(), lr=lr, weight_decay=weight_decay)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = lr * 0.5 * (1 + math.cos(math.pi * step / steps))
        x, labels = data.sample_labelled(batch)
        loss = functional.cross_entropy(classifier(shifted(x, reach)), labels, label_smoothing=smoothing)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return classifier.eval()


@torch.no_grad()
def accuracy(classifier: nn.Module, data: Images) -> float:
    """The share of pictures whose class is found, 0 to 1."""
    right = sum(int((classifier(x).argmax(1) == labels).sum())
                for x, labels in zip(data.images.split(500), data.labels.split(500), strict=True))
    return right / len(data)
