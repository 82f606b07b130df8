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

from . import accounts, others, pipeline

MATRIX = accounts.LINES | others.LINES | pipeline.LINES

__all__ = ["MATRIX"]
