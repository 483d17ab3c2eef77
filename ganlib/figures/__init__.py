"""Plots with alternative text, in one palette for the whole book: real, generated, discriminator."""

from ganlib.figures.plots import (
    DISCRIMINATOR,
    GENERATED,
    PALETTE,
    REAL,
    THEORY,
    discriminator_map,
    images,
    losses,
    new,
    samples,
    show,
    spread,
)

__all__ = ["DISCRIMINATOR", "GENERATED", "PALETTE", "REAL", "THEORY", "discriminator_map", "images", "losses", "new",
           "samples", "show", "spread"]
