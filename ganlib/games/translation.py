"""Games whose generator starts from pictures: translation learnt from pairs (chapter 15) and without them (16).

Written for pictures (n, channels, height, width), but points (n, d) are translated as well.
"""

from typing import Any

import torch
from torch import Tensor, nn

from ganlib import checks, draws
from ganlib.draws import batch_mean as mean
from ganlib.games.game import Game
from ganlib.losses import least_squares


class Translation(Game):
    """What both games share: no latents, and a generator's loss that is a sum of weighted terms.

    weights: what each term counts in the generator's loss; a term that counts 0 is not computed.
    The other arguments are those of `Game`, without ``latent`` and ``pack``.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, weights: dict[str, float], **settings: Any):
        own = type(self).__name__
        if unknown := {"latent", "pack"} & set(settings):
            raise ValueError(f"{own}: a translation has no {' and no '.join(sorted(unknown))}, "
                             f"got {', '.join(f'{name}={settings[name]!r}' for name in sorted(unknown))}")
        super().__init__(generator, discriminator, latent=1, **settings)  # none is ever drawn
        self.weights = {name: checks.number(own, name, weight, least=0) for name, weight in weights.items()}
        if not any(self.weights.values()):
            raise ValueError(f"{own}: {' or '.join(self.weights)} must be more than 0, or the generator learns nothing")

    def generate(self, rows: int, average: bool = False) -> Tensor:
        """There is nothing to generate from: `TypeError`."""
        raise TypeError(f"{type(self).__name__}.generate: there are no latents here, use translate(pictures)")

    def generator_terms(self, real: Any) -> dict[str, Tensor]:
        """The terms of the generator's loss that count, not yet weighted, by name."""
        raise NotImplementedError

    def generator_loss(self, real: Any) -> Tensor:
        """What the generator minimises on a batch: the sum of its terms, each times its weight."""
        return torch.stack([self.weights[name] * term for name, term in self.generator_terms(real).items()]).sum(0)

    def _two(self, real: Any) -> tuple[Tensor, Tensor]:
        """The two halves of a batch, or an error that says what came instead."""
        if not isinstance(real, tuple) or len(real) != 2 or len({len(part) for part in real}) > 1:
            got = (tuple(tuple(part.shape) for part in real) if isinstance(real, tuple) else
                   tuple(real.shape) if isinstance(real, Tensor) else type(real).__name__)
            raise ValueError(f"{type(self).__name__}: data.sample must give a tuple of two tensors with as many "
                             f"pictures each, got {got}")
        return real


class PairedTranslation(Translation):
    """Pictures x → pictures y, learnt from pairs: ``data.sample(n)`` gives (x, y), both (n, channels, height, width).

    generator:     x → y.
    discriminator: x and y joined along the channels, (n, both, height, width), → logits of any shape, such as those
                   of a `PatchDiscriminator`.
    l1:            λ, what the mean absolute error per pixel counts; 0 leaves the judge alone to decide.
    adversarial:   what the judge counts; 0 leaves the absolute error alone. The discriminator goes on learning.
    conditional:   False shows the discriminator y alone, so that it cannot ask whether y belongs to x.

    Source: Isola et al. 2017, eqs. 1 to 4 (2 without the condition), with section 3.3's generator loss −log D, which is
    the default here too. There z is dropout inside the generator, when training and when used; here the generator has
    none unless it brings it (``UNet(dropout=0.5)``). The paper halves the discriminator's loss: Adam, which divides
    each gradient by its own size, does not notice.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, *, l1: float = 100.0, adversarial: float = 1.0,
                 conditional: bool = True, **settings: Any):
        super().__init__(generator, discriminator, {"adversarial": adversarial, "l1": l1}, **settings)
        self.conditional = bool(conditional)

    def translate(self, x: Tensor, average: bool = False) -> Tensor:
        """G(x) for pictures x (n, …), without gradient; by the moving average if ``average``."""
        checks.tensor("PairedTranslation.translate", "x", x)
        with torch.no_grad():
            return self.player(average)(x.to(**self.place))

    def judged(self, x: Tensor, y: Tensor) -> Tensor:
        """What the discriminator judges, before any augmentation: x and y joined, (n, both channels, …), or y alone."""
        if self.conditional and x.shape[2:] != y.shape[2:]:
            raise ValueError("PairedTranslation: the two pictures of a pair must be of one size, "
                             f"got {tuple(x.shape)} and {tuple(y.shape)}")
        return torch.cat([x, y], 1) if self.conditional else y

    def discriminator_loss(self, real: Any) -> Tensor:
        """As in `Game`; real: pairs (x, y). The pairs (x, G(x)) are the generated ones."""
        x, y = self._two(real)
        with torch.no_grad():
            fake, shown = self.seen(self.judged(x, self.generator(x))), self.seen(self.judged(x, y))
        return self._discriminator_loss(self.discriminator, shown, fake)

    def generator_terms(self, real: Any) -> dict[str, Tensor]:
        """"adversarial": the loss of (x, G(x)); "l1": E |y − G(x)|, the mean over all pixels. real: pairs (x, y)."""
        x, y = self._two(real)
        fake = self.generator(x)
        terms: dict[str, Tensor] = {}
        if fake.shape != y.shape:  # or the difference would be taken between all and all
            raise ValueError(f"PairedTranslation: the generator must give targets of shape {tuple(y.shape)}, "
                             f"got {tuple(fake.shape)}")
        if self.weights["adversarial"]:
            logits = self.logits(self.judged(x, fake))
            terms["adversarial"] = self._generator_loss(logits, self.judged(x, y), self.discriminator)
        if self.weights["l1"]:
            terms["l1"] = mean((y - fake).abs())
        return terms


class ImagePool(nn.Module):
    """A memory of generated pictures, so that the discriminator does not forget what it has already learnt to refuse.

    Pictures (n, …) → as many. Until it holds ``size`` each is stored and passed on. From then on a coin is tossed for
    each: heads, it is passed on; tails, it takes the place of a stored one, which is passed on instead.
    images: what is stored, (at most size, …), a buffer: checkpoints keep it.
    Source: Shrivastava et al. 2017, section 2.3, as used by Zhu et al. 2017, section 4 (size 50). 0: no memory.
    """

    images: Tensor

    def __init__(self, size: int = 50):
        super().__init__()
        self.size = checks.count("ImagePool", "size", size, least=0)
        self.register_buffer("images", torch.empty(0))

    def reset_parameters(self) -> None:
        """Forget all pictures."""
        self.images = self.images.new_empty(0)

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        if not self.size:
            return x
        coins, places = draws.uniform(len(x)).tolist(), draws.integers(self.size, len(x)).tolist()
        new = x[: self.size - len(self.images)]  # stored and passed on
        images = torch.cat([self.images.to(x), new]) if len(self.images) else new.clone()
        passed = x.clone()
        for i in range(len(new), len(x)):
            if coins[i] >= 0.5:
                passed[i], images[places[i]] = images[places[i]], x[i]
        self.images = images  # a new tensor: shallow copies of the game keep the old one
        return passed

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        found = state_dict.get(f"{prefix}images")
        if found is not None and len(found) <= self.size:  # how many are stored is part of the state
            self.images = self.images.new_empty(found.shape)
        super()._load_from_state_dict(state_dict, prefix, *rest)


class UnpairedTranslation(Translation):
    """Two domains a and b, and translators both ways: ``data.sample(n)`` gives (a, b), pictures that do not belong
    together, (n, channels, height, width) each.

    generator:     ``nn.ModuleDict({"ab": G, "ba": F})``, from a to b and from b to a.
    discriminator: ``nn.ModuleDict({"a": …, "b": …})``, pictures of each domain → logits of any shape.
    cycle:         λ, what E |F(G(a)) − a| + E |G(F(b)) − b| counts; 0: nothing keeps the content.
    identity:      what E |G(b) − b| + E |F(a) − a| counts, for domains with the same channels (half of λ where colours
                   should stay; Zhu et al. 2017, section 5.2).
    adversarial:   what the two judges count.
    pool:          how many generated pictures of each domain are remembered, see `ImagePool`.

    Source: Zhu et al. 2017, eqs. 1 to 3, with section 4's least squares. `losses.least_squares` has a factor of ½
    that the paper's generator loss has not, so its λ = 10 is ``cycle=5``, or 10 with ``adversarial=2``.
    """

    learners = (*Game.learners, "pool")
    generator: nn.ModuleDict
    discriminator: nn.ModuleDict

    def __init__(self, generator: nn.ModuleDict, discriminator: nn.ModuleDict, *, cycle: float = 10.0,
                 identity: float = 0.0, adversarial: float = 1.0, pool: int = 50, **settings: Any):
        for name, player, keys in (("generator", generator, "ab and ba"), ("discriminator", discriminator, "a and b")):
            got = sorted(player) if isinstance(player, nn.ModuleDict) else [type(player).__name__]
            if got != keys.split(" and "):
                raise TypeError(f"UnpairedTranslation: {name} must be an nn.ModuleDict with the keys {keys}, "
                                f"got {', '.join(got)}")
        weights = {"adversarial": adversarial, "cycle": cycle, "identity": identity}
        super().__init__(generator, discriminator, weights, **{"loss": least_squares} | settings)
        checks.count("UnpairedTranslation", "pool", pool, least=0)
        self.pool = nn.ModuleDict({"a": ImagePool(pool), "b": ImagePool(pool)})

    def reset(self) -> None:
        """As in `Game`; the remembered pictures are forgotten."""
        super().reset()
        for memory in self.pool.values():
            memory.reset_parameters()  # type: ignore[operator]

    def translate(self, x: Tensor, direction: str, average: bool = False) -> Tensor:
        """Pictures x (n, …) of a as b, direction "ab", or of b as a, "ba", without gradient; by the moving average
        if ``average``."""
        checks.tensor("UnpairedTranslation.translate", "x", x)
        checks.one_of("UnpairedTranslation.translate", "direction", direction, ("ab", "ba"))
        translators: Any = self.player(average)
        with torch.no_grad():
            return translators[direction](x.to(**self.place))

    def discriminator_loss(self, real: Any) -> Tensor:
        """The sum of both discriminators' losses; real: pictures (a, b). Generated ones come by way of the pool."""
        a, b = self._two(real)
        with torch.no_grad():
            fake_b, fake_a = self.generator["ab"](a), self.generator["ba"](b)
            fakes = {"a": self.pool["a"](fake_a), "b": self.pool["b"](fake_b)}
            shown = {name: (self.seen(x), self.seen(fakes[name])) for name, x in (("a", a), ("b", b))}
        return (self._discriminator_loss(self.discriminator["a"], *shown["a"])
                + self._discriminator_loss(self.discriminator["b"], *shown["b"]))

    def generator_terms(self, real: Any) -> dict[str, Tensor]:
        """"adversarial", "cycle" and "identity", each the sum over both domains; real: pictures (a, b)."""
        a, b = self._two(real)
        forth, back = self.generator["ab"], self.generator["ba"]
        fake_b, fake_a = forth(a), back(b)
        terms: dict[str, Tensor] = {}
        if self.weights["adversarial"]:
            judge_a, judge_b = self.discriminator["a"], self.discriminator["b"]
            terms["adversarial"] = (self._generator_loss(judge_b(self.seen(fake_b)), b, judge_b)
                                    + self._generator_loss(judge_a(self.seen(fake_a)), a, judge_a))
        if self.weights["cycle"]:
            terms["cycle"] = mean((back(fake_b) - a).abs()) + mean((forth(fake_a) - b).abs())
        if self.weights["identity"]:
            terms["identity"] = mean((forth(b) - b).abs()) + mean((back(a) - a).abs())
        return terms
