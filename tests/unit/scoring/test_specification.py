"""Every sentence of the specification of scoring, and the test that holds it. A test that is gone or renamed is told."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
PLACES = ("unit/scoring", "unit/leadline", "plain")

WHOLE = {
    "whoever implements this twice gets the same numbers": "agreement: both_readings_give_the_same_numbers",
    "one breakdown a line, in input order": "cli_score: each_line_of_facts_gives_one_breakdown_in_the_same_order",
    "it needs no store and no CRM": "cli_score: it_needs_no_store_and_leaves_nothing_behind",
    "the score is the same by every route": "sidecar: scores_are_the_same_bit_for_bit_by_every_route",
}
FACTS = {
    "one JSON object a line, with these keys": "facts: a_line_becomes_facts_in_utc",
    "other keys are mistakes": "facts: a_bad_line_says_what_and_where_and_never_the_value",
    "names of fields are free": "to_the_letter: names_of_fields_are_free",
    "absent, null and empty are unknown": "conditions: every_test_but_known_is_unknown_on_an_unknown_field",
    "other event types are allowed": "to_the_letter: types_of_events_are_free",
    "events later than as_of do not exist": "engine: the_future_does_not_exist_and_of_one_id_the_latest_stands",
    "those of this moment do": "to_the_letter: an_event_of_this_very_moment_exists",
    "of one id the latest stands, in any order": "engine: the_future_does_not_exist_and_of_one_id_the_latest_stands",
    "a machine's event is shown, not scored": "to_the_letter: what_a_machine_did_is_shown_and_gives_no_points",
}
MODEL = {
    "unknown keys are errors with a suggestion": "model: a_mistake_is_reported_at_its_key_with_words_that_help",
    "duplicate ids, overlapping bands, missing lists": "model: what_cannot_work_or_can_hardly_be_meant_is_remarked",
    "a field that nothing maps is an error": "model: fields_and_event_types_are_held_against_what_is_mapped",
    "loose files take any field": "cli_score: loose_files_may_ask_any_field",
    "gaps, grades and points in vain are warnings": "check_of_models: it_is_found_with_its_file_line_and_column",
    "tests inside the model run": "model: inline_tests_run_against_the_model_that_holds_them",
}
CONDITIONS = {
    "a mapping is a conjunction; all, any and not nest": "conditions: logic_is_three_valued",
    "equals, in, not_in, contains, numbers, listed": "conditions: a_known_value_is_judged",
    "between holds both ends": "to_the_letter: both_ends_of_between_are_in",
    "matches is Rust's syntax": "columns: regexes_are_rusts",
    "and takes linear time": "bad_input: no_pattern_takes_longer_than_its_text",
    "domain_listed looks at the registrable domain": "facts: the_registrable_domain_of_addresses_urls_and_hosts",
    "lists stand in files": "shipped_configuration: the_shipped_lists_hold_registrable_domains_once_each",
    "within and before count whole days": "conditions: age_is_counted_in_whole_days_between_utc_dates",
    "known is never unknown": "conditions: known_is_never_unknown",
    "several tests in one mapping are a conjunction": "conditions: a_known_value_is_judged",
    "text compares case-folded, except in matches": "conditions: a_known_value_is_judged",
    "no number, NaN and infinities are unknown": "conditions: what_is_no_finite_number_is_unknown_to_a_numeric_test",
    "a boolean equals only a boolean": "columns: one_and_true_are_two_values",
    "every test but known is unknown on the unknown": "conditions: every_test_but_known_is_unknown_on_an_unknown_field",
    "logic is three-valued": "conditions: logic_is_three_valued",
    "only true gives points": "engine: a_rule_gives_its_points_only_when_true",
}
FIT = {
    "a rule gives its points when true": "engine: a_rule_gives_its_points_only_when_true",
    "a band holds its from and not its below": "engine: a_band_holds_its_lower_end_and_not_its_upper",
    "group = min(sum, limit)": "engine: a_group_is_cut_at_its_limit_and_may_be_negative",
    "section = sum of groups within 0 and limit": "engine: a_section_is_cut_at_its_limit",
    "the first persona that is true replaces the fit": "engine: the_first_persona_that_is_true_replaces_the_fit_section",
}
ENGAGEMENT = {
    "types in on": "signals: events_of_several_types_are_one_stream",
    "where over the event's own fields": "signals: only_events_whose_where_is_true_count",
    "age within the window": "signals: events_beyond_the_window_do_not_count",
    "no window: all": "to_the_letter: without_a_window_every_age_counts",
    "age is counted between UTC dates": "signals: age_is_a_difference_of_dates_not_of_hours",
    "distinct keeps the newest of each value": (
        "signals: distinct_keeps_the_newest_of_each_value_and_takes_unknown_for_one_value"
    ),
    "unknown values are one value": ("signals: distinct_keeps_the_newest_of_each_value_and_takes_unknown_for_one_value"),
    "at_most for a day, ISO week or month": "signals: at_most_keeps_the_newest_of_each_day_iso_week_or_month",
    "of which the newest are kept": "to_the_letter: the_newest_of_a_span_are_kept",
    "fewer than at_least give nothing": "signals: fewer_than_at_least_give_nothing",
    "the steps come in this order": "signals: at_least_counts_what_distinct_and_at_most_left",
    "weight = min(1000, 1000 × seconds / full_at)": "signals: duration_weighs_an_event_up_to_full_at",
    "rounded half up": "to_the_letter: a_weight_is_rounded_half_up_also_below_zero",
    "worth rounded half away from zero": "to_the_letter: what_an_age_is_worth_is_rounded_half_away_from_zero_to_millionths",
    "decay has four shapes": "signals: decay_has_four_shapes",
    "half-lives are exact": "signals: half_life_between_whole_halvings_is_exact_to_the_millionth",
    "neither order nor repetition matters": "engine: pure_replaying_events_twice_in_any_order_changes_nothing",
    "the sum is an exact integer": "bad_input: millions_of_points_on_millions_of_events_stay_exact",
    "it is rounded half away to hundredths": "columns: halves_of_a_hundredth_go_away_from_zero_on_either_side",
    "and cut to the limit on both sides": "signals: a_signal_is_cut_to_its_limit_on_both_sides_in_a_line_of_its_own",
    "a measure is looked up in bands": "signals: a_measure_is_looked_up_in_bands",
    "days_since_last is unknown without events": "signals: without_events_a_count_is_zero_but_the_last_visit_is_unknown",
    "ties go to the greater id (at_most)": "signals: at_most_prefers_the_greater_id_among_events_of_one_moment",
    "ties go to the greater id (distinct)": "to_the_letter: of_equal_values_at_one_moment_the_greater_id_stands",
    "group and section as in fit": "to_the_letter: groups_and_the_section_of_engagement_are_cut_as_those_of_fit",
    "windows are in days or weeks": "to_the_letter: a_window_is_in_days_or_weeks",
    "full_at is in s, m or h": "to_the_letter: full_at_is_in_seconds_minutes_or_hours",
    "a score changes at most once a day": "to_the_letter: a_score_changes_at_most_once_a_day_while_no_fact_changes",
}
TOTAL = {
    "fit + engagement + overrides": "engine: overrides_count_until_they_end_and_the_total_stays_within_0_and_100",
    "the section limits sum to 100": "model: what_cannot_work_or_can_hardly_be_meant_is_remarked",
    "the letter is the highest band reached": "engine: the_letter_is_the_highest_band_reached",
    "the digit likewise": "engine: bands_can_be_moved_and_digits_have_names",
    "the digits have names": "to_the_letter: the_four_digits_have_names",
    "a knock-out takes all; the grade is X": "engine: a_knock_out_takes_everything_and_every_one_is_named",
    "shown half up, kept in hundredths": "signals: points_print_as_short_as_they_are",
}
BREAKDOWN = {
    "a breakdown has these parts": "to_the_letter: a_breakdown_has_the_parts_that_the_specification_names",
    "a line has these parts, and three newest ids": "signals: a_line_tells_how_often_when_last_and_which_events",
    "every adjustment is a line: limit, floor": "engine: a_group_is_cut_at_its_limit_and_may_be_negative",
    "override, clamp": "engine: overrides_count_until_they_end_and_the_total_stays_within_0_and_100",
    "knock-out": "engine: a_knock_out_takes_everything_and_every_one_is_named",
    "the points of all lines sum to the total": "engine: sum_of_reasons",
    "inputs are the distinct fields the fit rules ask": "engine: inputs_are_the_distinct_fields_that_fit_rules_ask",
    "up to three hints": "hints: at_most_three_are_named_the_most_valuable_first",
    "each can really happen and brings its points": "engine: every_hint_comes_true_when_it_happens",
    "tags sum before group and section limits": "engine: tags_sum_their_lines_before_group_and_section_limits",
    "the stage is the furthest that has enough": "engine: the_buying_stage_needs_enough_points",
    "three points are enough": "to_the_letter: a_stage_is_reached_with_three_points_unless_the_model_says_otherwise",
    "the strongest topic goes into the hand-over": "handover: it_names_the_strongest_topic_and_the_buying_stage",
    "compare: gained, lost": "difference: a_new_fact_is_gained_and_a_missing_one_lost",
    "decayed": "difference: time_alone_decays",
    "model changed": "difference: another_model_is_named_as_the_cause",
    "its points sum to the difference": "difference: the_changes_sum_to_the_difference_of_the_totals",
}
MACHINES = {
    "e-mail events marked so": "machine_activity: an_e_mail_event_marked_as_a_machines_does_not_score",
    "three clicks within two seconds": "machine_activity: three_clicks_within_two_seconds_are_a_machine",
    "of one person and one e-mail": "machine_activity: slower_fewer_or_unrelated_clicks_are_a_person",
    "by campaign or name": "machine_activity: the_name_tells_e_mails_apart_where_no_campaign_does",
    "a click right after sending": "machine_activity: a_click_less_than_two_seconds_after_sending_is_a_machine",
    "each rule can be switched off": "machine_activity: each_rule_can_be_switched_off",
    "and others added": "machine_activity: admins_can_add_conditions",
}
TITLES = {
    "six languages": "titles: at_least_92_in_100_titles_of_the_tuning_list_are_read_right",
    "both Chinese scripts": "titles: both_chinese_scripts_read_alike",
    "these seniorities and functions": "titles: the_tables_use_only_seniorities_and_functions_that_exist",
    "what is unreadable is unknown": "titles: what_says_nothing_is_unknown_and_not_staff",
}
TRAPS = {
    "sums of small integers wrap": "columns: sums_of_narrow_numbers_do_not_wrap",
    "NaN compares greater": "columns: nan_and_infinities_are_neither_above_nor_below",
    "division of negatives": "to_the_letter: a_weight_is_rounded_half_up_also_below_zero",
    r"\b and \d in Unicode": "columns: regexes_are_rusts",
    "look-around is refused at load": "columns: look_around_and_back_references_are_refused_when_the_model_is_read",
    "with its file and line": "check_of_models: it_is_found_with_its_file_line_and_column",
    "depth and size are bounded": "bad_input: conditions_nest_so_deep_and_no_deeper",
    "years before 1970": "bad_input: events_before_1970_are_old_and_no_more",
    "years after 9999": "bad_input: a_time_beyond_the_calendar_is_an_error_that_names_its_place",
    "ten megabytes of title": "bad_input: a_title_of_ten_megabytes_is_text_like_any_other",
    "NUL and lone surrogates": "bad_input: odd_characters_are_text",
    "100,000 events of one person": "bad_input: a_hundred_thousand_events_of_one_person_are_scored",
    "all of it on the command line": "cli_score: whatever_a_line_holds_it_is_scored_or_named",
    "lists that go missing": (
        "reload: a_list_that_goes_missing_or_unreadable_is_a_problem_and_the_last_good_one_stays_in_force"
    ),
}
SECTIONS = (WHOLE, FACTS, MODEL, CONDITIONS, FIT, ENGAGEMENT, TOTAL, BREAKDOWN, MACHINES, TITLES, TRAPS)


@cache
def named_in(name: str) -> frozenset[str]:
    """The names of the tests in the files of this name."""
    paths = [path for place in PLACES if (path := TESTS / place / f"test_{name}.py").is_file()]
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in paths)
    return frozenset(node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("sentence", "held_by"), [pair for section in SECTIONS for pair in section.items()])
def test_a_sentence_is_held_by_a_test_that_is_there(sentence: str, held_by: str) -> None:
    file, _, name = held_by.partition(": ")
    assert {name, f"test_{name}"} & named_in(file), f'no test "{name}" in test_{file}.py holds: {sentence}'
