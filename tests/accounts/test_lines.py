"""The lines every organisation begins with are there for every test, whichever ran before it."""

import pytest

from accounts.models import CoverageLine


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "again, after the tables were emptied"])
def test_the_lines_are_there(time):
    assert CoverageLine.objects.filter(code="new-business").exists()
