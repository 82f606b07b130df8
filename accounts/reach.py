"""Whether somebody may be reached for something planned: what a person asked for binds every plan, not what has happened."""

from django.utils.translation import gettext as _

# The kinds of activity that reach a person, and the channel they use; a meeting of any kind uses none of the three.
OUTREACH = {
    "call": "phone",
    "email": "email",
    "visit": "",
    "meeting": "",
    "needs_analysis": "",
    "demo": "",
    "proposal_meeting": "",
}


def refusal(contact, kind):
    """Why `contact` is not to be reached by an activity of `kind`, as a sentence; "" when they may be, or nobody is named."""
    return contact.refusal(OUTREACH[kind]) if contact is not None and kind in OUTREACH else ""


def warning(activity):
    """What to say when an activity that has happened reached somebody who did not want it; "" when all is well.

    It is kept all the same: a record that leaves out what happened helps nobody. What comes next leaves the person out.
    """
    said = refusal(activity.contact, activity.kind)
    return _("%(refusal)s It is noted all the same; plan nothing more with them.") % {"refusal": said} if said else ""
