"""Is what a model's record says true?"""

import numpy as np
from PIL import Image

from ganlib import pretrained
from ganlib.pretrained import recipe as recipes
from ganlib.pretrained.looking import LEVELS, SEEDS, differences, drawn, grid_facts, measured
from ganlib.pretrained.making import LARGEST, settings

PARTS = ("file", "record", "grid", "quality")


def check(name: str) -> dict[str, str]:
    """What is wrong with a model's file, record, grid and quality, in words; empty where nothing is.

    Not in doubt, because nothing can tell: device, seconds, version of torch, date, ``before_storing`` and ``once``.
    """
    found = dict.fromkeys(PARTS, "")
    try:
        about, network = pretrained.record(name), pretrained.load(name)
        size = (pretrained.FOLDER / f"{name}.safetensors").stat().st_size
    except (ValueError, OSError, KeyError, RuntimeError, TypeError) as error:
        return found | {"file": str(error) or repr(error)}
    if not about.get("bytes") == size <= LARGEST:
        found["file"] = f"{size:,} bytes; recorded are {about.get('bytes')}, allowed are {LARGEST:,}"
    try:
        recipe = recipes.find(name)
    except (ValueError, TypeError) as error:
        return found | {"record": str(error)}
    true = {"title": recipe.title, "data": recipe.data, "note": recipe.note, "bits": recipe.bits,
            "settings": settings(recipe), "parameters": sum(p.numel() for p in network.parameters()),
            "seeds": SEEDS, "grid": grid_facts(recipe)}
    found["record"] = "; ".join(f"{key} is {value!r:.80}, recorded is {about.get(key)!r:.80}"
                                for key, value in true.items() if about.get(key) != value)
    try:
        found["grid"] = _grid_problem(name, drawn(recipe, network))
        found["quality"] = "; ".join(differences(about.get("quality"), measured(recipe, network), recipe.tolerance))
    except ValueError as error:  # what it draws are no pictures
        found["quality"] = str(error)
    return found


def _grid_problem(name: str, grid: np.ndarray | None) -> str:
    path = pretrained.FOLDER / f"{name}.png"
    if grid is None:
        return f"{path.name} is there, but the recipe draws no samples" if path.exists() else ""
    try:
        with Image.open(path) as picture:
            kept = np.asarray(picture)
    except (OSError, SyntaxError) as error:  # Pillow's own for a broken PNG
        return str(error)
    if kept.shape != grid.shape or kept.dtype != np.uint8:
        return f"{path.name} has shape {kept.shape}, drawn was {grid.shape}"
    apart = int(np.abs(kept.astype(int) - grid).max())
    return "" if apart <= LEVELS else f"a pixel differs by {apart} of 255 grey levels, allowed are {LEVELS}"
