"""Addresses of the pages that show several apps at once, and of the health checks."""

from django.urls import path

from . import brief, health, offline, organisation, runs, today, views

app_name = "home"
urlpatterns = [
    path("", today.today, name="today"),
    path("today/nearby/", today.nearby, name="today_nearby"),
    path("brief/<int:pk>/", brief.account_brief, name="account_brief"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
    path("offline/", offline.offline, name="offline"),
    path("offline/bundle/", offline.offline_bundle, name="offline_bundle"),
    path("waiting/", offline.waiting, name="waiting"),
    path("health/", health.health, name="health"),
    path("search/", views.search, name="search"),
    path("commands/", views.commands, name="commands"),
    path("patterns/", views.style, name="style"),
    path("settings/", organisation.organisation_settings, name="settings"),
    path("runs/", runs.runs, name="runs"),
    path("runs/start/", runs.run_start, name="run_start"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/parked/<int:pk>/retry/", runs.message_retry, name="message_retry"),
]
