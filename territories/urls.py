"""Addresses of the territory pages."""

from django.urls import path

from .views import reassigning, territories

app_name = "territories"
urlpatterns = [
    path("", territories.territory_list, name="territory_list"),
    path("lookup/", territories.territory_lookup, name="territory_lookup"),
    path("account/<int:pk>/", territories.account_placement, name="account_placement"),
    path("gaps/<int:pk>/", territories.gap_list, name="gap_list"),
    path("seats/<int:pk>/", reassigning.seat_give, name="seat_give"),
    path("<int:pk>/", territories.territory_detail, name="territory_detail"),
    path("<int:pk>/accounts/", reassigning.territory_reassign, name="territory_reassign"),
    path("<int:pk>/move/", reassigning.territory_move, name="territory_move"),
    path("<int:pk>/seats/new/", reassigning.seat_open, name="seat_open"),
]
