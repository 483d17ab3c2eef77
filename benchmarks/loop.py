"""What does the library's loop cost over the bare loop written by hand?  python benchmarks/loop.py

Both train the same 2-32-32 game for the same steps, record both losses at each step and end with the same weights.
"""

import torch
from paired import ratios, store
from torch.nn.functional import softplus

from ganlib import data
from ganlib.games import Game
from ganlib.networks import MLP
from ganlib.training import train

STEPS, BATCH = 400, 128
RING = data.ring()


def bare() -> list[torch.Tensor]:
    torch.manual_seed(0)
    generator, discriminator = MLP(2, 32, 32, 2), MLP(2, 32, 32, 1)
    adam_g = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.99), fused=True)
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.99), fused=True)
    losses = []
    for _ in range(STEPS):
        real = RING.sample(BATCH)
        fake = generator(torch.randn(BATCH, 2)).detach()
        loss_d = softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()
        adam_d.zero_grad()
        loss_d.backward()
        adam_d.step()
        loss_g = softplus(-discriminator(generator(torch.randn(BATCH, 2)))).mean()
        adam_g.zero_grad()
        loss_g.backward()
        adam_g.step()
        losses.append((loss_d.item(), loss_g.item()))
    return [*generator.parameters(), *discriminator.parameters()]


def library() -> list[torch.Tensor]:
    game = Game(MLP(2, 32, 32, 2), MLP(2, 32, 32, 1), latent=2)
    train(game, RING, steps=STEPS, batch=BATCH, device="cpu", progress=False)
    return [*game.generator.parameters(), *game.discriminator.parameters()]


if __name__ == "__main__":
    assert all(torch.equal(a, b) for a, b in zip(bare(), library(), strict=True)), "they must do the same work"
    store("loop", "What does `train` cost over a bare loop?", {"train / bare loop": ratios(library, bare)},
          {"train / bare loop": 1.05})
