"""One loop for every GAN of the book: `train` one game, or the same game from many seeds in one batch, `ensemble`."""

from ganlib.training.ensemble import ensemble
from ganlib.training.history import History
from ganlib.training.loop import Diverged, train
from ganlib.training.schedules import cosine

__all__ = ["Diverged", "History", "cosine", "ensemble", "train"]
