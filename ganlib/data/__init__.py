"""Data sets: anything with ``sample(rows)`` that returns independent draws: a (rows, …) tensor or a tuple of such."""

from ganlib.data.colour import cifar10, emoji_pairs, facades, horse2zebra
from ganlib.data.images import Images, Labelled, fashion_mnist, mnist
from ganlib.data.mixtures import Mixture, grid, line, ring, two_blobs
from ganlib.data.pairs import Pairs, Unpaired, edges, edges_to_garments, garments
from ganlib.data.stacked import Stacked, stacked_mnist

__all__ = ["Images", "Labelled", "Mixture", "Pairs", "Stacked", "Unpaired", "cifar10", "edges", "edges_to_garments",
           "emoji_pairs", "facades", "fashion_mnist", "garments", "grid", "horse2zebra", "line", "mnist", "ring",
           "stacked_mnist", "two_blobs"]
