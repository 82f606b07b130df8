"""The benchmark moves deals and logs visits: it runs on invented organisations only."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import Activity
from pipeline.models import ProposalVersion
from salesorg.home.benchmark.proposals import LINES, drafts
from salesorg.home.benchmark.workload import body_of, fresh, sent_later


@pytest.mark.django_db
def test_a_database_of_real_people_is_not_measured(rita, account_of):
    account_of(rita)
    with pytest.raises(CommandError, match="not here"):
        call_command("benchmark")


def test_a_visit_written_offline_is_measured_as_a_phone_sends_it(rita, account_of, as_user):
    parcel = sent_later(rita, [account_of(rita).pk])[0]
    for _each in range(2):
        body, content_type = body_of(fresh(parcel))
        [answer] = as_user(rita).post(reverse("accounts:sent_later"), body, content_type=content_type).json()["answers"]
        assert answer["state"] == "stored", json.dumps(answer)
    done = Activity.objects.done()
    assert done.count() == 2 and Activity.objects.planned().count() == 2
    assert {timezone.now() - timedelta(minutes=61) < each.done_at < timezone.now() - timedelta(minutes=59) for each in done} == {
        True
    }


def test_a_proposal_is_measured_as_its_form_saves_it(rita, deal_of, as_user):
    [(key, form)] = drafts(rita, [deal_of(rita).pk])
    body, content_type = body_of(fresh(form))
    answer = as_user(rita).post(reverse("pipeline:proposal_edit", args=[key]), body, content_type=content_type)
    version = ProposalVersion.objects.get()
    assert answer.status_code == 302 and version.lines.count() == LINES and version.discount == 5
