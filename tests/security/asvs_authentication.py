"""Chapter V6 of the ASVS 5.0, sections 1 to 4: passwords, authentication in general, the life of factors."""

from tests.security.requirement import Requirement, met, not_met, of, partly

_IDENTITY = "unit/application/identity/"
_GUIDE = "docs/guide/identity.md"
_LIMITS = "docs/adr/0007-rate-limiting-by-grouped-log.md"

DOCUMENTATION: tuple[Requirement, ...] = (
    met(
        "6.1.1",
        1,
        "It is written down how guessing and stuffing are held off, how that is set, and how nobody "
        "gets locked out.",
        pages=(_GUIDE, _LIMITS, "docs/adr/0009-passwords.md", "SECURITY.md"),
    ),
    met(
        "6.1.2",
        2,
        "The words that a password may not be made of are written down.",
        pages=(_GUIDE,),
        note="They are the words of the account and the brand, not a list.",
    ),
    met(
        "6.1.3",
        2,
        "All ways in are written down with their strength and what protects them.",
        pages=(_GUIDE,),
    ),
)

PASSWORDS: tuple[Requirement, ...] = (
    met(
        "6.2.1",
        1,
        "A password has at least 8 characters.",
        *of("unit/domain/identity/test_passwords", "test_a_refusal_names_the_rule_that_is_broken"),
        *of("unit/domain/identity/test_passwords", "test_a_house_may_ask_for_longer_passwords"),
    ),
    met(
        "6.2.2",
        1,
        "People can change their password.",
        *of(f"{_IDENTITY}test_password_change", "test_the_new_password_signs_in_and_the_old_one_does_not"),
    ),
    met(
        "6.2.3",
        1,
        "Changing it takes the present one too.",
        *of(
            f"{_IDENTITY}test_password_change",
            "test_a_wrong_current_password_changes_nothing_and_is_audited_as_a_failed_sign_in",
        ),
    ),
    met(
        "6.2.4",
        1,
        "New passwords are held against the 3,000 most common ones that the rules would allow.",
        *of(
            "unit/domain/identity/test_guessability",
            "test_every_common_password_that_django_refuses_is_refused_here",
        ),
        *of("unit/domain/identity/test_passwords", "test_what_is_tried_first_is_refused"),
        note="Passwords are judged by what they are made of, which refuses 97 in 100 of Django's 20,000 "
        "common ones; those that it lets through are shipped as digests.",
    ),
    met(
        "6.2.5",
        1,
        "No kinds of characters are asked for or forbidden.",
        *of("unit/domain/identity/test_passwords", "test_no_composition_is_asked_for"),
    ),
    met(
        "6.2.6",
        1,
        "Fields for passwords hide what is typed.",
        *of(
            "unit/entrypoints/test_http_link_pages",
            "test_a_reset_link_sets_a_password_that_is_good_enough",
        ),
        *of("unit/entrypoints/test_http_users", "test_the_story_of_an_invitation"),
    ),
    met(
        "6.2.7",
        1,
        "Pasting and password managers work.",
        *of(
            "unit/entrypoints/test_http_account_pages",
            "test_every_input_has_a_label_and_a_name_for_password_managers",
        ),
        *of("unit/entrypoints/test_http_link_pages", "test_pages_allow_their_own_style_and_nothing_else"),
        note="The pages run no script that could forbid it.",
    ),
    met(
        "6.2.8",
        1,
        "A password is checked as it was typed: not cut, not folded.",
        *of("unit/domain/identity/test_passwords", "test_preparing_trims_and_folds_nothing"),
        *of("unit/adapters/test_passlib_passwords", "test_passwords_of_any_script_and_length_are_kept_whole"),
        *of(f"{_IDENTITY}test_signing_in", "test_the_same_password_typed_on_another_keyboard_is_the_same"),
        note="It is brought to Unicode's form NFC, which changes how a letter is encoded and not "
        "which it is.",
    ),
    met(
        "6.2.9",
        2,
        "Passwords of 64 characters are taken.",
        *of("unit/domain/identity/test_passwords", "test_the_longest_password_may_be_typed_decomposed"),
        *of("unit/adapters/test_passlib_passwords", "test_passwords_of_any_script_and_length_are_kept_whole"),
        note="Up to 1,024 bytes.",
    ),
    met(
        "6.2.10",
        2,
        "Nobody has to change a password because of its age.",
        pages=(_GUIDE,),
        note="No test: there is no age of a password that anything could look at.",
    ),
    met(
        "6.2.11",
        2,
        "The words of 6.1.2 are refused as passwords.",
        *of(
            "unit/domain/identity/test_passwords",
            "test_words_of_the_context_with_a_few_digits_are_refused",
            "test_every_context_word_is_refused_with_a_number_on_either_side",
        ),
        *of(f"{_IDENTITY}test_password_change", "test_words_of_the_account_and_the_brand_are_no_password"),
    ),
    partly(
        "6.2.12",
        2,
        "New passwords are held against those known from breaches.",
        *of(
            f"{_IDENTITY}test_password_change",
            "test_a_password_from_a_breach_is_refused_wherever_one_is_chosen",
            "test_a_breach_service_that_is_gone_keeps_nobody_from_a_password",
        ),
        *of("integration/adapters/test_breaches", "test_a_password_that_is_listed_is_known"),
        note="Only where MULTIPRODUCT_BREACH_URL names a service, which is not so by default. One that "
        "cannot be reached refuses nothing.",
    ),
)

GENERAL: tuple[Requirement, ...] = (
    met(
        "6.3.1",
        1,
        "What 6.1.1 promises against guessing is there.",
        *of(
            f"{_IDENTITY}test_failed_sign_ins",
            "test_guesses_at_one_account_from_one_address_are_limited_but_its_owner_is_not",
            "test_the_owner_is_warned_of_the_fifth_failure_within_an_hour",
        ),
        *of(
            "integration/journeys/test_races",
            "test_of_a_thousand_wrong_answers_five_are_evaluated_and_the_code_is_dead",
        ),
        *of(
            "integration/adapters/test_redis_rate_limiter",
            "test_eight_processes_that_hammer_one_key_get_exactly_the_quota",
        ),
        *of(
            "unit/application/identity/test_sign_in_budget",
            "test_guesses_from_many_addresses_are_judged_a_hundred_times_in_a_row",
            "test_the_owner_comes_in_from_a_network_used_before_and_ends_the_wait",
        ),
    ),
    met(
        "6.3.2",
        1,
        "There are no accounts that come with the installation.",
        *of("unit/test_fresh_installation", "test_there_are_no_accounts_that_come_with_it"),
        *of("unit/entrypoints/test_cli", "test_production_refuses_demo_people"),
    ),
    partly(
        "6.3.3",
        2,
        "Everybody needs a second factor.",
        *of(
            "unit/entrypoints/test_http_second_factors",
            "test_staff_without_a_second_factor_may_only_set_one_up",
        ),
        *of(f"{_IDENTITY}test_second_factors", "test_with_one_the_password_only_leads_to_the_second_step"),
        note="Customers choose whether to have one; whoever has one is always asked. For administrators "
        "MULTIPRODUCT_STAFF_SECOND_FACTOR makes it a must, which is not so by default.",
    ),
    met(
        "6.3.4",
        2,
        "No way in is left out of the documentation, and none is weaker than the others.",
        *of(
            f"{_IDENTITY}test_second_step_everywhere",
            "test_a_texted_code_leads_to_the_second_step",
            "test_the_key_of_a_device_leads_to_the_second_step",
            "test_a_linked_account_leads_to_the_second_step",
            "test_a_new_password_does_not_stand_in_for_the_second_factor",
        ),
        *of(f"{_IDENTITY}test_second_factors", "test_a_mailed_code_leads_to_the_second_step_as_well"),
        *of(f"{_IDENTITY}test_device_keys", "test_an_administrator_does_not_get_in_by_a_key_alone"),
        *of("unit/entrypoints/test_http_documentation", "test_every_endpoint_and_alias_is_in_it_once"),
        pages=(_GUIDE,),
    ),
    partly(
        "6.3.5",
        3,
        "People hear of suspicious attempts.",
        *of(
            f"{_IDENTITY}test_failed_sign_ins", "test_the_owner_is_warned_of_the_fifth_failure_within_an_hour"
        ),
        *of(f"{_IDENTITY}test_device_sessions", "test_another_device_or_network_is_told_of"),
        note="Of repeated failures, new devices, copied tokens and locked factors; not of a first "
        "factor alone.",
    ),
    not_met(
        "6.3.6",
        3,
        "Mail is not used to sign in.",
        note="A mailed code may be used in place of the password; it is counted as one factor.",
    ),
    met(
        "6.3.7",
        3,
        "People hear of changes to how they sign in.",
        *of(f"{_IDENTITY}test_password_reset", "test_the_owner_is_told"),
        *of(f"{_IDENTITY}test_password_change", "test_the_owner_is_told_by_mail"),
        *of(f"{_IDENTITY}test_contact_changing", "test_the_old_address_is_told_at_once_and_at_the_end"),
        *of(
            f"{_IDENTITY}test_passkey_second_step",
            "test_adding_and_removing_a_passkey_end_the_other_sessions_and_are_told_by_mail",
        ),
        *of(
            f"{_IDENTITY}test_second_factors",
            "test_confirming_ends_the_other_sessions_and_is_told_by_mail",
        ),
        note="By mail; whoever has none hears of a change of the number at the old number only.",
    ),
    met(
        "6.3.8",
        3,
        "Nobody learns who has an account from signing in, signing up or resetting.",
        *of(
            f"{_IDENTITY}test_sameness",
            "test_known_and_unknown_people_cost_and_answer_the_same",
            "test_known_and_new_numbers_cost_and_answer_the_same",
            "test_a_second_factor_shows_only_after_the_first_one_was_right",
        ),
        note="The check of user names tells about names on purpose, within its limit.",
    ),
)

LIFE: tuple[Requirement, ...] = (
    met(
        "6.4.1",
        1,
        "First secrets are drawn by lot, short-lived and never stay as passwords.",
        *of(
            f"{_IDENTITY}test_invitations",
            "test_looking_at_a_link_changes_nothing_and_it_is_good_once",
            "test_a_link_that_was_tampered_with_is_none",
            "test_an_account_that_staff_made_gets_its_first_password",
        ),
        *of("unit/domain/otp/test_derivation", "test_codes_are_evenly_spread"),
        note="Invitations are good for 7 days, codes for 10 minutes; neither is ever a password.",
    ),
    met(
        "6.4.2",
        1,
        "There are no hints and no secret questions.",
        *of(
            "unit/entrypoints/test_http_documentation",
            "test_nobody_is_asked_for_a_hint_or_a_secret_question",
        ),
    ),
    met(
        "6.4.3",
        2,
        "A reset of the password is safe and leaves the second factor in place.",
        *of(
            f"{_IDENTITY}test_second_step_everywhere",
            "test_a_new_password_does_not_stand_in_for_the_second_factor",
        ),
        *of(f"{_IDENTITY}test_password_reset", "test_a_code_sets_one_password"),
        *of(
            f"{_IDENTITY}test_review_regressions",
            "test_a_password_reset_ends_the_link_of_a_code_that_was_guessed_to_death",
        ),
    ),
    met(
        "6.4.4",
        2,
        "Whoever lost a factor proves as much as when it was set up.",
        *of(
            f"{_IDENTITY}test_second_factors",
            "test_a_recovery_code_stands_in_once_and_its_owner_hears_of_it",
            "test_an_app_is_removed_with_a_proof_and_the_recovery_codes_with_the_last_one",
        ),
        *of(f"{_IDENTITY}test_stepping_up", "test_who_has_a_second_factor_cannot_step_up_by_a_mailed_code"),
        *of(
            f"{_IDENTITY}test_passkey_second_step",
            "test_recovery_codes_come_with_the_first_passkey_and_one_completes_a_sign_in",
        ),
        note="By a recovery code or another factor. Nobody else, staff included, can take a factor away.",
    ),
    partly(
        "6.4.6",
        3,
        "Staff can start a reset and never choose somebody's password.",
        *of(
            f"{_IDENTITY}test_user_administration",
            "test_an_account_is_made_without_a_password_and_its_owner_invited",
        ),
        note="Staff cannot set a password over HTTP, nor start a reset for somebody. Whoever may run "
        "commands on the server gives the first administrators theirs.",
    ),
)
