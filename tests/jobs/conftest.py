"""Topics and jobs that exist for one test."""

import pytest

from salesorg.jobs import outbox, runs


@pytest.fixture
def handler(monkeypatch):
    """Make a function the handler of a topic for one test: handler("greet", function)."""
    monkeypatch.setattr(outbox, "_handlers", dict(outbox._handlers))

    def register(topic, function, **hooks):
        outbox._handlers[topic] = outbox.Handler(function, **hooks)

    return register


@pytest.fixture
def job(monkeypatch):
    """Register steps of jobs that are forgotten after the test: job("count", [(name, parts, work), …])."""
    monkeypatch.setattr(runs, "_steps", {})
    monkeypatch.setattr(runs, "_due", {})

    def register(name, steps):
        for order, (title, parts, work) in enumerate(steps):
            runs.register_step(job=name, order=order, name=title, parts=parts, work=work)

    return register
