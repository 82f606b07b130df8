"""Addresses of the people pages."""

from django.urls import path

from . import lookups
from .views import leaving, people, roles, saved_views, signing_in, teams, visibility, working

app_name = "people"
urlpatterns = [
    path("sign-in/", signing_in.sign_in, name="sign_in"),
    path("sign-out/", signing_in.sign_out, name="sign_out"),
    path("password/", signing_in.password_change, name="password_change"),
    path("password/forgot/", signing_in.password_forgot, name="password_forgot"),
    path("password/<uid>/<token>/", signing_in.password_set, name="password_set"),
    path("sessions/", signing_in.sessions, name="sessions"),
    path("sessions/end-others/", signing_in.sessions_end_others, name="sessions_end_others"),
    path("sessions/<slug:handle>/end/", signing_in.session_end, name="session_end"),
    path("people/", people.people, name="people"),
    path("people/lookup/", lookups.person_lookup, name="person_lookup"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/edit/", people.person_edit, name="person_edit"),
    path("people/<int:pk>/invite/", people.person_invite, name="person_invite"),
    path("people/<int:pk>/sign-out/", people.person_sign_out, name="person_sign_out"),
    path("people/<int:pk>/visibility/", visibility.visibility_of, name="visibility"),
    path("people/<int:pk>/hand-over/", leaving.person_hand_over, name="person_hand_over"),
    path("people/<int:pk>/deactivate/", leaving.person_deactivate, name="person_deactivate"),
    path("people/<int:pk>/reactivate/", leaving.person_reactivate, name="person_reactivate"),
    path("people/<int:pk>/roles/new/", roles.membership_new, name="membership_new"),
    path("people/<int:pk>/assists/new/", roles.assistance_new, name="assistance_new"),
    path("people/<int:pk>/absences/new/", working.absence_new, name="absence_new"),
    path("people/<int:pk>/hours/", working.working_week, name="working_week"),
    path("people/undo/<uuid:context>/", leaving.leaving_undo, name="leaving_undo"),
    path("roles/<int:pk>/end/", roles.membership_end, name="membership_end"),
    path("assists/<int:pk>/end/", roles.assistance_end, name="assistance_end"),
    path("absences/", working.absence_list, name="absence_list"),
    path("absences/<int:pk>/", working.absence_edit, name="absence_edit"),
    path("absences/<int:pk>/cancel/", working.absence_cancel, name="absence_cancel"),
    path("settings/hours/", working.usual_week, name="usual_week"),
    path("views/", saved_views.view_list, name="view_list"),
    path("views/menu/", saved_views.view_menu, name="view_menu"),
    path("views/new/", saved_views.view_new, name="view_new"),
    path("views/<int:pk>/", saved_views.view_edit, name="view_edit"),
    path("views/<int:pk>/use/", saved_views.view_use, name="view_use"),
    path("views/<int:pk>/delete/", saved_views.view_delete, name="view_delete"),
    path("teams/", teams.teams, name="teams"),
    path("teams/lookup/", lookups.team_lookup, name="team_lookup"),
    path("teams/new/", teams.team_new, name="team_new"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("teams/<int:pk>/edit/", teams.team_edit, name="team_edit"),
    path("teams/<int:pk>/delete/", teams.team_delete, name="team_delete"),
]
