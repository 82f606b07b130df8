"""Addresses of the people pages."""

from django.urls import path

from . import lookups
from .views import signing_in

app_name = "people"
urlpatterns = [
    path("sign-in/", signing_in.sign_in, name="sign_in"),
    path("sign-out/", signing_in.sign_out, name="sign_out"),
    path("password/", signing_in.password_change, name="password_change"),
    path("password/forgot/", signing_in.password_forgot, name="password_forgot"),
    path("password/<uid>/<token>/", signing_in.password_set, name="password_set"),
    path("sessions/", signing_in.sessions, name="sessions"),
    path("sessions/end-others/", signing_in.sessions_end_others, name="sessions_end_others"),
    path("sessions/<slug:handle>/end/", signing_in.session_end, name="session_end"),
    path("people/lookup/", lookups.person_lookup, name="person_lookup"),
]
