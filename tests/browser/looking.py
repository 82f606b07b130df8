"""Looking at pages in a real browser: the accessibility check, and pictures of every size and mode."""

import os
import re
from pathlib import Path

from django.conf import settings

AXE = Path(settings.BASE_DIR, "node_modules", "axe-core", "axe.min.js")
# WCAG 2.2 AA and everything below it; best practices are opinions, and not asserted.
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIZES = {"phone-360": (360, 740), "phone-390": (390, 844), "desktop-1280": (1280, 860)}
SCREENSHOTS = Path(settings.BASE_DIR, "var", "screenshots")


def assert_accessible(page, within="html"):
    """Fails with the rule, the element and what to do for everything axe-core finds on the page as it stands."""
    # A bar that sticks to the lower edge covers part of something wherever one has scrolled to, save at the end.
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    # Evaluated through the debugger, which the content policy of the page does not bind.
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "([within, standard]) => axe.run(within, { runOnly: standard, resultTypes: ['violations'], preload: false })",
        [within, STANDARD],
    )
    page.evaluate("scrollTo(0, 0)")
    problems = [
        f"{violation['id']}: {node['target'][0]}: {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    assert not problems, f"{page.url}\n" + "\n".join(problems)


def assert_fits(page):
    """Fails when the page is wider than the screen, so that it would scroll sideways."""
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert too_wide <= 0, f"{page.url} is {too_wide} px wider than a screen of {page.viewport_size['width']} px"


def screenshot_matrix(page, name, full_page=False):
    """With PICTURES=1: the page as it stands at every size in light and dark, under var/screenshots; returns their paths.

    Only when somebody wants to look at them: no test compares them, and six of a long page take longer than its test.
    """
    if "PICTURES" not in os.environ:
        return []
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    before, paths = page.viewport_size, []
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for mode in ("light", "dark"):
            page.emulate_media(color_scheme=mode, reduced_motion="reduce")
            path = SCREENSHOTS / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}-{size}-{mode}.png"
            page.screenshot(path=path, full_page=full_page)
            paths.append(path)
    page.set_viewport_size(before)
    return paths
