"""What belongs to what, brought in from a file; and who marks key accounts by one."""

from accounts.models import Account


def reasons(check):
    return {row.number: row.reason[:26] for row in check.rows.all() if row.reason}


def family():
    return dict(Account.objects.filter(parent__isnull=False).values_list("name", "parent__name"))


def test_a_parent_is_found_by_key_or_name_among_those_one_sees(imported, undone, rita, tom, account_of, line):
    top, hidden = account_of(rita, "Nordal Group"), account_of(tom, "Hidden Holding")
    Account.objects.filter(pk=top.pk).update(external_key="K0")
    for twice in ("Twin GmbH", "Twin AG"):
        account_of(rita, twice)
    done = imported(
        rita,
        "key,name,parent key,parent\nK1,Nordal Oslo,K0,\nK2,Nordal Bergen,,nordal group\nK3,A,,Hidden Holding\nK4,B,,Twin\n",
    )
    assert family() == {"Nordal Oslo": "Nordal Group", "Nordal Bergen": "Nordal Group"}
    assert reasons(done) == {4: "There is no such parent am", 5: "Several accounts go by the"}
    assert hidden.name not in done.rows.get(number=4).reason
    again = imported(rita, "key,parent key\nK1,K0\n")
    assert again.counts == {"same": 1}
    undone(done)
    assert not family()


def test_no_file_makes_an_account_belong_to_itself(imported, rita, account_of, line):
    imported(rita, "key,name\nK1,A\nK2,B\nK3,C\n")
    imported(rita, "key,parent key\nK2,K1\n")
    done = imported(rita, "key,parent key\nK1,K3\nK3,K2\n")  # A below C below B, which is below A
    assert set(reasons(done).values()) == {"This parent belongs to the"}
    assert imported(rita, "key,parent key\nK1,K1\n").counts == {"refused": 1}
    assert family() == {"B": "A"}


def test_a_file_marks_key_accounts_only_for_whoever_may_mark_one(imported, as_user, rita, mia, line):
    done = imported(rita, "key,name,key account\nK1,Alpha,yes\n")
    assert (done.counts, Account.objects.get().is_key_account) == ({"new": 1}, False)
    assert "Key account stays as it is" in done.rows.get().note
    imported(mia, "key,name,key account\nK1,Alpha,yes\n")
    assert Account.objects.get().is_key_account
