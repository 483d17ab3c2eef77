"""The training loop: k discriminator updates, one generator update, and so on, for one game or a stack of them."""

import copy
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from ganlib import checks, draws
from ganlib.games import Game
from ganlib.training import checkpoint as checkpoints
from ganlib.training.history import History
from ganlib.training.schedules import Schedule, at, scheduled, written

BLOCK = 100  # steps between two looks at the losses: a look waits for the device, a step should not

Probes = dict[str, Callable[[Game], Any]]
Number = float | Schedule
Rate = Number | tuple[Number, Number]


class Diverged(ArithmeticError):
    """A loss or a parameter stopped being finite. ``history`` holds what was recorded before."""

    def __init__(self, message: str, history: list[History]):
        super().__init__(message)
        self.history = history[0] if len(history) == 1 else history


def choose_device(device: str | torch.device | None = None) -> torch.device:
    """The named device, or the best there is: CUDA, then Apple's MPS, then the CPU."""
    if device is None:
        return torch.device("cuda" if torch.cuda.is_available() else
                            "mps" if torch.backends.mps.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(0, device=chosen)
    except (RuntimeError, TypeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"train: device must be one this machine has (cpu, cuda or mps), got {device!r}") from error
    return chosen


def train(game: Game, data: Any, *, steps: int, seed: int = 0, batch: int = 128,
          lr: Rate = 1e-3,  # one rate for both players, or (generator's, discriminator's)
          betas: tuple[Number, Number] = (0.5, 0.99),  # Adam's, for both players
          discriminator_steps: int = 1,  # k: discriminator updates per generator update
          ema_decay: Number | None = None,  # keep game.average, the generator's moving average over steps
          penalty_weight: Number = 1.0,  # what the game's penalty counts
          penalty_every: int = 1,  # the penalty enters every so many discriminator updates, so many times as strongly
          probes: Probes | None = None,  # name → function of the game, read every probe_every steps
          probe_every: int = 100,
          initialise: bool = True,  # draw the parameters from the seed; False goes on from those the players have
          checkpoint: str | Path | None = None,  # a folder: save there, and go on from what is there
          checkpoint_seconds: float = 30.0,
          device: str | torch.device | None = None,  # None: CUDA, else MPS, else CPU
          progress: bool | None = None) -> History:  # None: a bar, unless $GANLIB_QUIET is set
    """Train a game by alternating updates (Goodfellow et al. 2014, algorithm 1) with Adam, in place.

    data: anything with ``sample(rows)`` that returns real samples, a (rows, …) tensor, or for a game that wants
    them a tuple of such, as samples with their labels.
    lr, betas, ema_decay and penalty_weight are numbers, or schedules: functions of the share of the run that is
    done, from 0 to 1, such as ``training.cosine(1e-3, 1e-5)``.
    penalty_every: lazy regularisation (Karras et al. 2020, section 3.1): cheaper, and the weight makes up for what is
    left out; Adam's settings stay, because the penalty takes no step of its own (it does in their appendix B).
    The seed fixes everything: parameters, batches, latents; torch's global generator is left as it was. Probes see
    the same random numbers at each visit (so a probe that draws latents draws the same ones) and cannot disturb
    the run. With ``checkpoint`` a run that was cut short goes on, on the CPU to the very same parameters.
    Ctrl-C stops the run and returns what it has (``history.interrupted``).

    Errors: `Diverged` if a loss or parameter is not finite; `ValueError` for bad arguments, or if the checkpoint
    was made with other settings.
    """
    if not isinstance(seed, int):
        raise ValueError(f"train: seed must be a whole number, got {seed!r}")
    _validate("train", game, data, steps, batch, lr, betas, discriminator_steps, ema_decay, penalty_weight,
              penalty_every, probe_every)
    chosen = choose_device(device)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        if initialise:
            game.reset()
        return run([seed], game, data, None, steps=steps, batch=batch, lr=lr, betas=betas,
                   discriminator_steps=discriminator_steps, ema_decay=ema_decay, penalty_weight=penalty_weight,
                   penalty_every=penalty_every, probes=probes or {}, probe_every=probe_every, checkpoint=checkpoint,
                   checkpoint_seconds=checkpoint_seconds, device=chosen, progress=progress)[0]


def _validate(function: str, game: Any, data: Any, steps: Any, batch: Any, lr: Any, betas: Any, k: Any,
              ema_decay: Any, penalty_weight: Any, penalty_every: Any, probe_every: Any) -> None:
    if not isinstance(game, Game):
        raise TypeError(f"{function}: game must be a ganlib.games.Game, got {type(game).__name__}")
    if not hasattr(data, "sample"):
        raise TypeError(f"{function}: data must have a method sample(rows), got {type(data).__name__}")
    for name, value in (("batch", batch), ("discriminator_steps", k), ("penalty_every", penalty_every),
                        ("probe_every", probe_every)):
        checks.count(function, name, value)
    checks.count(function, "steps", steps, least=0)
    if batch % game.pack:
        raise ValueError(f"{function}: batch must be a multiple of the game's pack {game.pack}, got {batch}")
    if not isinstance(betas, tuple) or len(betas) != 2:
        raise ValueError(f"{function}: betas must be two numbers, got {betas!r}")
    for share in (0.0, 1.0):  # a schedule at both its ends; a rate may end in 0
        for rate in lr if isinstance(lr, tuple) and len(lr) == 2 else (lr,):
            limit: dict[str, float] = {"least": 0} if share and callable(rate) else {"above": 0}
            checks.number(function, "lr", at(rate, share), **limit)
        for beta in betas:
            checks.number(function, "betas", at(beta, share), least=0, below=1)
        if ema_decay is not None:
            checks.number(function, "ema_decay", at(ema_decay, share), least=0, below=1)
        checks.number(function, "penalty_weight", at(penalty_weight, share), least=0)


def run(seeds: Sequence[int], game: Game, data: Any, streams: Sequence[torch.Generator] | None, *, steps: int,
        batch: int, lr: Rate, betas: tuple[Number, Number], discriminator_steps: int, ema_decay: Number | None,
        penalty_weight: Number, penalty_every: int, probes: Probes, probe_every: int, checkpoint: str | Path | None,
        checkpoint_seconds: float, device: torch.device, progress: bool | None) -> list[History]:
    """The loop itself; `train` and `ensemble` say what it is given. One history per seed.

    With streams the game holds one network per seed, stacked, and a loss is one number per seed, shape (M,).
    """
    members = len(seeds)
    settings = {"seeds": list(seeds), "batch": batch, "lr": lr, "betas": betas, "loss": game.loss.name,
                "discriminator_steps": discriminator_steps, "pack": game.pack, "ema_decay": ema_decay,
                "penalty_weight": penalty_weight, "penalty_every": penalty_every, "probe_every": probe_every,
                "probes": sorted(probes)}
    changing = scheduled((lr, betas, ema_decay, penalty_weight))
    if changing:
        settings["steps"] = steps  # a schedule is stretched over them
    for _, part in _parts(game):
        part.to(device).train()
    place = game.place
    rates = lr if isinstance(lr, tuple) else (lr, lr)
    # fused: one kernel for all parameters, which for small networks is most of Adam's cost
    optimizers = [torch.optim.Adam(player.parameters(), lr=at(rate, 0.0), betas=at(betas, 0.0), fused=True)
                  for player, rate in zip((game.generator, game.discriminator), rates, strict=True)]
    if ema_decay is not None:
        game.average = copy.deepcopy(game.generator).requires_grad_(False)
    record = _Record(members, probes)
    folder = Path(checkpoint) if checkpoint is not None else None
    if folder is not None:
        _resume(folder, settings, game, optimizers, record, streams)

    def histories(interrupted: bool = False) -> list[History]:
        return record.histories(seeds, _singles(game, members, streams), settings, interrupted)

    quiet = os.environ.get("GANLIB_QUIET", "") not in ("", "0") if progress is None else not progress
    saved = time.monotonic()
    with tqdm(total=steps, initial=min(record.steps, steps), disable=quiet, leave=False, unit="step") as bar:
        try:
            if record.steps == 0 and not record.probe_steps:
                record.probe(0, game, members, streams)
            for step in range(record.steps, steps):
                share = step / steps
                if changing:
                    for optimizer, rate in zip(optimizers, rates, strict=True):
                        optimizer.param_groups[0] |= {"lr": at(rate, share), "betas": at(betas, share)}
                for update in range(step * discriminator_steps, (step + 1) * discriminator_steps):
                    game.penalty_weight = 0.0 if update % penalty_every else penalty_every * at(penalty_weight, share)
                    real = _placed(data.sample(batch * members), place)
                    discriminator_loss = game.discriminator_loss(real)
                    _descend(optimizers[1], discriminator_loss, game.discriminator)
                    if game.constraint is not None:
                        with torch.no_grad():
                            game.constraint(game.discriminator)
                generator_loss = game.generator_loss(real)
                _descend(optimizers[0], generator_loss, game.generator)
                if ema_decay is not None:
                    _average(game, at(ema_decay, share))
                record.losses(discriminator_loss, generator_loss)

                done = step + 1
                probe_now = done % probe_every == 0 or done == steps
                if done % BLOCK == 0 or probe_now:
                    if problem := record.collect(seeds, game, done):
                        raise Diverged(f"{problem} (lr={lr}, loss {game.loss.name!r}). {_WHY}", histories())
                    bar.update(done - bar.n)
                    if probe_now and probes:
                        record.probe(done, game, members, streams)
                    if folder is not None and (done == steps or time.monotonic() - saved > checkpoint_seconds):
                        _save(folder, settings, game, optimizers, record, streams)
                        saved = time.monotonic()
        except KeyboardInterrupt:
            record.collect(seeds, game, None)
            print(f"Interrupted after {record.steps} of {steps} steps; returning what there is.")
            return histories(interrupted=True)
    return histories()


_WHY = ("Usually the learning rate is too high for this loss; a critic without a penalty or clipping whose scores run "
        "off, and a loss that takes the logarithm of a sigmoid, end the same way.")


def _placed(batch: Any, place: dict[str, Any]) -> Any:
    """A batch where the players are: a tensor, or a tuple of tensors; whole numbers, such as labels, stay whole."""
    if isinstance(batch, tuple):
        return tuple(_placed(part, place) for part in batch)
    return batch.to(**place) if batch.is_floating_point() else batch.to(place["device"])


def _descend(optimizer: torch.optim.Optimizer, loss: Tensor, player: nn.Module) -> None:
    """One update of one player."""
    optimizer.zero_grad()
    draws.total(loss).backward(inputs=list(player.parameters()))  # only this player's gradients
    optimizer.step()


@torch.no_grad()
def _average(game: Game, decay: float) -> None:
    """average ← decay · average + (1 − decay) · generator; buffers (batch norm's statistics) are copied."""
    assert game.average is not None
    for kept, new in zip(game.average.parameters(), game.generator.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)
    for buffer, new_buffer in zip(game.average.buffers(), game.generator.buffers(), strict=True):
        buffer.copy_(new_buffer)


def _singles(game: Game, members: int, streams: Sequence[torch.Generator] | None) -> list[Game]:
    """The members as games of their own; a single game is itself."""
    if streams is None:
        return [game]
    singles = [copy.copy(game) for _ in range(members)]
    for name, part in _parts(game):
        stack: Any = part
        for single, own in zip(singles, stack.unstack(), strict=True):
            setattr(single, name, own)
    return singles


def _twin(game: Game) -> Game:
    """The game with copies of all that can learn or remember."""
    twin = copy.copy(game)
    for name, part in _parts(game):
        setattr(twin, name, copy.deepcopy(part))
    return twin


class _Record:
    """Losses and probes as they come in, per member."""

    def __init__(self, members: int, probes: Probes):
        self.members, self.functions = members, probes
        self.pending: list[tuple[Tensor, Tensor]] = []
        self.loss = np.zeros((0, 2, members))  # steps, (discriminator, generator), members
        self.probe_steps: list[int] = []
        self.values: dict[str, list[np.ndarray]] = {name: [] for name in probes}  # one (members, …) a visit

    @property
    def steps(self) -> int:
        return len(self.loss) + len(self.pending)

    def losses(self, discriminator: Tensor, generator: Tensor) -> None:
        self.pending.append((discriminator.detach(), generator.detach()))

    def collect(self, seeds: Sequence[int], game: Game, done: int | None) -> str | None:
        """Bring the pending losses over from the device; say what is not finite, if anything."""
        if not self.pending:
            return None
        start = len(self.loss)
        both = torch.stack([torch.stack([d.expand(self.members), g.expand(self.members)]) for d, g in self.pending])
        self.loss = np.concatenate([self.loss, both.cpu().double().numpy()])  # (steps, 2, members)
        self.pending = []
        bad = np.argwhere(~np.isfinite(self.loss[start:]))
        if len(bad):
            step, player, member = bad[0] + [start, 0, 0]
            name, value = ("discriminator", "generator")[player], self.loss[step, player, member]
            self.loss = self.loss[:step]
            return f"train: the {name}'s loss is {value} at step {step}, seed {seeds[member]}"
        if done is not None:
            for name, network in (("generator", game.generator), ("discriminator", game.discriminator)):
                for key, parameter in network.named_parameters():
                    if not bool(torch.isfinite(parameter).all()):
                        return f"train: parameter {key} of the {name} is not finite after step {done - 1}"
        return None

    def probe(self, step: int, game: Game, members: int, streams: Sequence[torch.Generator] | None) -> None:
        """Read every probe on every member, with the same random numbers each time and none taken from the run."""
        self.probe_steps.append(step)
        singles = [_twin(game)] if streams is None else _singles(game, members, streams)
        for name, function in self.functions.items():
            read = []
            for single in singles:
                with torch.random.fork_rng(), draws.alone():
                    torch.manual_seed(0)
                    value = function(single)
                read.append(value.detach().cpu().numpy() if isinstance(value, Tensor) else np.asarray(value))
            self.values[name].append(np.stack(read))

    def histories(self, seeds: Sequence[int], games: list[Game], settings: dict[str, Any],
                  interrupted: bool) -> list[History]:
        return [History(game, seed, settings, self.loss[:, 0, i], self.loss[:, 1, i], np.array(self.probe_steps, int),
                        {name: np.stack([v[i] for v in visits]) for name, visits in self.values.items() if visits},
                        interrupted)
                for i, (seed, game) in enumerate(zip(seeds, games, strict=True))]


def _random_states(streams: Sequence[torch.Generator] | None, device: torch.device) -> dict[str, Tensor]:
    if streams is not None:
        return {f"random.{i}": s.get_state() for i, s in enumerate(streams)}
    states = {"random.cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["random.cuda"] = torch.cuda.get_rng_state(device)
    return states


def _parts(game: Game) -> list[tuple[str, nn.Module]]:
    """All of the game that can learn or remember: the players, the average, an augmentation that adapts."""
    named = ((name, getattr(game, name)) for name in game.learners)
    return [(name, part) for name, part in named if isinstance(part, nn.Module)]


def _save(folder: Path, settings: dict[str, Any], game: Game, optimizers: Sequence[torch.optim.Optimizer],
          record: _Record, streams: Sequence[torch.Generator] | None) -> None:
    tensors: dict[str, Tensor] = _random_states(streams, game.place["device"])
    for name, part in _parts(game):
        tensors |= {f"{name}.{key}": value for key, value in part.state_dict().items()}
    for name, optimizer in zip(("adam.generator", "adam.discriminator"), optimizers, strict=True):
        tensors |= checkpoints.optimizer_tensors(name, optimizer)
    tensors["record.loss"] = torch.from_numpy(record.loss)
    for name, visits in record.values.items():
        tensors[f"record.probe.{name}"] = torch.from_numpy(np.stack(visits))
    kept = {key: written(value) for key, value in settings.items()}
    checkpoints.save(folder, tensors, {"settings": kept, "probe_steps": record.probe_steps})


def _resume(folder: Path, settings: dict[str, Any], game: Game, optimizers: Sequence[torch.optim.Optimizer],
            record: _Record, streams: Sequence[torch.Generator] | None) -> None:
    found = checkpoints.load(folder)
    if found is None:
        return
    tensors, notes = found
    for key, ours in settings.items():
        ours = written(ours)
        if notes["settings"].get(key) != ours:
            theirs = notes["settings"].get(key)
            raise ValueError(f"train: checkpoint {folder} was made with {key}={theirs!r}, this run has {ours!r}; "
                             f"use the same settings to go on, or another folder to start afresh")
    for name, part in _parts(game):
        own = {key.removeprefix(f"{name}."): v for key, v in tensors.items() if key.startswith(f"{name}.")}
        try:
            part.load_state_dict(own)
        except RuntimeError as error:
            raise ValueError(f"train: the checkpoint in {folder} was made with another {name}: {error}") from error
    for name, optimizer in zip(("adam.generator", "adam.discriminator"), optimizers, strict=True):
        checkpoints.restore_optimizer(name, optimizer, tensors)
    record.loss = tensors["record.loss"].numpy()
    record.probe_steps = list(notes["probe_steps"])
    record.values = {name: list(tensors[f"record.probe.{name}"].numpy()) for name in record.values}
    for i, stream in enumerate(streams or ()):
        stream.set_state(tensors[f"random.{i}"])
    if streams is None:
        torch.set_rng_state(tensors["random.cpu"])
        if "random.cuda" in tensors and game.place["device"].type == "cuda":
            torch.cuda.set_rng_state(tensors["random.cuda"], game.place["device"])
