"""Positions as people have them at hand: a pair of degrees, or the link that a map application shares."""

import re

_DEGREES = re.compile(r"(-?\d{1,2}\.\d+)\s*(?:[,/;\s]|%2C|&mlon=)\s*(-?\d{1,3}\.\d+)", re.IGNORECASE)


def read_position(text):
    """(latitude, longitude) of the first pair of degrees in `text`, also inside a link; None when there is none."""
    for latitude, longitude in _DEGREES.findall(text):
        if abs(float(latitude)) <= 90 and abs(float(longitude)) <= 180:
            return float(latitude), float(longitude)
    return None


def written(latitude, longitude):
    """The pair as read_position reads it; empty without one."""
    return "" if latitude is None or longitude is None else f"{latitude:.5f}, {longitude:.5f}"
