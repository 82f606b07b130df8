"""The benchmark moves deals and logs visits: it runs on invented organisations only."""

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.django_db
def test_a_database_of_real_people_is_not_measured(rita, account_of):
    account_of(rita)
    with pytest.raises(CommandError, match="not here"):
        call_command("benchmark")
