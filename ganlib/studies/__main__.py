"""``python -m ganlib.studies NAME``: train what is missing of a study's record; without a name: list them."""

import argparse

import torch

from ganlib import studies


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m ganlib.studies", description=studies.__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", choices=studies.names())
    name = parser.parse_args().name
    if name is None:
        print("\n".join(studies.names()))
        return
    torch.set_num_threads(1)  # small networks gain nothing from a second
    studies.make(name)


if __name__ == "__main__":
    main()
