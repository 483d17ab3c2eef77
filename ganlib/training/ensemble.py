"""Many seeds of one small game in one batch of matrices: what one seed shows may be luck, sixteen show the spread."""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ganlib import draws
from ganlib.games import Game
from ganlib.training.history import History
from ganlib.training.loop import Number, Probes, Rate, _validate, choose_device, run


def ensemble(game: Game, data: Any, *, seeds: Sequence[int], steps: int, batch: int = 128,
             lr: Rate = 1e-3, betas: tuple[Number, Number] = (0.5, 0.99), discriminator_steps: int = 1,
             ema_decay: Number | None = None, penalty_weight: Number = 1.0, penalty_every: int = 1,
             probes: Probes | None = None, probe_every: int = 100, initialise: bool = True,
             checkpoint: str | Path | None = None, checkpoint_seconds: float = 30.0,
             device: str | torch.device | None = None, progress: bool | None = None) -> list[History]:
    """Train the game once from every seed, all at the same time; one `History` per seed, in the order of ``seeds``.

    Member i draws what ``train(game, data, seed=seeds[i], …)`` would draw, and equals that run to float rounding.
    Both players must be `ganlib.networks.MLP`; ``game`` itself is left untouched. With ``initialise=False`` every
    member starts from the parameters the players have now, and only batches and latents differ.
    The other arguments and the errors are those of `ganlib.training.train`.
    """
    seeds = list(seeds)
    if not seeds or len(set(seeds)) < len(seeds) or not all(isinstance(s, int) for s in seeds):
        raise ValueError(f"ensemble: seeds must be different whole numbers, at least one, got {seeds!r:.80}")
    _validate("ensemble", game, data, steps, batch, lr, betas, discriminator_steps, ema_decay, penalty_weight,
              penalty_every, probe_every)
    parts = [name for name in ("generator", "discriminator", "augment") if isinstance(getattr(game, name), nn.Module)]
    for name in parts:
        if not hasattr(part := getattr(game, name), "stack"):
            raise TypeError(f"ensemble: {name} must be a network that can be stacked (ganlib.networks.MLP), "
                            f"got {type(part).__name__}")
    chosen = choose_device(device)
    members, streams = [], []
    with torch.random.fork_rng():
        for seed in seeds:
            torch.manual_seed(seed)
            member = game.copy()
            if initialise:
                member.reset()
            members.append(member)
            stream = torch.Generator()
            stream.set_state(torch.get_rng_state())  # go on where drawing the parameters stopped
            streams.append(stream)
    stacked = copy.copy(game)
    for name in parts:
        own: Any = getattr(game, name)
        setattr(stacked, name, own.stack([getattr(m, name) for m in members]))
    with draws.streams(streams):
        return run(seeds, stacked, data, streams, steps=steps, batch=batch, lr=lr, betas=betas,
                   discriminator_steps=discriminator_steps, ema_decay=ema_decay, penalty_weight=penalty_weight,
                   penalty_every=penalty_every, probes=probes or {}, probe_every=probe_every, checkpoint=checkpoint,
                   checkpoint_seconds=checkpoint_seconds, device=chosen, progress=progress)
