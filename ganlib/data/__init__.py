"""Data sets: anything with ``sample(rows)`` that returns a (rows, …) tensor of independent draws."""

from ganlib.data.images import Images, fashion_mnist, mnist
from ganlib.data.mixtures import Mixture, grid, line, ring, two_blobs

__all__ = ["Images", "Mixture", "fashion_mnist", "grid", "line", "mnist", "ring", "two_blobs"]
