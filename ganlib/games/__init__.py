"""What each player of a GAN minimises: `Game`, and what the members of the family change in it."""

from ganlib.games.conditional import AuxiliaryClassifier, Conditional
from ganlib.games.game import Augmentation, Game, Judge, Penalty
from ganlib.games.info import Bound, InfoGAN
from ganlib.games.style import PathLengthPenalty, StyleGame, path_lengths
from ganlib.games.translation import ImagePool, PairedTranslation, UnpairedTranslation
from ganlib.games.unrolled import Unrolled

__all__ = ["Augmentation", "AuxiliaryClassifier", "Bound", "Conditional", "Game", "ImagePool", "InfoGAN", "Judge",
           "PairedTranslation", "PathLengthPenalty", "Penalty", "StyleGame", "UnpairedTranslation", "Unrolled",
           "path_lengths"]
