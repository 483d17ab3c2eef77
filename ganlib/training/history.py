"""What a training run leaves behind."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ganlib.games import Game


@dataclass
class History:
    """The trained game and what was recorded on the way.

    discriminator_loss, generator_loss: shape (steps,), the value at each step, before that step's update.
    probe_steps: shape (visits,), after how many steps the probes were read; the first is 0, the untrained game.
    probes:      name → array of shape (visits, …), what each probe returned.
    """

    game: Game
    seed: int
    settings: dict[str, Any]
    discriminator_loss: np.ndarray
    generator_loss: np.ndarray
    probe_steps: np.ndarray
    probes: dict[str, np.ndarray] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def steps(self) -> int:
        """Completed steps; a step is k discriminator updates and one generator update."""
        return len(self.generator_loss)

    def __repr__(self) -> str:
        stopped = ", interrupted" if self.interrupted else ""
        names = f", probes: {', '.join(self.probes)}" if self.probes else ""
        return f"History of {self.steps} steps, seed {self.seed}{stopped}{names}"
