"""The fit of leads as pages show it: rules and facts from the database, judged by pipeline.engine.fit when read."""

from django.utils.translation import gettext as _

from pipeline.engine.fit import Rule, fit
from pipeline.models import FitRule
from salesorg.lib.templatetags.salesorg import figure


def rules_for(user):
    """The rules of fit, in one query."""
    return [Rule(*row) for row in FitRule.objects.visible_to(user).values_list("field", "test", "value", "points")]


def fit_of(lead, rules):
    """The Fit of a lead that was read with its account, contact and source; None while there are no rules."""
    return fit(facts_of(lead), rules) if rules else None


def facts_of(lead):
    """What is known of the prospect, by the fields that rules may ask for."""
    return facts_about(lead.account, lead.contact, lead.source.name)


def facts_about(account, contact=None, source=""):
    """The same of a company that is no lead yet."""
    return {
        "industry": account.industry,
        "employees": account.employees,
        "revenue": account.annual_revenue,
        "country": account.country,
        "city": account.city,
        "domain": account.domain,
        "source": source,
        "position": contact.position if contact else "",
    }


def in_words(reasons):
    """[(points with their sign, the reason)] of a Fit."""
    labels = dict(FitRule.Field.choices)
    sentences = {
        "is": _("%(field)s is %(known)s"),
        "at_least": _("%(field)s %(known)s, at least %(value)s"),
        "at_most": _("%(field)s %(known)s, at most %(value)s"),
        "known": _("%(field)s is known: %(known)s"),
    }
    return [
        (f"{points:+d}", sentences[test] % {"field": labels[field], "known": shown(known), "value": value})
        for points, field, test, value, known in reasons
    ]


def shown(known):
    return known if isinstance(known, str) else figure(known)
