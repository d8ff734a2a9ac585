from __future__ import annotations

from scoring.saying import render


def test_an_internal_choice_name_is_shown_in_words() -> None:
    said = render("Core industry ({company.industry})", "core", {"company.industry": "financial_services"})
    assert said == "Core industry (financial services)"


def test_what_a_person_typed_is_left_as_it_is() -> None:
    assert render("{person.title}", "title", {"person.title": "Head of R_and_D"}) == "Head of R_and_D"
