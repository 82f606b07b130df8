"""Opening hours are read as people write them, kept in one notation, and refused with the part that cannot be read."""

from datetime import date

import pytest

from accounts.engine.opening import NotHours, open_on, parse, tidy

MONDAY, SATURDAY = date(2026, 3, 2), date(2026, 3, 7)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Mo-Fr 08:00-12:00,13:00-17:00; Sa 09:00-12:00", "Mo-Fr 08:00-12:00,13:00-17:00; Sa 09:00-12:00"),
        ("mo-fr 8-17", "Mo-Fr 08:00-17:00"),
        ("8-17", "Mo-Su 08:00-17:00"),
        ("Mo-Fr 8-17; We off", "Mo-Tu 08:00-17:00; Th-Fr 08:00-17:00"),
        ("Sa-Mo 0900-2400", "Mo 09:00-24:00; Sa-Su 09:00-24:00"),
        ("Mo,We 8:30-11", "Mo 08:30-11:00; We 08:30-11:00"),
        ("", ""),
    ],
)
def test_hours_are_kept_in_one_notation(typed, kept):
    assert tidy(typed) == kept
    assert tidy(kept) == kept


@pytest.mark.parametrize("typed", ["always", "Mo 17-8", "Xy 8-17", "Mo 8-25", "Mo 8:75-9", "Mo 8-12,11-14", "Mo 8-", "\x00"])
def test_what_is_no_hours_is_refused(typed):
    with pytest.raises(NotHours):
        parse(typed)


def test_hours_of_a_day():
    assert open_on("Mo-Fr 08:00-12:00", MONDAY) == ((480, 720),)
    assert open_on("Mo-Fr 08:00-12:00", SATURDAY) == ()
    assert open_on("", SATURDAY) == ((0, 1440),)
