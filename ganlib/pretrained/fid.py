"""The FID that papers print: 10,000 pictures against the 10,000 test pictures, in Inception's features.

Half an hour of one core for each set of pictures. The features of every 250 pictures are kept in a temporary folder,
so that a measurement that was cut short goes on, and the test pictures are looked at once for all models.
"""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ganlib import checks, metrics
from ganlib.pretrained.measures import DATA

ROWS = 10_000  # pictures a side: of Lucic et al. 2018, section 5, and of most tables for small pictures
PART, AT_ONCE = 250, 25  # pictures in a file, pictures in a pass
WHAT = (
    "Fréchet distance in the features of Inception (metrics.InceptionFeatures): of 10,000 samples (generated) and of "
    "10,000 training images (floor) to the 10,000 test images. It is FID.")


def fid(samples: Tensor, data: str) -> dict[str, Any]:
    """FID of pictures (10,000, 1, 28, 28) in [−1, 1] against the full test set, and of as many training pictures.

    data: a key of `measures.DATA`, whose full set is used. Errors: `ValueError` for another number of pictures;
    those of `metrics.InceptionFeatures` without its weights.
    """
    checks.tensor("fid", "samples", samples, dims=4)
    if len(samples) != ROWS:
        raise ValueError(f"fid: samples must be {ROWS:,} pictures, got {len(samples):,}")
    load, _ = DATA[checks.one_of("fid", "data", data, DATA)]
    network = metrics.InceptionFeatures()
    train, test = (load(split, size="full").images for split in ("train", "test"))
    seen = features(network, test[:ROWS])
    found = {"generated": metrics.frechet_distance(features(network, samples), seen),
             "floor": metrics.frechet_distance(features(network, train[:ROWS]), seen)}
    return {"fid": found, "samples": ROWS, "what": WHAT}


def features(network: Any, pictures: Tensor) -> Tensor:
    """``network(pictures)``, (n, …), part by part; what is in the temporary folder already is not computed again.

    A file is named after the bytes of its pictures, to which the network rounds them.
    """
    folder = Path(tempfile.gettempdir(), "ganlib-inception")
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for part in pictures.split(PART):
        levels = ((part + 1) * 127.5).round().to(torch.uint8).contiguous()
        path = folder / f"{hashlib.sha256(levels.numpy().tobytes()).hexdigest()}.pt"
        if not path.exists():
            half = path.with_suffix(".part")
            torch.save(metrics.by_batches(network, part, AT_ONCE), half)
            half.rename(path)
        found.append(torch.load(path, weights_only=True))
    return torch.cat(found)
