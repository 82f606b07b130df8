"""Serves the browser libraries: listed files of node_modules, and a sprite of the icons in use, under static/lib/."""

import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

PREFIX = "lib"
NODE_MODULES = Path(settings.BASE_DIR, "node_modules")

# `{% static "lib/<path>" %}`, with the path as in node_modules. Only what is listed leaves the machine:
# the packages also hold tests, sources and other builds. A source map is listed where the file names one,
# because the manifest storage refuses a file that points at a missing one.
FILES = (
    "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap/dist/css/bootstrap.min.css.map",
    "bootstrap/dist/js/bootstrap.bundle.min.js",
    "bootstrap/dist/js/bootstrap.bundle.min.js.map",
    "htmx.org/dist/htmx.min.js",
    "sortablejs/Sortable.min.js",
    "leaflet/dist/leaflet.js",
    "leaflet/dist/leaflet.js.map",
    "leaflet/dist/leaflet.css",
    *(f"leaflet/dist/images/{name}.png" for name in ("layers", "layers-2x", "marker-icon")),
    "topojson-client/dist/topojson-client.min.js",
    "world-atlas/countries-50m.json",
    "us-atlas/states-10m.json",
    "@fontsource-variable/inter/index.css",
    *(
        f"@fontsource-variable/inter/files/inter-{script}-wght-normal.woff2"
        for script in ("latin", "latin-ext", "vietnamese", "cyrillic", "cyrillic-ext", "greek", "greek-ext")
    ),
)

# `<svg><use href="{% static "lib/icons.svg" %}#house"></use></svg>`. The whole sprite of bootstrap-icons is 1.1 MB.
ICONS_FILE = "icons.svg"
ICONS = (
    "archive",
    "arrow-counterclockwise",
    "arrow-down",
    "arrow-left-right",
    "arrow-repeat",
    "arrow-return-right",
    "arrow-right",
    "arrow-up",
    "bar-chart",
    "bar-chart-steps",
    "box-arrow-right",
    "box-arrow-up-right",
    "boxes",
    "briefcase",
    "building",
    "bullseye",
    "calendar-check",
    "calendar-week",
    "camera",
    "car-front",
    "cart",
    "chat",
    "check",
    "check-circle",
    "check-square-fill",
    "chevron-down",
    "chevron-expand",
    "chevron-left",
    "chevron-right",
    "circle",
    "circle-half",
    "clock",
    "clock-history",
    "cloud-upload",
    "crosshair",
    "diagram-3",
    "download",
    "envelope",
    "exclamation-triangle",
    "eye",
    "file-earmark-text",
    "files",
    "funnel",
    "gear",
    "geo-alt",
    "graph-up",
    "heart-pulse",
    "house",
    "inbox",
    "info-circle",
    "intersect",
    "journal-check",
    "kanban",
    "keyboard",
    "list",
    "lock",
    "map",
    "moon",
    "pencil",
    "people",
    "person",
    "person-check",
    "person-dash",
    "person-plus",
    "plus-lg",
    "receipt",
    "receipt-cutoff",
    "search",
    "send",
    "shield-lock",
    "signpost-split",
    "square",
    "sun",
    "table",
    "telephone",
    "three-dots",
    "trash",
    "upload",
    "wifi-off",
    "x-lg",
)


class Finder(BaseFinder):
    """Finds `lib/...` files; named in STATICFILES_FINDERS."""

    def check(self, **kwargs):
        # A warning, not an error: a machine that was handed a finished static folder needs no node_modules.
        if missing := [path for path in FILES if not (NODE_MODULES / path).is_file()]:
            return [
                CheckWarning(
                    f"{len(missing)} browser libraries are missing, first {missing[0]}.", hint="Run npm ci.", id="lib.W001"
                )
            ]
        return []

    def find(self, path, find_all=False, **kwargs):
        name = path.replace("\\", "/").removeprefix(f"{PREFIX}/")
        found = None
        if path != name and name == ICONS_FILE:
            found = str(icon_sprite())
        elif path != name and name in FILES:
            found = str(NODE_MODULES / name)
        if find_all:
            return [found] if found else []
        return found or []

    def list(self, ignore_patterns):
        yield ICONS_FILE, storage(icon_sprite().parent)
        for path in FILES:
            if not (NODE_MODULES / path).is_file():
                raise ImproperlyConfigured(f"node_modules/{path} is missing. Run npm ci, or script/server, which does.")
            yield path, storage(NODE_MODULES)


def storage(location):
    """A storage whose files collectstatic puts under `lib/`."""
    result = FileSystemStorage(location=location)
    result.prefix = PREFIX
    return result


@cache
def icon_sprite():
    """The path of an SVG file with one <symbol> per icon of ICONS. Raises ImproperlyConfigured for an unknown name."""
    symbols = []
    for name in ICONS:
        try:
            svg = (NODE_MODULES / "bootstrap-icons" / "icons" / f"{name}.svg").read_text()
        except FileNotFoundError:
            raise ImproperlyConfigured(f"bootstrap-icons has no icon named {name!r}, or npm ci has not run.") from None
        view_box, drawing = re.search(r'viewBox="([^"]+)"[^>]*>(.*)</svg>', svg, re.DOTALL).groups()
        symbols.append(f'<symbol id="{name}" viewBox="{view_box}">{" ".join(drawing.split())}</symbol>')
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    path = Path(settings.BASE_DIR, "var", "icons", ICONS_FILE)
    if not path.is_file() or path.read_text() != sprite:  # an unchanged file keeps its time, and its compressed copies
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sprite)
    return path
