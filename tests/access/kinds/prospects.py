"""A list of prospects, and one that stands on it."""

from pipeline.models import Prospect, ProspectList

from .accounts import account
from .registry import RECORDS, kind


@kind(**RECORDS)
def prospect_list(person, marker):
    return Prospect.objects.get(pk=prospect(person, marker)).list_id


@kind(**RECORDS)
def prospect(person, marker):
    made = ProspectList.objects.create(name=marker, owner=person)
    return Prospect.objects.create(list=made, account_id=account(person, marker), position=1).pk
