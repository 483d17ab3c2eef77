"""Where the built site is and which pages it has."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"


def pages() -> list[str]:
    """All pages of the site. The theme's templates in _static are none, and index.html only leads to the first."""
    found = (p.relative_to(SITE).as_posix() for p in SITE.rglob("*.html"))
    return sorted(p for p in found if not p.startswith("_static/") and p != "index.html") or ["(no book)"]
