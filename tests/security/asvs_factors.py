"""Chapter V6 of the ASVS 5.0, sections 5 to 8: second factors, codes sent elsewhere, keys, providers."""

from tests.security.requirement import Requirement, met, not_applicable, of, partly

_IDENTITY = "unit/application/identity/"
_GUIDE = "docs/guide/identity.md"

SECOND_FACTORS: tuple[Requirement, ...] = (
    met(
        "6.5.1",
        2,
        "Recovery codes, sent codes and codes of apps are good once.",
        *of(
            "integration/journeys/test_second_factor_races",
            "test_of_two_hundred_offers_of_one_step_one_begins_a_session",
            "test_of_many_offers_of_one_recovery_code_one_begins_a_session",
        ),
        *of("integration/journeys/test_races", "test_of_a_thousand_right_answers_one_succeeds"),
    ),
    met(
        "6.5.2",
        2,
        "Recovery codes are kept as hashes that fit their strength.",
        *of("unit/domain/identity/test_second_factors", "test_only_fifteen_bytes_are_a_recovery_code"),
        *of("unit/domain/identity/test_second_factors", "test_digests_of_different_codes_differ"),
        *of(f"{_IDENTITY}test_resealing", "test_once_all_is_sealed_anew_the_older_secret_can_be_retired"),
        note="They have 120 bits, so that a plain digest will do; it is encrypted besides.",
    ),
    met(
        "6.5.3",
        2,
        "Codes and seeds come from a secure source of randomness.",
        *of("unit/adapters/test_pyotp_totp", "test_a_secret_is_160_bits_and_never_the_same"),
        *of("unit/adapters/test_stdlib", "test_randomness_is_as_long_as_asked_and_differs"),
        *of("unit/domain/otp/test_derivation", "test_codes_are_evenly_spread"),
        note="Sent codes are derived by HMAC from the installation's secret and a random challenge.",
    ),
    met(
        "6.5.4",
        2,
        "Recovery codes and sent codes have at least 20 bits (six digits will do).",
        *of("unit/domain/otp/test_derivation", "test_a_code_has_its_digits_with_leading_noughts"),
        *of("unit/domain/identity/test_second_factors", "test_only_fifteen_bytes_are_a_recovery_code"),
    ),
    partly(
        "6.5.5",
        2,
        "Sent codes live at most 10 minutes, codes of apps 30 seconds.",
        *of(
            f"{_IDENTITY}test_registration_codes",
            "test_a_code_is_good_for_ten_minutes_and_not_a_moment_longer",
        ),
        *of("unit/adapters/test_pyotp_totp", "test_only_the_steps_of_the_window_are_taken"),
        note="By default codes of apps are taken one step of 30 seconds early or late as well, for "
        "clocks that are off; MULTIPRODUCT_TOTP_WINDOW=0 takes the present step only. Sent codes: met.",
    ),
    met(
        "6.5.6",
        3,
        "Every factor can be revoked.",
        *of(
            f"{_IDENTITY}test_second_factors",
            "test_an_app_is_removed_with_a_proof_and_the_recovery_codes_with_the_last_one",
            "test_new_recovery_codes_void_the_older_ones",
        ),
        *of(f"{_IDENTITY}test_passkeys", "test_its_owner_renames_and_removes_it_and_nobody_else_does"),
        *of(
            f"{_IDENTITY}test_device_keys",
            "test_revoking_ends_the_sessions_that_the_key_began_and_the_persons_others",
        ),
    ),
    met(
        "6.5.7",
        3,
        "A fingerprint or face is never enough alone.",
        *of(f"{_IDENTITY}test_device_keys", "test_a_key_that_asks_nobody_does_not_sign_in"),
        note="None ever reaches the service: it unlocks a key on the device, which is what is checked.",
    ),
    met(
        "6.5.8",
        3,
        "The time for codes of apps is the server's.",
        *of(f"{_IDENTITY}test_second_factors", "test_a_step_is_good_once_also_for_another_sign_in"),
        *of("unit/entrypoints/test_http_development", "test_without_the_setting_there_is_no_test_clock"),
        note="No command carries a time.",
    ),
)

OUT_OF_BAND: tuple[Requirement, ...] = (
    partly(
        "6.6.1",
        2,
        "Texts go to proved numbers only, something stronger is offered too, and people are told of "
        "the risks.",
        *of(f"{_IDENTITY}test_phone_sign_in", "test_a_number_that_was_only_claimed_is_lost_to_its_holder"),
        *of(f"{_IDENTITY}test_signing_in", "test_a_code_in_a_short_message_signs_in"),
        *of(
            f"{_IDENTITY}test_sms_factors",
            "test_a_number_that_nobody_proved_does_not_do",
            "test_without_the_setting_nobody_can_have_it",
            "test_staff_cannot_have_it",
            "test_the_owner_is_told_by_mail_and_the_log_knows",
        ),
        note="Numbers are proved by their first code, and apps and passkeys are offered to everybody. "
        "As a second factor texts are off by default; the answer marks them as weak, and the mail names what "
        "is stronger. Telling people before they choose is left to the client.",
    ),
    met(
        "6.6.2",
        2,
        "A sent code answers only the request that it was made for.",
        *of(
            f"{_IDENTITY}test_registration_codes",
            "test_a_code_for_one_purpose_is_worth_nothing_for_another",
            "test_a_link_and_a_code_are_not_taken_for_each_other",
        ),
        *of(f"{_IDENTITY}test_code_requests", "test_a_newer_code_voids_the_older_one_of_the_same_challenge"),
        *of(f"{_IDENTITY}test_contact_changing", "test_the_code_is_good_only_for_whoever_asked"),
        *of(
            "unit/domain/otp/test_derivation", "test_whatever_it_was_made_for_changes_the_code_and_the_token"
        ),
    ),
    met(
        "6.6.3",
        2,
        "Guessing sent codes is limited.",
        *of(
            "integration/journeys/test_races",
            "test_of_a_thousand_wrong_answers_five_are_evaluated_and_the_code_is_dead",
        ),
        *of(
            f"{_IDENTITY}test_code_requests",
            "test_ten_wrong_guesses_an_hour_over_all_codes_of_an_address_are_the_most",
        ),
        *of("unit/domain/otp/test_guess_budget", "test_each_voided_code_doubles_the_wait_up_to_ten_minutes"),
    ),
    not_applicable(
        "6.6.4", 3, "Nobody can be flooded with pushed requests.", note="There are no push notifications."
    ),
)

KEYS: tuple[Requirement, ...] = (
    not_applicable(
        "6.7.1",
        3,
        "Certificates that check signatures are safe from change.",
        *of(f"{_IDENTITY}test_passkeys", "test_a_self_attestation_with_a_wrong_signature_is_refused"),
        note="No certificates are used: attestations with certificates are refused.",
    ),
    met(
        "6.7.2",
        3,
        "A challenge has at least 64 bits and is not used again.",
        *of(
            f"{_IDENTITY}test_passkeys",
            "test_a_challenge_is_answered_once_also_if_wrong_and_not_after_five_minutes",
        ),
        *of(
            "integration/journeys/test_key_races",
            "test_one_right_answer_given_many_times_to_a_passkey_challenge_signs_in_once",
            "test_one_right_answer_given_many_times_to_a_device_challenge_signs_in_once",
        ),
        note="256 random bits.",
    ),
)

PROVIDERS: tuple[Requirement, ...] = (
    met(
        "6.8.1",
        2,
        "Nobody at one provider can pass for somebody at another.",
        *of(
            f"{_IDENTITY}test_social_sign_in",
            "test_a_subject_of_one_issuer_is_nobody_at_another",
            "test_an_account_is_known_by_its_subject_though_its_address_changes_hands",
        ),
        *of(f"{_IDENTITY}test_social_state_space", "test_no_trace_lets_anybody_in_without_proof"),
    ),
    met(
        "6.8.2",
        2,
        "Signatures of providers' assertions are always checked.",
        *of("unit/adapters/test_jwt_id_tokens", "test_at_least_five_hundred_forgeries_are_refused"),
        *of("unit/adapters/test_oauth_providers", "test_forgeries_cost_at_most_one_request"),
    ),
    not_applicable("6.8.3", 2, "A SAML assertion is taken once.", note="There is no SAML."),
    met(
        "6.8.4",
        2,
        "Where a strength is expected of a provider it is checked, or the weakest is assumed.",
        *of(
            f"{_IDENTITY}test_social_sign_in",
            "test_somebody_new_gets_a_user_with_the_address_that_google_owns",
        ),
        *of(f"{_IDENTITY}test_second_step_everywhere", "test_a_linked_account_leads_to_the_second_step"),
        pages=(_GUIDE,),
        note="What providers say about strength is not read: they count as one factor (`fed`).",
    ),
)
