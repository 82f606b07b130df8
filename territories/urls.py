"""Addresses of the territories pages."""

app_name = "territories"
urlpatterns = []
