"""Toasts, and a refused change on every way a request can come."""

import json

import pytest
from django.contrib.auth.decorators import login_not_required
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.urls import include, path

from salesorg.lib.errors import DomainError
from salesorg.lib.http import later_toast, toast, with_toast

SENTENCE = "This deal is already offered to someone. Withdraw that offer first."


@login_not_required
def refuse(request):
    raise DomainError(SENTENCE, fields=["to"])


@login_not_required
def fault(request):
    return 1 / 0


@login_not_required
def collide(request):
    """What PostgreSQL says to the one of two people whose change waited too long for the other's."""
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'canceling statement due to lock timeout' USING ERRCODE = '55P03'; END $$")


@login_not_required
def offer(request):
    return toast(request, "Offered to Sam", undo="/withdraw/7/", to=request.GET.get("to", ""))


@login_not_required
def said(request):
    return HttpResponse("|".join(f"{message}>{message.extra_tags}" for message in get_messages(request)))


@login_not_required
def fragment(request):
    later_toast(request, "Kept for the next page")
    return with_toast(HttpResponse("<li>row</li>"), "Añadido", level="info")


urlpatterns = [
    path("refuse/", refuse),
    path("api/refuse/", refuse),
    path("offer/", offer),
    path("said/", said),
    path("fault/", fault),
    path("collide/", collide),
    path("bit/", fragment),
    path("", include("salesorg.urls")),  # a whole page links to the others
]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]
HTMX = {"HX-Request": "true"}


def test_a_refused_change_answers_a_page_with_its_sentence_and_the_way_back(client):
    answer = client.post("/refuse/", headers={"Referer": "http://testserver/deals/3/"})
    assert answer.status_code == 422
    assert SENTENCE in answer.text
    assert 'href="http://testserver/deals/3/"' in answer.text


def test_the_way_back_never_leads_to_another_site(client):
    answer = client.post("/refuse/", headers={"Referer": "https://elsewhere.example/trap"})
    assert "elsewhere.example" not in answer.text


def test_a_refused_htmx_change_swaps_nothing_and_names_the_fields(client):
    answer = client.post("/refuse/", headers=HTMX)
    assert (answer.status_code, answer.content, answer["HX-Reswap"]) == (422, b"", "none")
    assert json.loads(answer["HX-Trigger"]) == {"refused": {"message": SENTENCE, "fields": ["to"]}}


@pytest.mark.parametrize(("url", "headers"), [("/api/refuse/", {}), ("/refuse/", {"Accept": "application/json"})])
def test_a_refused_change_answers_a_program_in_json(client, url, headers):
    answer = client.post(url, headers=headers)
    assert answer.status_code == 422
    assert answer.json() == {"error": {"message": SENTENCE, "fields": ["to"]}}


def test_a_fault_of_ours_is_not_taken_for_a_refusal(client):
    with pytest.raises(ZeroDivisionError):
        client.get("/fault/")


def test_htmx_gets_the_toast_with_its_undo_at_once(client):
    answer = client.post("/offer/", headers=HTMX)
    assert answer.status_code == 204
    assert json.loads(answer["HX-Trigger"]) == {
        "toast": {"text": "Offered to Sam", "undo_url": "/withdraw/7/", "level": "success"}
    }


def test_a_plain_form_goes_back_and_finds_the_toast_with_its_undo_there(client):
    answer = client.post("/offer/", headers={"Referer": "http://testserver/said/"}, follow=True)
    assert answer.text == "Offered to Sam>/withdraw/7/"


def test_htmx_sent_on_to_another_page_finds_the_toast_there(client):
    answer = client.post("/offer/?to=/said/", headers=HTMX)
    assert answer["HX-Redirect"] == "/said/"
    assert client.get("/said/").text == "Offered to Sam>/withdraw/7/"


def test_a_fragment_carries_a_toast_in_any_alphabet(client):
    answer = client.get("/bit/", headers=HTMX)
    assert answer.text == "<li>row</li>"
    assert json.loads(answer["HX-Trigger"])["toast"]["text"] == "Añadido"
    assert client.get("/said/").text == "Kept for the next page>"


def test_two_changes_that_wait_for_each_other_are_told_so(client):
    answer = client.get("/collide/")
    assert answer.status_code == 422
    assert "Nothing was saved: try again." in answer.content.decode()
