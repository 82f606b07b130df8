"""Which of the pay pages a person is offered beside the one that is shown."""

from salesorg.people.roles import Action


def places(user):
    """Context of commissions/_places.html."""
    return {"may_see_all_pay": user.may(Action.SEE_ALL_PAY), "may_edit_quotas": user.may(Action.EDIT_QUOTAS)}
