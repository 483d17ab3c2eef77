"""A folder of recipes and a folder of models of the test's own."""

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from ganlib import pretrained
from ganlib.pretrained import making, recipes

TINY = '''
import torch
from ganlib import losses
from ganlib.data import images
from ganlib.games import Game
from ganlib.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from ganlib.pretrained.recipe import Recipe, averaged
from ganlib.training import cosine

DATA = images.mnist().only(1)
TRAINING = {"seed": 3, "steps": 130, "batch": 2, "lr": cosine(1e-3, 1e-4), "ema_decay": 0.5}


def make(work):
    game = Game(DCGANGenerator(3, (4, 4)), DCGANDiscriminator((4,)), latent=3, loss=losses.hinge)
    return averaged(game, DATA, work, device="cpu", checkpoint_seconds=0.0, **TRAINING)


def measure(network):
    x = network(torch.randn(50, 3))
    return {"mean": {"generated": x.mean(), "floor": float(DATA.images.mean())},
            "counts": (x[:4] > -0.5).sum((1, 2, 3)), "what": "mean: of all pixels, of samples and of training images."}


RECIPE = Recipe(title="tiny ones", data="mnist, ones", make=make, measure=measure,
                settings={"loss": "hinge", **TRAINING}, note="for a test")
'''

COUPLE = '''
import torch
from torch import nn
from ganlib.networks.classifier import Classifier
from ganlib.networks.dcgan import DCGANGenerator
from ganlib.pretrained.recipe import Recipe


def make(work):
    torch.manual_seed(0)
    return nn.ModuleDict({"a": DCGANGenerator(3, (4, 4)), "b": Classifier(5)}).eval()


RECIPE = Recipe(title="a couple", data="none", make=make, measure=lambda both: {"answer": both["b"](both["a"](
                torch.randn(2, 3))).flatten(), "floor": 0}, settings={"seed": 0}, samples=None, bits=16,
                once=lambda both: {"slow": 1 / 3})
'''


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Where models go; their recipes ``tiny`` and ``couple`` lie in a folder beside it."""
    own = tmp_path / "recipes"
    own.mkdir()
    for name, text in (("tiny", TINY), ("couple", COUPLE)):
        (own / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(recipes, "__path__", [str(own)])
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path / "models")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path / "models"
    for name in ("tiny", "couple"):
        sys.modules.pop(f"{recipes.__name__}.{name}", None)
        if hasattr(recipes, name):
            delattr(recipes, name)


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("once")


@pytest.fixture
def tiny(folder, once) -> Path:
    """The folder of models, with ``tiny`` made; it is trained once for all tests, with checkpoints in ``work``."""
    if not (once / "models").exists():
        making.make("tiny", once / "work", once / "models", log=lambda text: None)
    shutil.copytree(once / "models", folder)
    shutil.copytree(once / "work", folder.parent / "work")
    return folder
