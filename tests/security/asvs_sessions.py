"""Chapter V7 of the ASVS 5.0: sessions."""

from tests.security.requirement import Requirement, met, not_applicable, of, partly

_IDENTITY = "unit/application/identity/"
_GUIDE = "docs/guide/identity.md"

SESSIONS: tuple[Requirement, ...] = (
    met(
        "7.1.1",
        2,
        "It is written down how long sessions last, with and without use, and why.",
        pages=(_GUIDE, "docs/adr/0008-sessions-and-refresh-tokens.md"),
    ),
    met(
        "7.1.2",
        2,
        "It is written down how many sessions one may have at once.",
        pages=(_GUIDE,),
        note="Any number.",
    ),
    met(
        "7.1.3",
        2,
        "It is written down how sessions here and at providers hang together.",
        pages=(_GUIDE,),
    ),
    met(
        "7.2.1",
        1,
        "Tokens are checked on the server.",
        *of(
            "unit/entrypoints/test_http_identity",
            "test_a_token_that_is_not_good_is_refused_where_it_is_looked_at",
        ),
        *of(
            "unit/entrypoints/test_http_permissions", "test_exactly_those_are_admitted_whom_the_matrix_names"
        ),
    ),
    met(
        "7.2.2",
        1,
        "Sessions have tokens of their own, not keys that never change.",
        *of(f"{_IDENTITY}test_session_keeping", "test_a_chain_of_refreshes_goes_on"),
        *of(f"{_IDENTITY}test_review_regressions", "test_the_representation_of_tokens_shows_neither"),
    ),
    met(
        "7.2.3",
        1,
        "Tokens that stand for a session have at least 128 bits that nobody guesses.",
        *of(
            f"{_IDENTITY}test_session_keeping",
            "test_no_part_of_a_refresh_token_can_be_changed",
            "test_what_is_no_refresh_token_is_refused",
        ),
        note="A MAC of 128 bits under the installation's secret, in place of a stored random value.",
    ),
    partly(
        "7.2.4",
        1,
        "Whoever signs in, also again, gets new tokens, and the old ones end.",
        *of(f"{_IDENTITY}test_device_sessions", "test_sessions_are_listed_with_what_tells_them_apart"),
        *of(f"{_IDENTITY}test_stepping_up", "test_the_password_makes_the_session_recent_again"),
        note="Each sign-in begins a new session and no caller can bring its own. A step-up keeps the "
        "session and its tokens, and a sign-in leaves the person's sessions on other devices alone.",
    ),
    met(
        "7.3.1",
        2,
        "A session that nobody uses ends.",
        *of("unit/domain/identity/test_session", "test_a_session_nobody_uses_ends_after_the_idle_lifetime"),
        *of(f"{_IDENTITY}test_session_keeping", "test_a_session_nobody_used_for_a_month_is_over"),
    ),
    met(
        "7.3.2",
        2,
        "Every session ends some day.",
        *of(
            "unit/domain/identity/test_session",
            "test_use_prolongs_a_session_but_not_beyond_the_absolute_lifetime",
        ),
        *of(f"{_IDENTITY}test_session_keeping", "test_access_never_outlives_the_session"),
    ),
    met(
        "7.4.1",
        1,
        "A session that is over is of no use any more.",
        *of(f"{_IDENTITY}test_session_keeping", "test_signing_out_ends_the_session_at_once"),
        *of("integration/journeys/test_races", "test_after_a_sign_out_amid_refreshes_no_token_lives"),
        *of(
            "integration/journeys/test_revocation_everywhere",
            "test_one_or_the_others_are_over_everywhere",
        ),
    ),
    met(
        "7.4.2",
        1,
        "All sessions of somebody suspended or deleted end.",
        *of(f"{_IDENTITY}test_session_keeping", "test_somebody_suspended_is_out_at_once"),
        *of(
            f"{_IDENTITY}test_user_administration",
            "test_whoever_is_suspended_is_out_everywhere_and_told_of_it",
        ),
        *of(f"{_IDENTITY}test_own_data", "test_an_erasure_leaves_a_pseudonym_and_nothing_personal"),
    ),
    met(
        "7.4.3",
        2,
        "After a change of password or factors the other sessions can be ended.",
        *of(f"{_IDENTITY}test_password_change", "test_the_session_that_changes_it_stays_and_the_others_end"),
        *of(f"{_IDENTITY}test_password_reset", "test_every_session_of_the_person_is_over_and_nobody_elses"),
        *of(
            f"{_IDENTITY}test_second_factors",
            "test_confirming_ends_the_other_sessions_and_is_told_by_mail",
        ),
        *of(
            f"{_IDENTITY}test_passkey_second_step",
            "test_adding_and_removing_a_passkey_end_the_other_sessions_and_are_told_by_mail",
        ),
        *of(
            f"{_IDENTITY}test_device_keys", "test_enrolling_ends_the_persons_other_sessions_and_nobody_elses"
        ),
        *of(f"{_IDENTITY}test_device_sessions", "test_one_the_others_or_all_are_ended"),
        note="They end by themselves; after a first password or a linked account they can be ended by hand.",
    ),
    not_applicable(
        "7.4.4",
        2,
        "Every page for signed-in people has a way to sign out.",
        note="The pages of the service know nobody as signed in; clients have an endpoint for signing out.",
    ),
    met(
        "7.4.5",
        2,
        "Administrators can end somebody's sessions.",
        *of(f"{_IDENTITY}test_device_sessions", "test_staff_end_somebody_elses_sessions_by_permission_only"),
        *of("integration/journeys/test_revocation_everywhere", "test_what_staff_ends_is_over_everywhere"),
        note="One person at a time.",
    ),
    met(
        "7.5.1",
        2,
        "Address, number and factors change only after a recent proof of who one is.",
        *of(f"{_IDENTITY}test_contact_changing", "test_it_needs_a_recent_sign_in"),
        *of(f"{_IDENTITY}test_second_factors", "test_changes_need_a_recent_proof"),
        *of(
            f"{_IDENTITY}test_passkeys",
            "test_adding_and_giving_up_need_a_recent_proof_and_somebody_signed_in",
        ),
        *of(f"{_IDENTITY}test_social_linking", "test_changes_need_a_recent_sign_in_of_somebody"),
        *of("unit/application/test_recent_proof", "test_a_proof_is_recent_for_less_than_five_minutes"),
        note="Except for giving up the key of a lost device, which is never refused.",
    ),
    partly(
        "7.5.2",
        2,
        "People see their sessions and, after a proof of who they are, end them.",
        *of(
            f"{_IDENTITY}test_device_sessions",
            "test_sessions_are_listed_with_what_tells_them_apart",
            "test_one_the_others_or_all_are_ended",
            "test_what_is_anothers_or_over_is_not_found",
        ),
        note="Ending them takes no further proof: it should be quick for whoever finds a stranger in the "
        "list, and a stranger who does it gains nothing.",
    ),
    met(
        "7.5.3",
        3,
        "What matters most takes another proof.",
        *of(f"{_IDENTITY}test_own_data", "test_sensitive_things_take_a_recent_sign_in"),
        *of(f"{_IDENTITY}test_role_assigning", "test_changes_need_a_recent_proof_of_who_it_is"),
        *of(
            "unit/entrypoints/test_http_second_factors", "test_what_needs_a_recent_proof_says_which_would_do"
        ),
    ),
    met(
        "7.6.1",
        2,
        "Sessions here and at providers last and end as documented.",
        *of(
            f"{_IDENTITY}test_social_linking",
            "test_what_apple_takes_back_is_unlinked_and_every_session_ends",
            "test_a_revoked_consent_leaves_the_last_way_in_and_ends_the_sessions",
        ),
        pages=(_GUIDE,),
    ),
    met(
        "7.6.2",
        2,
        "No session begins without the person's doing.",
        *of("unit/entrypoints/test_http_social", "test_a_browser_goes_and_comes_back_with_its_cookie"),
        *of(
            f"{_IDENTITY}test_social_sign_in",
            "test_a_state_is_good_once_in_its_browser_at_its_provider_and_for_ten_minutes",
        ),
        *of(
            "unit/entrypoints/test_http_link_pages",
            "test_looking_at_a_verification_link_changes_nothing_and_its_button_verifies",
        ),
    ),
)
