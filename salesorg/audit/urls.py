"""Addresses of the audit pages."""

from django.urls import path

from . import views

app_name = "audit"
urlpatterns = [
    path("", views.change_list, name="change_list"),
    path("undo/<uuid:context>/", views.undo, name="undo"),
    path("<slug:table>/<int:pk>/", views.history, name="history"),
]
