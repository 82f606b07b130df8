"""What an activity at an account was about, when that lies in an app above: the pipeline links activities to deals."""

_links = {}


def register(name, link):
    """Called in AppConfig.ready. `link(activity, key, actor)` ties it to the record of that key, if the actor sees it."""
    _links[name] = link


def names():
    """The names under which a form may say what an activity is about."""
    return list(_links)


def tie(activity, about, *, actor):
    """Tie `activity` to everything in `about`, {name: key as typed}."""
    for name, key in about.items():
        if name in _links and key.isdecimal() and len(key) < 19:
            _links[name](activity, int(key), actor)
