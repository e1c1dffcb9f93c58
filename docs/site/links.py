"""Every link of the built site leads somewhere inside it, and no page loads anything from elsewhere."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src")}


class _Read(HTMLParser):
    """Collects goals of links within a page, its links, and what it loads."""

    def __init__(self):
        super().__init__()
        self.goals, self.links, self.loads = set(), set(), set()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.goals |= {given[name] for name in ("id", "name") if given.get(name)}
        for name in ("href", "src"):
            if given.get(name):
                loads = (tag, name) in LOADED and given.get("rel") not in {"canonical", "prev", "next"}
                (self.loads if loads else self.links).add(given[name])


def broken_links(site):
    """Return what is wrong with the links of a folder of pages, a sentence each."""
    site = Path(site).resolve()
    pages = {path: _read(path) for path in site.rglob("*.html")}
    wrong = []
    for path, page in pages.items():
        here = path.relative_to(site).as_posix()
        wrong += [f"{here} loads {url} from elsewhere" for url in page.loads if urlsplit(url).netloc]
        for url in page.links | page.loads:
            parts = urlsplit(url)
            if not parts.scheme and not parts.netloc and not _leads(pages, path, parts, site):
                wrong.append(f"{here} links to {url}, which is not there")
    return sorted(wrong)


def _read(path):
    page = _Read()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _leads(pages, path, parts, site):
    goal = path
    if parts.path:
        start = site if parts.path.startswith("/") else path.parent
        goal = (start / unquote(parts.path).lstrip("/")).resolve()
        goal = goal / "index.html" if goal.is_dir() else goal
    if goal not in pages:
        return goal.is_file()
    return not parts.fragment or unquote(parts.fragment) in pages[goal].goals
