"""Who may open what: every URL name × every role × {own, teammate's, stranger's}. A second statement, on purpose, of
what salesorg/people/roles.py and the querysets say: the two must agree.

One line per URL name:

    "people:people": page(EVERYONE),                     a page without a record: these roles may open it, others get 403
    "accounts:account_list": page(READERS, shows="account"),   and it lists exactly the accounts they may see
    "accounts:account_detail": of("account", READERS),   a page of one record: 404 for those who do not see it
    "accounts:account_edit": of("account", FIELD, post={}),    is also sent a POST; {} is an empty form (422 is fine)
    "pipeline:deal_move": of("deal", SELLING, get=False, post={"stage": 1}),   answers POST alone
    "audit:history": of("account", READERS, args=lambda pk: ["accounts_account", pk]),   more than the key in its address
    "people:people": page(EVERYONE, query={"q": "Zq"}),
    "people:person_lookup": page(EVERYONE),
    "people:person_new": page(ADMINISTRATOR, post={}),
    "people:person": of("person", EVERYONE),
    "people:person_edit": of("person", ADMINISTRATOR, post={}),
    "people:person_invite": of("person", ADMINISTRATOR, get=False, post={}),
    "people:person_sign_out": of("person", ADMINISTRATOR, get=False, post={}),
    "people:person_hand_over": of("person", ADMINISTRATOR, post={}),
    "people:person_deactivate": of("person", ADMINISTRATOR, post={}),
    "people:leaving_undo": page(ADMINISTRATOR, args=["00000000-0000-0000-0000-000000000000"], get=False, post={}),
    "people:person_reactivate": of("person", ADMINISTRATOR, get=False, post={}),
    "people:visibility": of("person", {"own": EVERYONE, "mate": LEADERS | ADMINISTRATOR, "stranger": ADMINISTRATOR}),
    "people:membership_new": of("person", ADMINISTRATOR, post={}),
    "people:membership_end": of("membership", ADMINISTRATOR, post={}),
    "people:assistance_new": of("person", ADMINISTRATOR, post={}),
    "people:assistance_end": of("assistance", ADMINISTRATOR, post={}),
    "people:teams": page(EVERYONE),
    "people:team_lookup": page(EVERYONE),
    "people:team_new": page(ADMINISTRATOR, post={}),
    "people:team": of("team", EVERYONE),
    "people:team_edit": of("team", ADMINISTRATOR, post={}),
    "people:team_delete": of("team", ADMINISTRATOR, get=False, post={}),
    "people:sign_in": public(),                          open to anybody without signing in

A kind of record ("account", "deal", …) is made in kinds/: add one there with who sees it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from salesorg.people.roles import Role

SDRS = {Role.SDR_INBOUND, Role.SDR_OUTBOUND}
SELLERS = SDRS | {Role.AE, Role.SPECIALIST, Role.CSM}
HELPERS = {Role.INSIDE, Role.TECHNICIAN}
ASSISTANT = {Role.ASSISTANT}
LEADERS = {Role.MANAGER, Role.DIRECTOR}
OPERATIONS = {Role.OPERATIONS}
FINANCE = {Role.FINANCE}
ADMINISTRATOR = {Role.ADMINISTRATOR}

FIELD = SELLERS | HELPERS | ASSISTANT | LEADERS | OPERATIONS  # work with customers
READERS = FIELD | FINANCE  # open accounts and deals
SELLING = SELLERS | {Role.INSIDE} | LEADERS | OPERATIONS  # create, change and move deals
REVIEWERS = LEADERS | OPERATIONS | FINANCE  # pipeline and attainment of others
EVERYONE = READERS | ADMINISTRATOR
EXPORTING = READERS - {Role.TECHNICIAN, Role.ASSISTANT}  # take records out as files
MERGING = LEADERS | OPERATIONS | ADMINISTRATOR  # join what is there twice
RUNNERS = OPERATIONS | FINANCE | ADMINISTRATOR  # start and watch runs


# A leader reassigns what the own people lead; the rest of the structure may be looked at, no more.
REASSIGNING = {"own": LEADERS | OPERATIONS, "mate": LEADERS | OPERATIONS, "stranger": OPERATIONS}

# When somebody works is said by themselves, by those who lead them, and by administrators.
PLANNED_FOR = {"own": EVERYONE, "mate": LEADERS | ADMINISTRATOR, "stranger": ADMINISTRATOR}


@dataclass(frozen=True)
class Line:
    """What a URL name needs, and how it is asked."""

    may: frozenset | dict = frozenset()  # roles; where it depends on whose record it is: {"own": …, "mate": …, "stranger": …}
    kind: str = ""  # of record; "" for a page without one
    get: bool = True
    post: dict | None = None
    query: dict = field(default_factory=dict)
    args: Callable = lambda pk: [pk]
    shows: str = ""  # kind of record that the page lists
    refused: int = 403  # what those who may not are answered
    is_public: bool = False


def page(may, *, args=(), **more):
    return Line(may=frozenset(may), args=lambda pk: list(args), **more)


def of(kind, may, **more):
    return Line(may=may, kind=kind, **more)


def public(*args, **more):
    return Line(args=lambda pk: list(args), is_public=True, **more)


MATRIX = {
    # home
    "home:healthz": public(),
    "home:readyz": public(),
    "home:today": page(EVERYONE),
    "home:today_nearby": page(FIELD, query={"box": "-90,-180,90,180"}),
    "home:account_brief": of("account", READERS),
    "home:service_worker": public(),
    "home:manifest": public(),
    "home:offline": page(EVERYONE),
    "home:waiting": page(EVERYONE),
    "home:offline_bundle": page(FIELD),
    "home:health": page(ADMINISTRATOR),
    "home:search": page(EVERYONE),
    "home:commands": page(EVERYONE),
    "home:settings": page(ADMINISTRATOR, post={}),
    "home:style": page(ADMINISTRATOR, refused=404),
    "home:runs": page(RUNNERS),
    "home:run": of("run", RUNNERS),
    "home:run_start": page(RUNNERS, get=False, post={}),
    "home:message_retry": of("parked", RUNNERS, get=False, post={}),
    # audit
    "audit:change_list": page(ADMINISTRATOR),
    "audit:history": of("account", EVERYONE, args=lambda pk: ["accounts_account", pk]),
    "audit:undo": of("undertaking", EVERYONE, get=False, post={}),
    # accounts
    "accounts:account_lookup": page(READERS, query={"q": "Zq"}, shows="account"),
    "accounts:account_list": page(READERS, shows="account"),
    "accounts:account_values": page(READERS, args=["industry"]),
    "accounts:accounts_change": page(FIELD, query={"all": "1"}, post={}),
    "accounts:account_new": page(FIELD, post={}),
    "accounts:account_detail": of("account", READERS),
    "accounts:account_edit": of("account", FIELD, post={}),
    "accounts:account_place": of("account", FIELD, post={}),
    "accounts:field_day": page(FIELD, post={}),
    "accounts:account_timeline": of("account", READERS),
    "accounts:contact_list": page(READERS, shows="contact"),
    "accounts:tier_list": page(READERS),
    "accounts:tier_policy_edit": page(OPERATIONS | ADMINISTRATOR, post={}),
    "accounts:account_tier": of("account", READERS),
    "accounts:key_account_mark": of("account", LEADERS | OPERATIONS, post={}),
    "accounts:key_account_end": of("account", LEADERS | OPERATIONS, get=False, post={}),
    "accounts:contact_new": of("account", FIELD, post={}),
    "accounts:contact_detail": of("contact", READERS),
    "accounts:contact_edit": of("contact", FIELD, post={}),
    "accounts:contact_departure": of("contact", FIELD, post={}),
    "accounts:consent_record": of("contact", FIELD, post={}),
    "accounts:visit_log": page(FIELD, post={}),
    "accounts:sent_later": page(FIELD, post={}),
    "accounts:photo_sent_later": page(FIELD, get=False, post={}),
    "accounts:activity_list": page(READERS, shows="activity"),
    "accounts:activity_plan": of("account", FIELD, post={}),
    "accounts:vehicle_log": page(READERS),
    "accounts:vehicle_export": page(READERS),
    "accounts:vehicle_edit": page(FIELD, post={}),
    "accounts:vehicle_close": page(FIELD, get=False, post={}),
    "accounts:vehicle_reopen": page(FIELD, get=False, post={}),
    "accounts:driver_list": page(FINANCE),
    "accounts:vehicle_take_over": of("vehicle_month", FINANCE, get=False, post={}),
    "accounts:vehicle_give_back": of("vehicle_month", FINANCE, get=False, post={"reason": "Km missing"}),
    "accounts:trip_new": page(FIELD, post={}),
    "accounts:trip_accept": page(FIELD, get=False, post={}),
    "accounts:trip_accept_all": page(FIELD, get=False, post={}),
    "accounts:trip_edit": of("trip", FIELD, post={}),
    "accounts:trip_strike": of("trip", FIELD, get=False, post={}),
    "accounts:activity_detail": of("activity", READERS),
    "accounts:photo_add": of("activity", FIELD, get=False, post={}),
    "accounts:photo": of("photo", READERS),
    "accounts:photo_remove": of("photo", FIELD, get=False, post={}),
    "accounts:pin_list": page(FIELD, shows="pin"),
    "accounts:pin_decide": of("pin", FIELD, get=False, post={}),
    "accounts:pin_propose": of("account", FIELD, post={}),
    "accounts:sighting_list": page(READERS, query={"by": "rows"}, shows="sighting"),
    "accounts:account_competitors": of("account", READERS),
    "accounts:order_request": of("account", FIELD, post={}),
    "accounts:activity_complete": of("activity", FIELD, post={}),
    "accounts:calendar": page(READERS),
    "accounts:not_visited_list": page(READERS),
    "accounts:activity_figures": page(READERS),
    "accounts:target_list": page(LEADERS | OPERATIONS, post={}),
    "accounts:reminders": page(FIELD),
    "accounts:reminder_settings": page(FIELD, post={}),
    "accounts:cadence_list": page(OPERATIONS | ADMINISTRATOR, post={}),
    "accounts:account_cadence": of("account", FIELD, post={}),
    "accounts:plan_new": page(FIELD, post={}),
    "accounts:plan_edit": of("planned", FIELD, post={}),
    "accounts:activity_move": of("planned", FIELD, get=False, post={}),
    "accounts:activity_cancel": of("planned", FIELD, get=False, post={}),
    "accounts:document_list": page(READERS, shows="document"),
    "accounts:document_new": page(LEADERS | OPERATIONS, post={}),
    "accounts:document_detail": of("account_document", READERS),
    "accounts:document_edit": of("account_document", FIELD, post={}),
    "accounts:document_version_new": of("account_document", FIELD, post={}),
    "accounts:document_retire": of("account_document", FIELD, get=False, post={}),
    "accounts:document_show": of("document_version", READERS),
    "accounts:document_file": of("document_version", READERS),
    "accounts:document_send": of("document_version", FIELD, post={}),
    "accounts:link_revoke": of("document_link", FIELD, get=False, post={}),
    "accounts:account_documents": of("account", READERS),
    "accounts:account_document_new": of("account", FIELD, post={}),
    "accounts:document_link": public("nonsense"),
    "accounts:document_link_file": public("nonsense"),
    "accounts:printed_list": page(READERS, shows="print_order"),
    "accounts:printed_new": page(FIELD, post={}),
    "accounts:account_twins": page(FIELD, query={"name": "Zq"}),
    "accounts:contact_twins": of("account", FIELD, query={"name": "Zq"}),
    "accounts:duplicate_list": page(MERGING, shows="account_pair"),
    "accounts:account_pair_dismiss": of("account_pair", MERGING, get=False, post={}),
    "accounts:contact_pair_dismiss": of("contact_pair", MERGING, get=False, post={}),
    "accounts:account_merge_with": of("account", MERGING, post={}),
    "accounts:account_merge": of("two_accounts", MERGING, args=list, post={}),
    "accounts:contact_merge": of("two_contacts", MERGING, args=list, post={}),
    "accounts:coverage_set": of("account", LEADERS | OPERATIONS, post={}),
    "accounts:coverage_end": of("coverage", LEADERS | OPERATIONS, post={}),
    "accounts:import_list": page(FIELD),
    "accounts:export": page(EXPORTING, args=["accounts"], get=False, post={"format": "csv"}),
    "accounts:bulk_change_list": page(READERS),
    "accounts:bulk_change_detail": of("bulk_change", READERS),
    "accounts:bulk_change_undo": of("bulk_change", READERS, get=False, post={}),
    "accounts:export_list": page(EXPORTING),
    "accounts:export_file": of("export", EXPORTING),
    "accounts:contact_vcard": of("contact", READERS),
    "accounts:vcard_import": of("account", FIELD, post={}),
    "accounts:mapping_list": page(FIELD),
    "accounts:mapping_edit": of("column_mapping", FIELD, post={}),
    "accounts:mapping_delete": of("column_mapping", FIELD, get=False, post={}),
    "accounts:import_new": page(FIELD, post={}),
    "accounts:import_detail": of("file_import", FIELD),
    "accounts:import_columns": of("file_import", FIELD, post={}),
    "accounts:import_write": of("file_import", FIELD, get=False, post={}),
    "accounts:import_undo": of("file_import", FIELD, get=False, post={}),
    "accounts:import_result": of("file_import", FIELD),
    # pipeline
    "pipeline:board": page(READERS, query={"owner": "all"}),
    "pipeline:board_choices": page(READERS, args=["team"]),
    "pipeline:deal_list": page(READERS, shows="deal"),
    "pipeline:deals_change": page(SELLING, query={"all": "1"}, post={}),
    "pipeline:deal_new": page(SELLING, post={}),
    "pipeline:deal_detail": of("deal", READERS),
    "pipeline:deal_edit": of("deal", SELLING, post={}),
    "pipeline:deal_move": of("deal", SELLING, get=False, post={}),
    "pipeline:deal_tick": of("deal_criterion", SELLING, args=list, get=False, post={"ticked": "1"}),
    "pipeline:deal_assign": of("deal", {"own": SELLING, "mate": LEADERS | OPERATIONS, "stranger": SELLING}, post={}),
    "pipeline:deal_members": of("deal", {"own": SELLING, "mate": LEADERS | OPERATIONS, "stranger": SELLING}, post={}),
    "pipeline:deal_bring_in": of("deal", {"own": SELLING, "mate": LEADERS | OPERATIONS, "stranger": SELLING}, post={}),
    "pipeline:deal_ask": of("deal", {"own": SELLING, "mate": LEADERS | OPERATIONS, "stranger": SELLING}, get=False, post={}),
    "pipeline:deal_leave": of(
        "deal_person",
        {"own": READERS, "mate": LEADERS | OPERATIONS, "stranger": READERS - FINANCE},
        args=list,
        get=False,
        post={},
    ),
    "pipeline:advice_list": page(READERS),
    "pipeline:ask_join": of("ask", set(), get=False, post={}),
    "pipeline:ask_withdraw": of("ask", {"own": SELLING, "mate": LEADERS | OPERATIONS, "stranger": SELLING}, get=False, post={}),
    "pipeline:customer_list": page(READERS, query={"whose": "all"}, shows="customer"),
    "pipeline:ticket_list": page(READERS, query={"whose": "all"}, shows="ticket"),
    "pipeline:ticket_detail": of("ticket", READERS),
    "pipeline:ticket_new": of("account", FIELD, post={}),
    "pipeline:ticket_take": of("ticket", FIELD, get=False, post={}),
    "pipeline:ticket_give": of("ticket", FIELD, post={}),
    "pipeline:ticket_answer": of("ticket", FIELD, post={}),
    "pipeline:ticket_reopen": of("ticket", FIELD, get=False, post={}),
    "pipeline:account_tickets": of("account", READERS),
    "pipeline:retention": page(READERS),
    "pipeline:customer_health": of("account", READERS),
    "pipeline:health_inputs": page(READERS),
    "pipeline:health_input_edit": of("health_input", OPERATIONS, post={}),
    "pipeline:onboarding_list": page(READERS, shows="onboarding"),
    "pipeline:onboarding_detail": of("onboarding", READERS),
    "pipeline:onboarding_new": of("account", FIELD, post={}),
    "pipeline:steps_due": page(FIELD),
    "pipeline:step_done": of("onboarding_step", FIELD, get=False, post={}),
    "pipeline:step_skip": of("onboarding_step", FIELD, post={}),
    "pipeline:step_change": of("onboarding_step", FIELD, post={}),
    "pipeline:step_reopen": of("onboarding_step", FIELD, get=False, post={}),
    "pipeline:playbook_list": page(READERS),
    "pipeline:playbook_new": page(OPERATIONS, post={}),
    "pipeline:playbook_edit": of("playbook", OPERATIONS, post={}),
    "pipeline:contract_list": page(READERS, shows="contract"),
    "pipeline:contract_detail": of("contract", READERS),
    "pipeline:contract_amend": of("contract", SELLING, post={}),
    "pipeline:contract_cancel": of("contract", SELLING, post={}),
    "pipeline:contract_renew": of("contract", SELLING, get=False, post={}),
    "pipeline:contract_new": of("deal", SELLING, post={}),
    "pipeline:deal_contract": of("deal", READERS),
    "pipeline:account_contracts": of("account", READERS),
    "pipeline:handoff_new": of("deal", {"own": SELLING, "mate": LEADERS | OPERATIONS, "stranger": SELLING}, post={}),
    "pipeline:handoff_inbox": page(READERS),
    "pipeline:handoff_list": page(READERS, shows="handoff"),
    "pipeline:handoff_figures": page(READERS),
    "pipeline:package_list": page(READERS),
    "pipeline:package_edit": page(OPERATIONS | ADMINISTRATOR, args=[2, 3], post={}),
    "pipeline:handoff_detail": of("handoff", READERS),
    "pipeline:handoff_accept": of("handoff", SELLING, get=False, post={}),
    "pipeline:handoff_return": of("handoff", SELLING, post={}),
    "pipeline:handoff_withdraw": of("handoff", SELLING, get=False, post={}),
    "pipeline:handoff_pass_on": of("handoff", SELLING, post={}),
    "pipeline:handoff_challenge": of("handoff", SELLING, post={}),
    "pipeline:handoff_judge": of("handoff", SELLING, get=False, post={}),
    "pipeline:account_deals": of("account", READERS),
    "pipeline:account_family": of("account", READERS),
    "pipeline:team_work": of("team", READERS),
    "pipeline:pipeline_list": page(EVERYONE),
    "pipeline:pipeline_new": page(OPERATIONS | ADMINISTRATOR, post={}),
    "pipeline:pipeline_detail": of("pipeline", EVERYONE),
    "pipeline:pipeline_edit": of("pipeline", OPERATIONS | ADMINISTRATOR, post={}),
    "pipeline:pipeline_remove": of("pipeline", OPERATIONS | ADMINISTRATOR, get=False, post={}),
    "pipeline:pipeline_restore": of("pipeline", OPERATIONS | ADMINISTRATOR, get=False, post={}),
    "pipeline:stage_new": of("pipeline", OPERATIONS | ADMINISTRATOR, post={}),
    "pipeline:stage_edit": of("stage", OPERATIONS | ADMINISTRATOR, post={}),
    "pipeline:stage_move": of("stage", OPERATIONS | ADMINISTRATOR, get=False, post={}),
    "pipeline:stage_remove": of("stage", OPERATIONS | ADMINISTRATOR, post={}),
    "pipeline:stage_restore": of("stage", OPERATIONS | ADMINISTRATOR, get=False, post={}),
    "pipeline:criterion_add": of("stage", OPERATIONS | ADMINISTRATOR, get=False, post={}),
    "pipeline:criterion_remove": of("criterion", OPERATIONS | ADMINISTRATOR, get=False, post={}),
    "pipeline:override_list": page(REVIEWERS, shows="override"),
    "pipeline:review": page(REVIEWERS),
    "pipeline:win_rates": page(REVIEWERS),
    "pipeline:conversion": page(REVIEWERS),
    "pipeline:velocity": page(REVIEWERS),
    "pipeline:effort": page(REVIEWERS),
    "pipeline:coverage": page(REVIEWERS),
    "pipeline:lead_list": page(READERS, shows="lead"),
    "pipeline:lead_detail": of("lead", READERS),
    "pipeline:landing_page": public("nonsense"),
    "pipeline:partner_page": public("nonsense"),
    "pipeline:lead_queue": page(READERS, query={"whose": "all"}, shows="lead"),
    "pipeline:source_list": page(READERS),
    "pipeline:campaign_list": page(READERS),
    "pipeline:product_list": page(READERS, shows="product"),
    "pipeline:product_lookup": page(READERS, query={"q": "Zq"}),
    "pipeline:product_new": page(OPERATIONS, post={}),
    "pipeline:product_detail": of("product", READERS),
    "pipeline:product_edit": of("product", OPERATIONS, post={}),
    "pipeline:product_archive": of("product", OPERATIONS, get=False, post={}),
    "pipeline:cost_set": of("product", OPERATIONS, post={}),
    "pipeline:price_list_list": page(READERS, shows="price_list"),
    "pipeline:price_list_new": page(OPERATIONS, post={}),
    "pipeline:price_list": of("price_list", READERS),
    "pipeline:price_list_edit": of("price_list", OPERATIONS, post={}),
    "pipeline:price_set": of("price_list", OPERATIONS, post={}),
    "pipeline:price_paste": of("price_list", OPERATIONS, post={}),
    "pipeline:record_new": page(OPERATIONS | {Role.DIRECTOR}, args=["source"], post={}),
    "pipeline:record_edit": of("lead_source", OPERATIONS | {Role.DIRECTOR}, args=lambda pk: ["source", pk], post={}),
    "pipeline:rule_delete": of("fit_rule", OPERATIONS | {Role.DIRECTOR}, get=False, post={}),
    "pipeline:token_renew": of("partner", OPERATIONS | {Role.DIRECTOR}, args=lambda pk: ["source", pk], get=False, post={}),
    "pipeline:lead_figures": page(READERS),
    "pipeline:lead_new": page(SELLING, post={}),
    "pipeline:lead_qualify": of("lead", SELLING, post={}),
    "pipeline:lead_disqualify": of("lead", SELLING, post={}),
    "pipeline:lead_assign": of("lead", LEADERS | OPERATIONS, post={}),
    "pipeline:lead_take": of("free_lead", SELLING, get=False, post={}),
    "pipeline:lead_reopen": of("dropped_lead", SELLING, get=False, post={}),
    # territories
    "territories:territory_list": page(READERS),
    "territories:territory_lookup": page(READERS, query={"q": "Zq"}),
    "territories:territory_detail": of("territory", READERS),
    "territories:account_placement": of("account", READERS),
    "territories:gap_list": of("force", READERS),
    "territories:territory_reassign": of("territory", REASSIGNING, post={}),
    "territories:territory_move": of("territory", REASSIGNING, post={}),
    "territories:seat_open": of("territory", REASSIGNING, post={}),
    "territories:seat_give": of("seat", REASSIGNING, post={}),
    # people
    "people:people": page(EVERYONE, query={"q": "Zq"}),
    "people:person_lookup": page(EVERYONE),
    "people:person_new": page(ADMINISTRATOR, post={}),
    "people:person": of("person", EVERYONE),
    "people:person_edit": of("person", ADMINISTRATOR, post={}),
    "people:person_invite": of("person", ADMINISTRATOR, get=False, post={}),
    "people:person_sign_out": of("person", ADMINISTRATOR, get=False, post={}),
    "people:person_hand_over": of("person", ADMINISTRATOR, post={}),
    "people:person_deactivate": of("person", ADMINISTRATOR, post={}),
    "people:leaving_undo": page(ADMINISTRATOR, args=["00000000-0000-0000-0000-000000000000"], get=False, post={}),
    "people:person_reactivate": of("person", ADMINISTRATOR, get=False, post={}),
    "people:visibility": of("person", {"own": EVERYONE, "mate": LEADERS | ADMINISTRATOR, "stranger": ADMINISTRATOR}),
    "people:membership_new": of("person", ADMINISTRATOR, post={}),
    "people:membership_end": of("membership", ADMINISTRATOR, post={}),
    "people:assistance_new": of("person", ADMINISTRATOR, post={}),
    "people:assistance_end": of("assistance", ADMINISTRATOR, post={}),
    "people:view_list": page(READERS),
    "people:view_menu": page(READERS, query={"page": "accounts:account_list"}),
    "people:view_new": page(READERS, query={"page": "accounts:account_list", "query": "tier=A"}),
    "people:view_edit": of("saved_view", READERS, post={}),
    "people:view_use": of("saved_view", READERS, get=False, post={}),
    "people:view_delete": of("saved_view", READERS, get=False, post={}),
    "people:absence_list": page(EVERYONE),
    "people:absence_new": of("person", PLANNED_FOR, post={}),
    "people:absence_edit": of("absence", EVERYONE, post={}),
    "people:absence_cancel": of("absence", EVERYONE, get=False, post={}),
    "people:working_week": of("person", PLANNED_FOR, post={}),
    "people:usual_week": page(ADMINISTRATOR, post={}),
    "people:teams": page(EVERYONE),
    "people:team_lookup": page(EVERYONE),
    "people:team_new": page(ADMINISTRATOR, post={}),
    "people:team": of("team", EVERYONE),
    "people:team_edit": of("team", ADMINISTRATOR, post={}),
    "people:team_delete": of("team", ADMINISTRATOR, get=False, post={}),
    "people:sign_in": public(post={}),
    "people:sign_out": public(get=False, post={}),
    "people:password_forgot": public(post={}),
    "people:password_set": public("MQ", "x-y"),
    "people:password_change": page(EVERYONE, post={}),
    "people:sessions": page(EVERYONE),
    "people:sessions_end_others": page(EVERYONE, get=False, post={}),
    "people:session_end": of("session", EVERYONE, get=False, post={}),
    # commissions
    "commissions:statement_list": page(EVERYONE, query={"mine": ""}),
    "commissions:statement_detail": of("statement", EVERYONE),
    "commissions:attainment": page(REVIEWERS),
    "commissions:credit_list": page(EVERYONE, query={"month": "2026-03"}, shows="credited_deal"),
    "commissions:period_list": page(FINANCE),
    "commissions:period_detail": of("pay_month", FINANCE),
    "commissions:period_close": of("pay_month", FINANCE, post={}),
    "commissions:period_export": of("pay_month", FINANCE),
    "commissions:quota_list": page(OPERATIONS | FINANCE),
    "commissions:quota_new": page(OPERATIONS | FINANCE, post={}),
    "commissions:quota_propose": page(OPERATIONS | FINANCE, post={}),
    "commissions:plan_list": page(EVERYONE, shows="plan"),
    "commissions:plan_detail": of("plan", EVERYONE),
    "commissions:plan_assign": of("plan", OPERATIONS | FINANCE, get=False, post={}),
}
