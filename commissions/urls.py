"""Addresses of the commissions pages."""

app_name = "commissions"
urlpatterns = []
