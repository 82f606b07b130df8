"""Nothing acknowledged is lost and nothing is done twice, whoever is killed: with the real servers, worker and relay."""

import os

import pytest

from .storm import Storm

SECONDS = float(os.environ.get("STORM_SECONDS", "9"))
SEED = int(os.environ.get("STORM_SEED", "20260331"))


@pytest.mark.long
def test_a_storm_of_kills_loses_nothing_and_does_nothing_twice(tmp_path):
    with Storm(tmp_path, SEED) as storm:
        storm.rage(SECONDS)
        report = storm.settle(within=max(40, 4 * SECONDS))
    print(f"\n{report}")
    # Each by name, so that a failure says what broke.
    assert report.lost == set()
    assert report.repeated == set()
    assert report.unfounded == set()
    assert report.parked_wrongly == set()
    assert report.not_parked == set()
    assert report.waiting == 0
    assert report.acknowledged > 50
    assert len(report.kills) == 8
