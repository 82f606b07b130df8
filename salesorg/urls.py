"""Every address of the application."""

from django.urls import include, path

urlpatterns = [
    path("", include("salesorg.home.urls")),
    path("", include("salesorg.people.urls")),
    path("history/", include("salesorg.audit.urls")),
    path("accounts/", include("accounts.urls")),
    path("territories/", include("territories.urls")),
    path("", include("pipeline.urls")),
    path("pay/", include("commissions.urls")),
]
handler400 = "salesorg.lib.http.bad_request"
