"""``python -m ganlib.practice report | review | gate NN | export | import TEXT``"""

import sys

from ganlib import practice


def main(words: list[str]) -> int:
    """Errors are printed, and the exit status is 2."""
    try:
        match words:
            case ["report"]:
                practice.report()
            case ["review"]:
                practice.review()
            case ["gate", number]:
                practice.chapter(number).gate()
            case ["export"]:
                print(practice.export())
            case ["import", text]:
                practice.import_(text)
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
