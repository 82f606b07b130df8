"""Addresses of the pages that show several apps at once, and of the health checks."""

from django.urls import path

from . import health

app_name = "home"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
