"""The original files of MNIST and Fashion-MNIST: found on the machine or downloaded, and checked.

Every file is checked by the SHA-256 of its *unpacked* bytes, because packagers rewrite the gzip header. What is
not the published file is refused, and a download reaches the cache only after its check (`ganlib.data.downloads`).
"""

import gzip
import zlib
from pathlib import Path

import numpy as np

from ganlib import checks
from ganlib.data import downloads
from ganlib.data.downloads import Folder

DEBIAN = {"fashion": Path("/usr/share/datasets/fashion-mnist")}  # apt-get install dataset-fashion-mnist
MIRRORS = {  # tried in this order
    "mnist": ["https://ossci-datasets.s3.amazonaws.com/mnist/",
              "https://storage.googleapis.com/cvdf-datasets/mnist/"],
    "fashion": ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"],
}
FILES = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
         "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")}
CHECKSUMS = {  # SHA-256 of the unpacked files; the two sets share their file names, so a name proves nothing
    "mnist": {
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    "fashion": {
        "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
}


def originals(name: str, split: str, root: Folder = None) -> tuple[np.ndarray, np.ndarray]:
    """The full split of set ``name``, "mnist" or "fashion": images uint8 (n, 28, 28) and labels uint8 (n,);
    ``root`` and errors as for `ganlib.data.mnist`."""
    checks.one_of("originals", "name", name, CHECKSUMS)
    checks.one_of("originals", "split", split, FILES)
    images, labels = (_idx(_find(name, file, root)) for file in FILES[split])
    return images, labels


def _idx(raw: bytes) -> np.ndarray:
    # IDX: two zero bytes, the type (8 = unsigned byte), the number of dimensions, the dimensions, the values.
    shape = np.frombuffer(raw, ">i4", count=raw[3], offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def _find(name: str, file: str, root: Folder) -> bytes:
    """The unpacked bytes of one original file, from the first place that has it."""
    return downloads.find(
        name, (file, f"{file}.gz"), [f"{mirror}{file}.gz" for mirror in MIRRORS[name]],
        lambda path: _unpacked(path.read_bytes(), CHECKSUMS[name][file]), keep=bytes,
        root=root, folders=[DEBIAN[name]] if name in DEBIAN else [],
        advice="size='small' works offline; a folder with the original files can be given as root.")


def _unpacked(blob: bytes, expected: str) -> bytes:
    """The unpacked bytes of a file, gzipped or not; `ValueError` unless their SHA-256 is ``expected``."""
    try:
        # By content, not by name: some servers and proxies unpack a .gz on the way.
        raw = gzip.decompress(blob) if blob.startswith(b"\x1f\x8b") else blob
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"broken gzip archive of {len(blob):,} bytes ({error}): got SHA-256 {downloads.sha256(blob)} "
                         f"of the archive, expected {expected} of its content") from None
    if (got := downloads.sha256(raw)) != expected:
        kind = " (a web page came instead of data)" if raw.lstrip().startswith(b"<") else ""
        for name, files in CHECKSUMS.items():
            kind += "".join(f" (it is {file} of {name})" for file, known in files.items() if known == got)
        raise ValueError(f"got SHA-256 {got} of {len(raw):,} unpacked bytes, expected {expected}{kind}")
    return raw
