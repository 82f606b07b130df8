"""Addresses of the pipeline pages."""

from django.urls import path, re_path

from .views import (
    board,
    bulk,
    deals,
    gates,
    lead_figures,
    lead_work,
    leads,
    moves,
    panels,
    people,
    public,
    queue,
    review,
    sources,
)

app_name = "pipeline"
urlpatterns = [
    path("board/", board.board, name="board"),
    path("deals/", deals.deal_list, name="deal_list"),
    path("deals/change/", bulk.deals_change, name="deals_change"),
    path("deals/new/", deals.deal_new, name="deal_new"),
    path("deals/<int:pk>/", deals.deal_detail, name="deal_detail"),
    path("deals/<int:pk>/edit/", deals.deal_edit, name="deal_edit"),
    path("deals/<int:pk>/move/", moves.deal_move, name="deal_move"),
    path("deals/<int:pk>/tick/<int:criterion>/", gates.deal_tick, name="deal_tick"),
    path("deals/<int:pk>/owner/", people.deal_assign, name="deal_assign"),
    path("deals/<int:pk>/shares/", people.deal_members, name="deal_members"),
    path("accounts/<int:pk>/deals/", panels.account_deals, name="account_deals"),
    path("accounts/<int:pk>/family/", panels.account_family, name="account_family"),
    path("overrides/", gates.override_list, name="override_list"),
    path("review/", review.pipeline_review, name="review"),
    path("leads/", leads.lead_list, name="lead_list"),
    path("ask/<str:token>/", public.landing_page, name="landing_page"),
    path("partner/<str:token>/", public.partner_page, name="partner_page"),
    path("leads/sources/", sources.source_list, name="source_list"),
    path("leads/campaigns/", sources.campaign_list, name="campaign_list"),
    re_path(r"^leads/set-up/(?P<kind>source|campaign|page|reason)/new/$", sources.record_new, name="record_new"),
    re_path(
        r"^leads/set-up/(?P<kind>source|campaign|page|reason)/(?P<pk>[0-9]{1,18})/$", sources.record_edit, name="record_edit"
    ),
    re_path(r"^leads/set-up/(?P<kind>source|page)/(?P<pk>[0-9]{1,18})/address/$", sources.token_renew, name="token_renew"),
    path("queue/", queue.lead_queue, name="lead_queue"),
    path("leads/figures/", lead_figures.lead_figures, name="lead_figures"),
    path("leads/new/", lead_work.lead_new, name="lead_new"),
    path("leads/<int:pk>/", leads.lead_detail, name="lead_detail"),
    path("leads/<int:pk>/qualify/", lead_work.lead_qualify, name="lead_qualify"),
    path("leads/<int:pk>/disqualify/", lead_work.lead_disqualify, name="lead_disqualify"),
    path("leads/<int:pk>/assign/", lead_work.lead_assign, name="lead_assign"),
    path("leads/<int:pk>/take/", lead_work.lead_take, name="lead_take"),
    path("leads/<int:pk>/reopen/", lead_work.lead_reopen, name="lead_reopen"),
]
