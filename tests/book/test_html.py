"""The built book as files, no browser: links lead somewhere, pages have titles and descriptions."""

import json
import re
from functools import cache
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from built import ROOT, SITE, pages


class Page(HTMLParser):
    """What the tests need of a page: where it links, which anchors it has, its title and description."""

    def __init__(self, html):
        super().__init__()
        self.links, self.anchors, self.title, self.description, self._in_title = [], set(), "", "", False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        self.anchors |= {a[key] for key in ("id", "name") if a.get(key)}
        self.links += [a[key] for key in ("href", "src") if a.get(key)]
        self._in_title = tag == "title" and not self.title
        if tag == "meta" and a.get("name") == "description":
            self.description = a.get("content", "")
        if tag == "meta" and a.get("http-equiv") == "refresh":
            self.links.append(a["content"].split("url=")[1])

    def handle_data(self, data):
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag):
        self._in_title = self._in_title and tag != "title"


@cache
def read(path):
    return Page((SITE / path).read_text(encoding="utf-8"))


def broken(path):
    """The links of a page that lead to no file of the site or to no anchor of the page."""
    found = []
    for link in read(path).links:
        url = urlsplit(link)
        if url.scheme or url.netloc:
            continue
        target = (SITE / path).parent / unquote(url.path) if url.path else SITE / path
        target = target / "index.html" if target.is_dir() else target
        if not target.is_file():
            found.append(f"{link}: no such file")
        elif url.fragment and target.suffix == ".html":
            anchors = read(target.resolve().relative_to(SITE.resolve()).as_posix()).anchors
            if unquote(url.fragment) not in anchors:
                found.append(f"{link}: no such anchor")
    return sorted(set(found))


@pytest.mark.parametrize("path", pages())
def test_internal_links_resolve(path, site):
    assert broken(path) == []


def test_index_leads_to_a_page(site):
    assert broken("index.html") == []


@pytest.mark.parametrize("path", pages())
def test_title_and_description(path, site):
    page = read(path)
    assert page.title.strip() and "<no title>" not in page.title
    assert page.description, "no description; for a notebook it is metadata.myst.html_meta.description"


def test_no_two_pages_share_a_description(site):
    texts = [read(p).description for p in pages() if p.startswith(("book/", "notebooks/"))]
    assert len(texts) == len(set(texts))


NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BOOK = ROOT / "book"


def test_the_claim_quoted_on_the_front_page_is_in_the_book():
    quoted = re.findall("^✓ .*$", (BOOK / "intro.md").read_text(encoding="utf-8"), re.MULTILINE)
    stored = "".join(json.dumps(json.loads(p.read_text(encoding="utf-8")), ensure_ascii=False) for p in NOTEBOOKS)
    assert quoted and all(line in stored for line in quoted)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)
def test_what_a_chapter_cites_is_in_the_references(notebook):
    """By DOI or arXiv number; both are links in the chapter and fields in book/references.bib."""
    cited = set(re.findall(r"(?:doi\.org/|arxiv\.org/abs/)([^\s)\]\"\\]+)", notebook.read_text(encoding="utf-8")))
    listed = (BOOK / "references.bib").read_text(encoding="utf-8")
    assert cited and sorted(c for c in cited if c not in listed) == []


def test_a_broken_link_is_caught(tmp_path, monkeypatch):
    """The negative control."""
    (tmp_path / "a.html").write_text('<a href="b.html">x</a> <a href="#no">x</a> <a href="a.html#yes" id="yes">x</a>')
    monkeypatch.setattr("test_html.SITE", tmp_path)
    read.cache_clear()
    assert broken("a.html") == ["#no: no such anchor", "b.html: no such file"]
    read.cache_clear()
