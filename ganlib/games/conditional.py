"""Games in which both players are told a label."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ganlib import checks, draws
from ganlib.games.game import Game


class Conditional(Game):
    """A game of G(z, y) against D(x, y): ``data.sample`` gives samples (n, …) with their labels (n,).

    generator:     latents (n, latent) and labels (n,) → samples (n, …).
    discriminator: samples (n, …) and labels (n,) → one logit each, (n, 1).
    Generated samples get the labels of the real ones they stand against, so both have the same p(y).
    Source: Mirza & Osindero 2014, eq. 2. The other arguments are those of `Game`; packs are not for labels.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, **settings: Any):
        super().__init__(generator, discriminator, **settings)
        if self.pack != 1:
            raise ValueError(f"{type(self).__name__}: pack must be 1, got {self.pack}")

    def generate(self, rows: int, average: bool = False, *, labels: Tensor | None = None) -> Tensor:
        """``rows`` samples G(z, y), shape (rows, …), without gradient; labels: whole numbers, shape (rows,)."""
        name = type(self).__name__
        checks.count(f"{name}.generate", "rows", rows)
        if not isinstance(labels, Tensor) or labels.shape != (rows,):
            got = tuple(labels.shape) if isinstance(labels, Tensor) else labels
            raise ValueError(f"{name}.generate: labels must be a tensor of shape ({rows},), got {got!r}")
        with torch.no_grad():
            return self.player(average)(self.latents(rows), labels.to(self.place["device"]))

    def _told(self, real: Any) -> tuple[Tensor, Tensor]:
        """Samples and labels of a batch; `TypeError` for data that give no labels."""
        if not isinstance(real, tuple) or len(real) != 2:
            raise TypeError(f"{type(self).__name__}: data.sample must give samples and labels, such as "
                            f"mnist().labelled(), got a {type(real).__name__}")
        return real

    def discriminator_loss(self, real: Any) -> Tensor:
        """As in `Game`; real: samples (n, …) and labels (n,)."""
        samples, labels = self._told(real)
        with torch.no_grad():  # the generator is not the one learning here
            fake = self.seen(self.generator(self.latents(len(samples)), labels))
            samples = self.seen(samples)
        return self._discriminator_loss(lambda x: self.discriminator(x, labels), samples, fake)

    def generator_loss(self, real: Any) -> Tensor:
        """As in `Game`; real: samples (n, …), looked at by relativistic losses only, and labels (n,)."""
        samples, labels = self._told(real)
        fake = self.seen(self.generator(self.latents(len(samples)), labels))
        return self._generator_loss(self.discriminator(fake, labels), samples, lambda x: self.discriminator(x, labels))


class AuxiliaryClassifier(Conditional):
    """AC-GAN: the logit does not see the label, and both players are paid if the label can be read from the sample.

    discriminator: samples (n, …) and labels (n,) → (n, 1 + classes): a logit, and the logits of the classes.
    weight:        λ of the classifier's cross-entropy in both players' losses; in the generator's it is over generated
                   samples.
    taught_by:     in the discriminator's loss it is over "both" kinds of samples, as in the source, or the "real" ones.
    Its optimum is not the data where classes overlap (chapter 13). Source: Odena, Olah & Shlens 2017, eqs. 2 and 3.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, *, weight: float = 1.0, taught_by: str = "both",
                 **settings: Any):
        super().__init__(generator, discriminator, **settings)
        self.weight = checks.number("AuxiliaryClassifier", "weight", weight, least=0)
        self.taught_by = checks.one_of("AuxiliaryClassifier", "taught_by", taught_by, ("both", "real"))

    def _judge(self, labels: Tensor) -> tuple[Callable[[Tensor], Tensor], list[Tensor]]:
        """The logit as a function of samples, and a list to which each call adds the classifier's loss (in nats)."""
        class_losses: list[Tensor] = []

        def judge(samples: Tensor) -> Tensor:
            rows = self.discriminator(samples, labels)  # (n, 1 + classes)
            class_losses.append(draws.batch_mean(functional.cross_entropy(rows[:, 1:], labels, reduction="none")))
            return rows[:, :1]

        return judge, class_losses

    def discriminator_loss(self, real: Any) -> Tensor:
        """As in `Conditional`, and λ times the classifier's loss, on real samples and on generated ones, added up."""
        samples, labels = self._told(real)
        with torch.no_grad():
            fake = self.seen(self.generator(self.latents(len(samples)), labels))
            samples = self.seen(samples)
        judge, class_losses = self._judge(labels)
        value = self._discriminator_loss(judge, samples, fake)
        counted = class_losses[:1] if self.taught_by == "real" else class_losses[:2]  # not the penalty's calls
        return value + self.weight * sum(counted)

    def generator_loss(self, real: Any) -> Tensor:
        """As in `Conditional`, and λ times the classifier's loss on generated samples."""
        samples, labels = self._told(real)
        fake = self.seen(self.generator(self.latents(len(samples)), labels))
        judge, class_losses = self._judge(labels)
        return self._generator_loss(judge(fake), samples, judge) + self.weight * class_losses[0]
