"""The order of a day's visits: all of them or told why not, in time, and no better order is missed."""

import json
import math
import re
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.engine.route import Day, Place, Reason, Stop, _Trip, plan, straight

SOLOMON = Path(settings.BASE_DIR).parent / "shared/data/instances/routing"
ANY_TIME = ((0, 1440),)
HOME = Place(42.36, -71.06)
WORKING_DAY = Day(8 * 60, 18 * 60, HOME, HOME)
# The ten routes that together reach the best known cost of C101, as numbers of customers.
BEST_OF_C101 = (
    (5, 3, 7, 8, 10, 11, 9, 6, 4, 2, 1, 75),
    (13, 17, 18, 19, 15, 16, 14, 12),
    (20, 24, 25, 27, 29, 30, 28, 26, 23, 22, 21),
    (32, 33, 31, 35, 37, 38, 39, 36, 34),
    (43, 42, 41, 40, 44, 46, 45, 48, 51, 50, 52, 49, 47),
    (57, 55, 54, 53, 56, 58, 60, 59),
    (67, 65, 63, 62, 74, 72, 61, 64, 68, 66, 69),
    (81, 78, 76, 71, 70, 73, 77, 79, 80),
    (90, 87, 86, 83, 82, 84, 85, 88, 89, 91),
    (98, 96, 95, 94, 92, 93, 97, 100, 99),
)


def stop(key, north=0.0, east=0.0, minutes=30, windows=ANY_TIME, **more):
    return Stop(key, Place(HOME.latitude + north, HOME.longitude + east), minutes, windows, **more)


def keys(route):
    return [arrival.stop.key for arrival in route.arrivals]


stops = st.lists(
    st.builds(
        stop,
        st.just(0),
        st.floats(-0.4, 0.4),
        st.floats(-0.4, 0.4),
        st.integers(5, 120),
        st.sampled_from([ANY_TIME, (), ((480, 720), (780, 1020)), ((540, 600),), ((900, 960),)]),
        weight=st.sampled_from([1, 5]),
    ),
    max_size=7,
).map(lambda found: [Stop(i, s.place, s.minutes, s.windows, s.weight) for i, s in enumerate(found)])
days = st.builds(Day, st.integers(360, 600), st.integers(700, 1200), st.sampled_from([HOME, None]), st.sampled_from([HOME, None]))


@hypothesis_settings(max_examples=60, deadline=None)
@given(stops, days, st.sampled_from([0, 9]))
def test_every_visit_is_in_the_route_or_said_not_to_fit_and_the_times_hold(stops, day, exact):
    route = plan(stops, day, exact=exact)
    assert sorted([*keys(route), *(missed.stop.key for missed in route.missed)]) == [each.key for each in stops]
    for arrival in route.arrivals:
        assert any(opens <= arrival.begins and arrival.leaves <= closes for opens, closes in arrival.stop.windows)
        assert arrival.leaves - arrival.begins == arrival.stop.minutes
    assert all(a.leaves <= b.arrives <= b.begins for a, b in pairwise(route.arrivals))
    assert day.begins <= route.leaves
    assert not route.arrivals or route.returns <= day.ends
    assert all((missed.reason is Reason.CLOSED) == (not missed.stop.windows) for missed in route.missed)


@hypothesis_settings(max_examples=25, deadline=None)
@given(stops, days)
def test_the_order_in_which_visits_were_planned_changes_nothing(stops, day):
    assert plan(stops, day) == plan(stops[::-1], day)


@hypothesis_settings(max_examples=25, deadline=None)
@given(stops.filter(lambda found: len(found) <= 5), days)
def test_no_other_order_keeps_more_or_comes_home_sooner(stops, day):
    """Against every order of every selection, tried one by one."""
    best, trip = plan(stops, day), _Trip(stops, day, straight)
    worth = (sum(arrival.stop.weight for arrival in best.arrivals), -(best.returns + best.driving) if best.arrivals else 0)
    for size in range(1, len(stops) + 1):
        for order in permutations(range(len(stops)), size):
            if trip.timed(order):
                assert (trip.weight(order), -trip.cost(order)) <= worth


def test_a_way_and_its_reverse_are_equally_long():
    out = plan([stop(1, 0.2), stop(2, 0.3)], Day(480, 1080, HOME, None))
    back = plan([stop(1, 0.2), stop(2, 0.3)], Day(480, 1080, None, HOME))
    assert keys(out) == [1, 2]
    assert keys(back) == [2, 1]
    assert out.metres == back.metres


def test_an_agreed_time_is_kept_and_the_others_go_around_it():
    route = plan([stop(1, 0.1, windows=((600, 630),)), stop(2, 0.1), stop(3, -0.1)], WORKING_DAY)
    agreed = next(arrival for arrival in route.arrivals if arrival.stop.key == 1)
    assert agreed.begins == 600
    assert route.missed == ()


def test_one_sets_off_so_late_as_not_to_wait_at_the_first_door():
    route = plan([stop(1, 0.1, windows=((600, 1000),))], WORKING_DAY)
    assert route.arrivals[0].arrives == 600
    assert route.leaves > WORKING_DAY.begins


@pytest.mark.parametrize(
    ("wanted", "reason", "at"),
    [
        (stop(1, windows=()), Reason.CLOSED, None),
        (stop(1, 8.0), Reason.TOO_FAR, None),
        (stop(1, 0.3, windows=((400, 490),)), Reason.CLOSES, 490),
        (stop(1, minutes=300), Reason.FULL, None),
    ],
)
def test_a_visit_that_does_not_fit_says_why(wanted, reason, at):
    heavier = stop(2, minutes=540, weight=9)
    (missed,) = plan([wanted, heavier], WORKING_DAY).missed
    assert (missed.stop.key, missed.reason, missed.at) == (1, reason, at)


def test_of_two_that_do_not_both_fit_the_heavier_stays():
    light, heavy = stop(1, minutes=400), stop(2, 0.2, minutes=400, weight=2)
    assert keys(plan([light, heavy], WORKING_DAY)) == [2]


def customers(name):
    """{number: (x, y, ready, due, service)} of a Solomon instance."""
    path = SOLOMON / f"{name}.txt"
    if not path.is_file():
        pytest.skip("the Solomon instances are not on this machine")
    rows = re.findall(r"^\s+(\d+)\s+(\d+)\s+(\d+)\s+\d+\s+(\d+)\s+(\d+)\s+(\d+)\s*$", path.read_text(), re.MULTILINE)
    return {int(number): tuple(map(int, facts)) for number, *facts in rows}


def solomon(name, numbers):
    """(stops, day, distance) in hundredths, so that whole minutes are exact enough."""
    rows = customers(name)
    stops = [
        Stop(number, Place(x, y), service * 100, ((ready * 100, (due + service) * 100),))
        for number in numbers
        for x, y, ready, due, service in [rows[number]]
    ]
    x, y, _ready, due, _service = rows[0]
    depot = Place(x, y)

    def flat(a, b):
        return math.hypot(a.latitude - b.latitude, a.longitude - b.longitude) * 100_000

    return stops, Day(0, due * 100, depot, depot, speed=60, road_factor=1), flat


def test_each_route_of_the_best_known_plan_of_c101_is_found_again_from_a_heap():
    metres = 0
    for numbers in BEST_OF_C101:
        stops, day, flat = solomon("C101", sorted(numbers))
        route = plan(stops, day, distance=flat)
        assert route.missed == ()
        metres += route.metres
    known = json.loads((SOLOMON / "best_known.json").read_text())["C101"]["best_known_cost"]
    assert metres / 100_000 <= known + 0.1


@pytest.mark.parametrize("name", ["R101", "RC101", "C101"])
def test_a_day_cut_from_a_published_instance_is_as_full_as_the_exact_answer(name):
    """Of its first twenty customers: more than are solved exactly, but tight windows leave few orders to try."""
    stops, day, flat = solomon(name, range(1, 21))
    route = plan(stops, day, distance=flat)
    assert len(route.arrivals) + len(route.missed) == 20
    assert len(route.arrivals) == len(plan(stops, day, distance=flat, exact=20).arrivals)
    for arrival in route.arrivals:
        assert arrival.stop.windows[0][0] <= arrival.begins <= arrival.stop.windows[0][1] - arrival.stop.minutes
