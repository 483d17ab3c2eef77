"""What each player of a GAN minimises: `Game`, and what the members of the family change in it."""

from ganlib.games.conditional import AuxiliaryClassifier, Conditional
from ganlib.games.game import Augmentation, Game, Judge, Penalty
from ganlib.games.info import InfoGAN
from ganlib.games.unrolled import Unrolled

__all__ = ["Augmentation", "AuxiliaryClassifier", "Conditional", "Game", "InfoGAN", "Judge", "Penalty", "Unrolled"]
