"""Addresses of the pipeline pages."""

app_name = "pipeline"
urlpatterns = []
