"""The same person in both CRMs: one score, one stage, and one task, where sales works. Both sides know what each learns."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.stories.story import in_hubspot, in_salesforce, staged

ADDRESS = "cy.okoye@maple.example"
SAME = ("score", "grade", "stage", "bant", "bant_next", "reasons")


def test_a_person_in_both_crms_is_one_lead(tmp_path: Path) -> None:
    with staged(tmp_path) as world:
        marketing, sales = in_hubspot(world, ADDRESS), in_salesforce(world, ADDRESS)
        marketing.desk.arrive(ADDRESS, "VP Sales")
        marketing.desk.look_closer()
        sales.desk.arrive(ADDRESS, "VP Sales")
        sales.cycle()
        assert sales.shown("stage") == ("mql",), "too little is known"
        assert marketing.shown(*SAME) == sales.shown(*SAME)

        sales.day(1)
        sales.desk.state_budget(40_000)
        marketing.desk.start_a_trial()
        sales.cycle()
        assert sales.shown("stage") == ("sql",)
        assert marketing.shown(*SAME) == sales.shown(*SAME)
        assert sales.crossings() == ["+mql1 no task", "+sql1 task opened"]
        assert (sales.the_task().line, sales.the_task().owner) == ("sql:1", sales.desk.rep)
        assert marketing.desk.tasks() == []
        assert "Looked at pricing" in sales.the_task().body, "the rep reads what HubSpot saw"

        sales.day(2)
        marketing.desk.give_verdict("not_real")
        sales.cycle()
        assert marketing.shown("stage") == sales.shown("stage") == ("disqualified",)
        assert not sales.the_task().is_open
        assert marketing.desk.tasks() == []
