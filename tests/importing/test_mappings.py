"""Saved mappings of columns are renamed and deleted by whoever made them, and by nobody else."""

import re

from accounts.models import ColumnMapping

LIST = "/accounts/import/mappings/"


def saved(user, name, **facts):
    return ColumnMapping.objects.create(user=user, kind="accounts", name=name, columns={"Firma": "name"}, **facts)


def test_an_own_mapping_is_renamed_deleted_and_brought_back(as_user, rita):
    mapping, _other = saved(rita, "Old system"), saved(rita, "Trade fair")
    client = as_user(rita)
    assert "Firma → Name" in client.get(LIST).text
    refused = client.post(f"{LIST}{mapping.pk}/", {"name": "Trade fair"})
    assert refused.status_code == 422 and "You have a mapping of this name" in refused.text
    client.post(f"{LIST}{mapping.pk}/", {"name": "New system"})
    deleted = client.post(f"{LIST}{mapping.pk}/delete/", follow=True)
    assert "New system deleted" in deleted.text
    assert [each.name for each in ColumnMapping.objects.visible_to(rita)] == ["Trade fair"]
    client.post(re.findall(r"/history/undo/[0-9a-f-]+/", deleted.text)[-1])
    assert [each.name for each in ColumnMapping.objects.visible_to(rita)] == ["New system", "Trade fair"]


def test_a_shared_mapping_is_used_and_not_changed_by_others(as_user, rita, sam):
    mapping = saved(rita, "Old system", is_shared=True)
    client = as_user(sam)
    page = client.get(LIST).text
    assert "Old system" in page and f"{LIST}{mapping.pk}/" not in page
    assert client.post(f"{LIST}{mapping.pk}/delete/").status_code == 404
