"""The browser that a User-Agent header names, in words. Pure."""

import re

# The first that matches: Edge and Opera also call themselves Chrome, Chrome also calls itself Safari.
BROWSERS = (
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Safari/", "Safari"),
    (r"curl/|python|Wget", "a program"),
)
SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"CrOS", "ChromeOS"),
    (r"Mac OS X|Macintosh", "Mac"),
    (r"Linux|X11", "Linux"),
)


def names_of(user_agent):
    """(browser, system), each "" when the header does not tell: ("Firefox", "Linux")."""
    return _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)


def _first(patterns, text):
    return next((name for pattern, name in patterns if re.search(pattern, text)), "")
