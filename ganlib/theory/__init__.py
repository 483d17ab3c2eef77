"""Exact things, no networks: densities on a grid, divergences, optimal transport, the Dirac-GAN, SymPy twins.

Densities are values on a grid of cell size ``dx`` (in one dimension the spacing, in two the cell's area), NumPy
arrays or torch tensors; what comes in as one goes out as one. Logarithms are natural: everything is in nats.
"""

from ganlib.theory.densities import grid, normal, uniform
from ganlib.theory.dirac import (
    Dirac,
    alternating,
    dirac_eigenvalues,
    dirac_field,
    extragradient,
    flow,
    optimistic,
    simultaneous,
)
from ganlib.theory.divergences import (
    entropy,
    game_value,
    jensen_shannon,
    kullback_leibler,
    optimal_discriminator,
    total_variation,
)
from ganlib.theory.f_divergences import F_DIVERGENCES, FDivergence, f_divergence, variational_bound
from ganlib.theory.information import contingency, information_bound, mutual_information
from ganlib.theory.transport import TransportPlan, optimal_transport, wasserstein_1d

__all__ = ["F_DIVERGENCES", "Dirac", "FDivergence", "TransportPlan", "alternating", "contingency", "dirac_eigenvalues",
           "dirac_field", "entropy", "extragradient", "f_divergence", "flow", "game_value", "grid",
           "information_bound", "jensen_shannon", "kullback_leibler", "mutual_information", "normal",
           "optimal_discriminator", "optimal_transport", "optimistic", "simultaneous", "total_variation", "uniform",
           "variational_bound", "wasserstein_1d"]
