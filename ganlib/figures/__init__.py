"""Plots with alternative text in one palette for the whole book, and figures to play with in the page."""

from ganlib.figures.by_hand import by_hand
from ganlib.figures.dirac import dirac
from ganlib.figures.lab import Lab, lab
from ganlib.figures.latent import latent
from ganlib.figures.live import Live
from ganlib.figures.player import player
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
from ganlib.figures.recorder import recorder
from ganlib.figures.saturation import saturation

__all__ = ["DISCRIMINATOR", "GENERATED", "PALETTE", "REAL", "THEORY", "Lab", "Live", "by_hand", "dirac",
           "discriminator_map", "images", "lab", "latent", "losses", "new", "player", "recorder", "samples",
           "saturation", "show", "spread"]
