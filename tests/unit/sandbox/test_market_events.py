"""Deals and engagement of the made-up market: in their window, possible in their CRM, and told by propensity."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import mean

import pytest

from sandbox.market.generate import generate
from sandbox.market.model import Deal, Event, Market

AS_OF = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
CHANNELS = {
    "hubspot": {"rollup", "call", "email", "meeting", "note", "task"},
    "salesforce": {"campaign_member", "task", "event", "email_message"},
}


@pytest.fixture(scope="module")
def market() -> Market:
    return generate(2_000, 7, AS_OF)


def propensity_of(market: Market, deals: list[Deal]) -> float:
    return mean(market.people[role.person].propensity for deal in deals for role in deal.roles)


def events_of(market: Market, person: int) -> list[Event]:
    return [event for event in market.events if event.person == person]


def test_all_events_lie_in_the_180_days_before_as_of(market: Market) -> None:
    assert all(AS_OF - timedelta(days=180) <= event.at <= AS_OF for event in market.events)
    assert min(event.at for event in market.events) < AS_OF - timedelta(days=175)
    assert max(event.at for event in market.events) > AS_OF - timedelta(days=1)


def test_an_event_is_kept_by_a_crm_that_knows_the_person_in_a_channel_it_has(market: Market) -> None:
    for event in market.events:
        person = market.people[event.person]
        assert person.in_hubspot if event.crm == "hubspot" else person.in_salesforce != "none"
        assert event.channel in CHANNELS[event.crm]


def test_every_channel_of_both_crms_is_in_use(market: Market) -> None:
    used = Counter((event.crm, event.channel) for event in market.events)
    assert set(used) == {(crm, channel) for crm, channels in CHANNELS.items() for channel in channels}
    assert min(used.values()) > 50


def test_salesforce_has_no_page_views_and_no_clicks(market: Market) -> None:
    kinds = {event.kind for event in market.events if event.crm == "salesforce"}
    assert kinds.isdisjoint({"page_view", "email_click", "unsubscribe", "note"})
    assert {"webinar", "demo_request", "meeting", "call", "email_reply"} <= kinds


def test_people_without_an_address_get_no_mail_and_leave_no_trace_on_the_site(market: Market) -> None:
    silent = [event for event in market.events if market.people[event.person].email is None]
    assert silent
    assert all(event.channel not in {"rollup", "email", "email_message"} for event in silent)


def test_nobody_answers_a_campaign_twice_or_before_it_begins(market: Market) -> None:
    answers = [event for event in market.events if event.channel == "campaign_member"]
    assert max(Counter((event.person, event.campaign) for event in answers).values()) == 1
    for event in answers:
        assert event.campaign is not None
        campaign = market.campaigns[event.campaign]
        assert campaign.kind == event.kind
        assert campaign.start <= event.at.date()


def test_an_email_is_sent_before_it_is_opened_clicked_or_answered(market: Market) -> None:
    mails = [event for event in market.events if event.kind in {"email_open", "email_click", "email_reply", "email_bounce"}]
    assert all(event.sent_at is not None and event.sent_at < event.at for event in mails)


def test_scanners_click_within_two_seconds_and_people_do_not(market: Market) -> None:
    clicks = [event for event in market.events if event.kind == "email_click"]
    machine = [event for event in clicks if event.machine]
    bursts = Counter((event.person, event.name, event.sent_at) for event in machine)
    hasty = 0
    for event in machine:
        assert event.sent_at is not None
        quick = event.at - event.sent_at < timedelta(seconds=2)
        hasty += quick
        assert quick or bursts[event.person, event.name, event.sent_at] == 3
    assert 0 < hasty < len(machine) < len(clicks) / 3
    assert all(event.sent_at and event.at - event.sent_at > timedelta(seconds=2) for event in clicks if not event.machine)


def test_deals_are_won_lost_and_open_in_both_crms(market: Market) -> None:
    outcomes = Counter((deal.crm, "open" if deal.open else deal.stage) for deal in market.deals)
    assert set(outcomes) == {(crm, outcome) for crm in CHANNELS for outcome in ("open", "won", "lost")}
    assert min(outcomes.values()) >= 15


def test_a_deal_ends_in_its_stage_and_says_so(market: Market) -> None:
    for deal in market.deals:
        times = [change.at for change in deal.stages]
        assert times == sorted(times)
        assert times[-1] <= AS_OF
        assert deal.stages[-1].stage == deal.stage
        assert (deal.open, deal.won) == (deal.stage not in {"won", "lost"}, deal.stage == "won")
        assert deal.open or deal.close_date == times[-1].date()


def test_people_and_company_of_a_deal_are_in_its_crm(market: Market) -> None:
    for deal in market.deals:
        company = market.companies[deal.company]
        assert company.in_hubspot if deal.crm == "hubspot" else company.in_salesforce
        for role in deal.roles:
            person = market.people[role.person]
            assert person.in_hubspot if deal.crm == "hubspot" else person.in_salesforce in {"contact", "converted"}
        assert sum(role.primary for role in deal.roles) == bool(deal.roles)


def test_a_company_is_where_its_people_are(market: Market) -> None:
    for person in market.people:
        if person.company is not None:
            company = market.companies[person.company]
            assert company.in_hubspot or not person.in_hubspot
            assert company.in_salesforce or person.in_salesforce not in {"contact", "converted"}


def test_won_deals_have_likelier_buyers_than_lost_ones(market: Market) -> None:
    won = propensity_of(market, [deal for deal in market.deals if deal.won])
    lost = propensity_of(market, [deal for deal in market.deals if deal.stage == "lost"])
    assert won > lost + 0.1


def test_most_won_deals_follow_activity_of_their_people(market: Market) -> None:
    won = [deal for deal in market.deals if deal.won]
    first: dict[int, datetime] = {}
    for event in market.events:
        first[event.person] = min(event.at, first.get(event.person, AS_OF))
    preceded = sum(any(first.get(role.person, AS_OF) < deal.stages[-1].at for role in deal.roles) for deal in won)
    assert preceded > 0.9 * len(won)


def test_titles_and_company_size_hint_at_propensity_without_giving_it_away(market: Market) -> None:
    leaders = [person.propensity for person in market.people if person.seniority in {"c_level", "vp", "director", "head"}]
    others = [person.propensity for person in market.people if person.seniority in {"staff", "entry", "intern"}]
    assert mean(leaders) > mean(others) + 0.15
    assert max(others) > mean(leaders)
    assert min(leaders) < mean(others)


def test_most_people_are_cold_and_a_few_are_hot_these_days(market: Market) -> None:
    lately = Counter(event.person for event in market.events if event.at > AS_OF - timedelta(days=14))
    streaks = [person for person, times in lately.items() if times >= 8]
    assert len(lately) < 800
    assert 20 < len(streaks) < 150
    assert mean(market.people[person].propensity for person in streaks) > mean(p.propensity for p in market.people) + 0.15


def test_hands_went_up_in_the_last_days_in_both_crms(market: Market) -> None:
    raised = [event for event in market.events if event.kind == "demo_request" and event.at > AS_OF - timedelta(days=5)]
    assert {event.crm for event in raised} == {"hubspot", "salesforce"}
    assert 10 < len(raised) < 100


def test_who_opted_out_in_hubspot_ends_with_an_unsubscribe(market: Market) -> None:
    leavers = {event.person for event in market.events if event.kind == "unsubscribe"}
    assert len(leavers) > 20
    assert all(market.people[person].opted_out for person in leavers)
    assert all(max(events_of(market, person), key=lambda e: e.key).kind == "unsubscribe" for person in list(leavers)[:10])
