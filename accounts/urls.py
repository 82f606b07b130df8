"""Addresses of the accounts pages."""

from django.urls import path, re_path

from . import lookups
from .views import accounts, activities, calendar, contacts, coverage, duplicates, imports, merging, places, planning

app_name = "accounts"
urlpatterns = [
    path("", accounts.account_list, name="account_list"),
    re_path("^values/(?P<name>industry|country)/$", accounts.account_values, name="account_values"),
    path("new/", accounts.account_new, name="account_new"),
    path("lookup/", lookups.account_lookup, name="account_lookup"),
    path("log/", activities.visit_log, name="visit_log"),
    path("activities/", activities.activity_list, name="activity_list"),
    path("activities/<int:pk>/done/", activities.activity_complete, name="activity_complete"),
    path("contacts/<int:pk>/", contacts.contact_detail, name="contact_detail"),
    path("contacts/<int:pk>/edit/", contacts.contact_edit, name="contact_edit"),
    path("contacts/<int:pk>/consent/", contacts.consent_record, name="consent_record"),
    path("activities/<int:pk>/", planning.plan_edit, name="plan_edit"),
    path("activities/<int:pk>/move/", planning.activity_move, name="activity_move"),
    path("activities/<int:pk>/cancel/", planning.activity_cancel, name="activity_cancel"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("plan/", planning.plan_new, name="plan_new"),
    path("contacts/<int:keep>/merge/<int:drop>/", merging.contact_merge, name="contact_merge"),
    path("duplicates/", duplicates.duplicate_list, name="duplicate_list"),
    path("duplicates/typed/", duplicates.account_twins, name="account_twins"),
    path("duplicates/accounts/<int:pk>/", duplicates.account_pair_dismiss, name="account_pair_dismiss"),
    path("duplicates/contacts/<int:pk>/", duplicates.contact_pair_dismiss, name="contact_pair_dismiss"),
    path("contacts/", contacts.contact_list, name="contact_list"),
    path("coverage/<int:pk>/end/", coverage.coverage_end, name="coverage_end"),
    path("import/", imports.import_list, name="import_list"),
    path("import/new/", imports.import_new, name="import_new"),
    path("import/<int:pk>/", imports.import_detail, name="import_detail"),
    path("import/<int:pk>/columns/", imports.import_columns, name="import_columns"),
    path("import/<int:pk>/write/", imports.import_write, name="import_write"),
    path("import/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("import/<int:pk>/result/", imports.import_result, name="import_result"),
    path("<int:pk>/", accounts.account_detail, name="account_detail"),
    path("my-days/", places.field_day, name="field_day"),
    path("<int:pk>/place/", places.account_place, name="account_place"),
    path("<int:pk>/edit/", accounts.account_edit, name="account_edit"),
    path("<int:pk>/timeline/", accounts.account_timeline, name="account_timeline"),
    path("<int:pk>/merge/", merging.account_merge_with, name="account_merge_with"),
    path("<int:keep>/merge/<int:drop>/", merging.account_merge, name="account_merge"),
    path("<int:pk>/contacts/typed/", duplicates.contact_twins, name="contact_twins"),
    path("<int:pk>/contacts/new/", contacts.contact_new, name="contact_new"),
    path("<int:pk>/plan/", planning.activity_plan, name="activity_plan"),
    path("<int:pk>/coverage/", coverage.coverage_set, name="coverage_set"),
]
