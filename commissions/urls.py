"""Addresses of the commissions pages."""

from django.urls import path

from . import views

app_name = "commissions"
urlpatterns = [
    path("", views.statement_list, name="statement_list"),
    path("statements/<int:pk>/", views.statement_detail, name="statement_detail"),
    path("attainment/", views.attainment, name="attainment"),
    path("credits/", views.credit_list, name="credit_list"),
    path("months/", views.period_list, name="period_list"),
    path("months/<int:pk>/", views.period_detail, name="period_detail"),
    path("months/<int:pk>/close/", views.period_close, name="period_close"),
    path("months/<int:pk>/statements.csv", views.period_export, name="period_export"),
    path("quotas/", views.quota_list, name="quota_list"),
    path("quotas/new/", views.quota_new, name="quota_new"),
    path("quotas/propose/", views.quota_propose, name="quota_propose"),
    path("plans/", views.plan_list, name="plan_list"),
    path("plans/<int:pk>/", views.plan_detail, name="plan_detail"),
    path("plans/<int:pk>/assign/", views.plan_assign, name="plan_assign"),
]
