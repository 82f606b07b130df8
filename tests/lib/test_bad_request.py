"""What cannot be read is answered in words, once the browser has sent it all."""

import io

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def rita_s(rita):
    """Her browser, on the form."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(rita, backend="salesorg.people.backends.PeopleBackend")
    browser.get("/accounts/new/")
    return browser


def test_a_name_of_ten_megabytes_is_refused_after_all_of_it_has_arrived(rita_s):
    body = io.BytesIO(b"name=" + b"x" * 10_000_000)
    answer = rita_s.post("/accounts/new/", content_type=FORM, CONTENT_LENGTH=10_000_005, **{"wsgi.input": body})
    assert answer.status_code == 413
    assert "too long" in answer.content.decode() and "what you typed is still there" in answer.content.decode()
    assert body.read() == b"", "a browser that is cut off while sending shows no answer"


def test_in_a_form_sent_by_script_the_sentence_appears_in_the_form(rita_s):
    answer = rita_s.post("/accounts/new/", b"name=" + b"x" * 6_000_000, content_type=FORM, headers={"HX-Request": "true"})
    assert answer.status_code == 422 and "too long" in answer["HX-Trigger"]


def test_a_form_in_another_alphabet_than_utf_8_is_refused(rita_s):
    answer = rita_s.post("/accounts/new/", b"name=x", content_type=f"{FORM}; charset=utf-7")
    assert answer.status_code == 400 and "That could not be read" in answer.content.decode()
