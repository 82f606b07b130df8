"""The states of a handoff and the checks of a package, without a database."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine import handoffs
from pipeline.engine.handoffs import Field
from pipeline.frameworks import FRAMEWORKS

STEPS = st.lists(st.sampled_from(sorted(handoffs.TAKEN_BY)), max_size=12)
BANT = FRAMEWORKS["BANT"].fields()


def walk(taken):
    """The states that these steps lead through; one that is not possible changes nothing."""
    states = [handoffs.OFFERED]
    for step in taken:
        states.append(handoffs.after(states[-1], step) or states[-1])
    return states


@settings(max_examples=200)
@given(STEPS)
def test_credit_once_given_is_taken_back_by_a_disqualification_alone(taken):
    states = walk(taken)
    for (before, now), step in zip(pairwise(states), taken, strict=True):
        if before in handoffs.CREDITED and now not in handoffs.CREDITED:
            assert (step, now) == (handoffs.DISQUALIFY, handoffs.DISQUALIFIED)
        if now == handoffs.RETURNED and before != now:
            assert before == handoffs.OFFERED
        if before in (handoffs.RETURNED, handoffs.WITHDRAWN, handoffs.DISQUALIFIED):
            assert now == before, "what has ended stays ended"


@given(
    st.sampled_from(sorted({state for state, _step in handoffs.STEPS})), st.sets(st.sampled_from(["giver", "taker", "leader"]))
)
def test_only_steps_that_are_possible_and_theirs_are_open_to_somebody(state, parts):
    for step in handoffs.steps_for(state, parts):
        assert handoffs.after(state, step)
        assert handoffs.may_take(step, parts)
    if "leader" not in parts or "giver" in parts:
        assert not {handoffs.DISQUALIFY, handoffs.UPHOLD} & set(handoffs.steps_for(state, parts))
    if parts == {"giver"}:
        assert set(handoffs.steps_for(state, parts)) <= {handoffs.WITHDRAW}


SAID = st.sampled_from(["", None, 7, "a", "2026-03-02", "a\x00", "x" * 6000])
answers = st.dictionaries(st.sampled_from([each.key for each in BANT]), SAID)


@settings(max_examples=100)
@given(answers)
def test_a_package_that_passes_has_every_answer_and_keeps_what_was_asked_alone(given_answers):
    kept = handoffs.kept(BANT, given_answers | {"other": "x"})
    assert "other" not in kept
    if not handoffs.missing(BANT, given_answers) and not handoffs.unreadable(BANT, given_answers):
        assert all(kept[each.key] for each in BANT if each.required)
        assert not any("\x00" in answer for answer in kept.values())


def test_answers_are_of_their_kind_and_no_longer_than_a_person_reads():
    fields = [Field("t", "Text"), Field("d", "Day", "date"), Field("n", "Number", "number"), Field("y", "Yes", "yes")]
    fields.append(Field("c", "Choice", "choice", choices=("a", "b")))
    good = {"t": "x" * 300, "d": "2026-03-02", "n": "-12.5", "y": True, "c": "a"}
    assert handoffs.unreadable(fields, good) == []
    bad = {"t": "x" * 301, "d": "1900-01-01", "n": "1e99", "y": "on", "c": "z"}
    assert handoffs.unreadable(fields, bad) == fields
    for nonsense in ("NaN", "²", "9" * 5000, "a\x00"):
        assert [each.key for each in handoffs.unreadable(fields, dict.fromkeys("dn", nonsense))] == ["d", "n"]


def test_questions_without_a_name_twice_or_of_no_kind_cannot_be_asked():
    good = [Field("a", "A"), Field("b", "B", "choice", choices=("x",))]
    assert handoffs.unfit(good) == []
    wrong = [*good, Field("a", "Twice"), Field("c", " "), Field("d", "D", "colour"), Field("e", "E", "choice"), Field("", "F")]
    assert handoffs.unfit(wrong) == ["Twice", " ", "D", "E", "F"]
    assert all(handoffs.unfit(each.fields()) == [] and each.reasons() for each in FRAMEWORKS.values())
