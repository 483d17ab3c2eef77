"""Exact things, no networks: densities on a grid, divergences, the game's value, optimal transport, SymPy twins.

Densities are values on a grid of cell size ``dx`` (in one dimension the spacing, in two the cell's area), NumPy
arrays or torch tensors; what comes in as one goes out as one. Logarithms are natural: everything is in nats.
"""

from ganlib.theory.densities import grid, normal, uniform
from ganlib.theory.divergences import (
    entropy,
    game_value,
    jensen_shannon,
    kullback_leibler,
    optimal_discriminator,
)
from ganlib.theory.transport import TransportPlan, optimal_transport, wasserstein_1d

__all__ = ["TransportPlan", "entropy", "game_value", "grid", "jensen_shannon", "kullback_leibler", "normal",
           "optimal_discriminator", "optimal_transport", "uniform", "wasserstein_1d"]
