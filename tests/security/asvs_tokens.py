"""Chapters V9 and V10 of the ASVS 5.0: tokens that speak for themselves, OAuth and OpenID Connect."""

from tests.security.requirement import Requirement, met, not_applicable, not_met, of, partly

_IDENTITY = "unit/application/identity/"
_ACCESS = "unit/adapters/test_jwt_access_tokens"
_ID = "unit/adapters/test_jwt_id_tokens"
_SOCIAL = f"{_IDENTITY}test_social_sign_in"
_NO_SERVER = (
    "The service issues tokens for itself alone and is no authorization server: it has no clients of others."
)
_NO_PROVIDER = "The service is no OpenID provider."

TOKENS: tuple[Requirement, ...] = (
    met(
        "9.1.1",
        1,
        "Tokens are believed after their signature was checked.",
        *of(
            _ACCESS,
            "test_a_signature_by_another_key_is_refused",
            "test_any_changed_character_spoils_a_token",
            "test_no_signature_is_no_signature",
        ),
        *of(_ID, "test_at_least_five_hundred_forgeries_are_refused"),
    ),
    met(
        "9.1.2",
        1,
        "Only named algorithms are taken; none and mixing kinds of keys are refused.",
        *of(_ACCESS, "test_the_public_key_is_no_shared_secret", "test_a_header_that_is_not_ours_is_refused"),
        *of(
            _ID,
            "test_an_algorithm_that_is_not_expected_is_refused_though_the_key_could",
            "test_a_key_that_is_not_for_the_algorithm_checks_nothing",
        ),
    ),
    met(
        "9.1.3",
        1,
        "Keys come from where we know them, never from the token.",
        *of(_ACCESS, "test_a_key_that_the_token_brings_along_is_not_used"),
        *of(
            _ID,
            "test_a_key_brought_along_is_not_looked_at_where_the_signature_is_good",
            "test_a_forgery_is_refused_although_the_attackers_key_is_in_the_set_under_another_name",
        ),
    ),
    met(
        "9.2.1",
        1,
        "Tokens are taken within their time only.",
        *of(
            _ACCESS,
            "test_expiry_is_judged_by_the_business_clock_and_half_open",
            "test_a_token_from_the_future_is_refused_beyond_the_leeway",
        ),
        *of(_ID, "test_times_are_judged_by_the_clock_that_is_given"),
    ),
    met(
        "9.2.2",
        2,
        "A token is taken for what it is made for only.",
        *of(
            _ACCESS,
            "test_a_token_has_the_fields_of_rfc_9068",
            "test_claims_that_are_not_ours_are_refused_although_the_signature_is_good",
        ),
        *of(
            f"{_IDENTITY}test_session_keeping",
            "test_an_access_token_is_no_refresh_token_and_the_other_way_round",
        ),
        *of("unit/adapters/test_oauth_providers", "test_an_access_token_of_google_is_not_believed"),
    ),
    met(
        "9.2.3",
        2,
        "A token for somebody else is refused.",
        *of(_ACCESS, "test_claims_that_are_not_ours_are_refused_although_the_signature_is_good"),
        *of(_ID, "test_at_least_five_hundred_forgeries_are_refused"),
    ),
    met(
        "9.2.4",
        2,
        "Tokens by one key for several services name the one that each is for.",
        *of(_ACCESS, "test_a_token_has_the_fields_of_rfc_9068"),
        note="The keys sign for one service only, which is named in `aud`.",
    ),
)

CLIENT: tuple[Requirement, ...] = (
    met(
        "10.1.1",
        2,
        "Tokens go to nobody who does not need them.",
        *of(
            _SOCIAL,
            "test_nothing_that_is_kept_of_a_departure_can_be_used",
            "test_an_answer_of_another_issuer_is_refused_before_its_code_goes_anywhere",
        ),
        *of(f"{_IDENTITY}test_session_keeping", "test_no_token_is_kept"),
        note="Tokens of providers stay on the server and are not kept. Our own go to whoever signed in; "
        "whether a client in a browser keeps them behind a server of its own is for the client to decide.",
    ),
    partly(
        "10.1.2",
        2,
        "What comes back from a provider must belong to a departure of the same browser.",
        *of(
            _SOCIAL,
            "test_a_state_is_good_once_in_its_browser_at_its_provider_and_for_ten_minutes",
            "test_a_token_for_another_departure_is_refused",
            "test_a_stolen_code_is_worth_nothing_in_another_departure",
        ),
        *of(
            "integration/journeys/test_social_races",
            "test_of_many_that_come_back_with_one_state_one_signs_in",
        ),
        note="Met for browsers that are sent away. Applications that bring an ID token without a nonce "
        "are let in by it; with a nonce it must be one of ours.",
    ),
    met(
        "10.2.1",
        2,
        "Forged returns from a provider are refused, by PKCE or state.",
        *of(
            "unit/adapters/test_oauth_providers",
            "test_the_browser_is_sent_away_with_everything_that_binds_the_answer",
        ),
        *of(
            "integration/journeys/test_openid_provider",
            "test_a_code_is_bound_to_its_verifier_by_the_provider",
        ),
        note="Both.",
    ),
    met(
        "10.2.2",
        2,
        "An answer of one provider is not taken for that of another.",
        *of(
            _SOCIAL,
            "test_an_answer_of_another_issuer_is_refused_before_its_code_goes_anywhere",
            "test_a_state_is_good_once_in_its_browser_at_its_provider_and_for_ten_minutes",
        ),
        *of(
            "integration/journeys/test_openid_provider", "test_the_issuer_stands_in_the_answer_to_the_browser"
        ),
        note="Each provider has an address of its own for coming back, and a state is good at its "
        "provider only.",
    ),
    met(
        "10.2.3",
        3,
        "Only the needed scopes are asked for.",
        *of(
            "unit/adapters/test_oauth_providers",
            "test_the_browser_is_sent_away_with_everything_that_binds_the_answer",
        ),
        note="Who it is, the address, and the name.",
    ),
)

RESOURCES: tuple[Requirement, ...] = (
    met(
        "10.3.1",
        2,
        "Access tokens for other services are refused.",
        *of(_ACCESS, "test_claims_that_are_not_ours_are_refused_although_the_signature_is_good"),
    ),
    met(
        "10.3.2",
        2,
        "What somebody may do follows from what the token says.",
        *of(
            "unit/entrypoints/test_http_permissions", "test_exactly_those_are_admitted_whom_the_matrix_names"
        ),
        *of(f"{_IDENTITY}test_session_keeping", "test_a_role_given_meanwhile_is_known_at_the_next_request"),
        note="From its session and subject: permissions are read at each request. Nothing is "
        "delegated by scopes.",
    ),
    met(
        "10.3.3",
        2,
        "People are known by what is never given to somebody else.",
        *of(_ACCESS, "test_a_token_has_the_fields_of_rfc_9068"),
        *of("unit/adapters/test_stdlib", "test_users_have_random_uuids_and_the_rest_time_ordered_ones"),
    ),
    met(
        "10.3.4",
        2,
        "Where a strength or a recent proof is needed it is checked.",
        *of("unit/application/test_recent_proof", "test_a_proof_is_recent_for_less_than_five_minutes"),
        *of(
            "unit/entrypoints/test_http_second_factors",
            "test_staff_without_a_second_factor_may_only_set_one_up",
        ),
    ),
    not_met(
        "10.3.5",
        3,
        "A stolen access token is of no use to the thief.",
        note="Tokens are bearer tokens, good for 10 minutes and as long as their session.",
    ),
)

SERVER: tuple[Requirement, ...] = (
    not_applicable(
        "10.4.1", 1, "Redirect addresses are compared exactly with registered ones.", note=_NO_SERVER
    ),
    not_applicable("10.4.2", 1, "An authorization code is good once.", note=_NO_SERVER),
    not_applicable("10.4.3", 1, "An authorization code is short-lived.", note=_NO_SERVER),
    not_applicable("10.4.4", 1, "A client may use only the grants that it needs.", note=_NO_SERVER),
    met(
        "10.4.5",
        1,
        "A refresh token that is used again ends its session.",
        *of(
            f"{_IDENTITY}test_session_keeping",
            "test_an_old_token_ends_the_session_and_its_owner_is_told",
            "test_a_retry_within_the_grace_gets_the_same_successor",
        ),
        *of(
            "unit/domain/identity/test_session",
            "test_a_token_is_a_retry_within_one_grace_and_never_after_three",
        ),
        note="After a grace of 10 to 30 seconds for retries; MULTIPRODUCT_REFRESH_GRACE_SECONDS=0 has none.",
    ),
    not_applicable("10.4.6", 2, "PKCE is asked for.", note=_NO_SERVER),
    not_applicable("10.4.7", 2, "Clients that register themselves are mistrusted.", note=_NO_SERVER),
    met(
        "10.4.8",
        2,
        "Refresh tokens end some day, however often they are renewed.",
        *of(
            "unit/domain/identity/test_session",
            "test_use_prolongs_a_session_but_not_beyond_the_absolute_lifetime",
        ),
    ),
    met(
        "10.4.9",
        2,
        "People can revoke refresh tokens.",
        *of(f"{_IDENTITY}test_device_sessions", "test_one_the_others_or_all_are_ended"),
        note="With the session that each belongs to.",
    ),
    not_applicable("10.4.10", 2, "Clients that can keep a secret prove who they are.", note=_NO_SERVER),
    not_applicable("10.4.11", 2, "Clients are given only the scopes that they need.", note=_NO_SERVER),
)

RELYING_PARTY: tuple[Requirement, ...] = (
    partly(
        "10.5.1",
        2,
        "An ID token cannot be used a second time.",
        *of(
            _SOCIAL,
            "test_a_nonce_binds_one_token_once",
            "test_a_token_with_a_nonce_needs_one_of_ours",
            "test_a_token_for_another_departure_is_refused",
        ),
        note="Met for browsers that are sent away and for tokens with a nonce. One that an application "
        "had made without a nonce can be brought again until it expires.",
    ),
    met(
        "10.5.2",
        2,
        "People are known by issuer and subject.",
        *of(
            _SOCIAL,
            "test_an_account_is_known_by_its_subject_though_its_address_changes_hands",
            "test_a_subject_of_one_issuer_is_nobody_at_another",
        ),
    ),
    not_applicable(
        "10.5.3",
        2,
        "Metadata of another issuer than the expected one is refused.",
        note="No metadata is fetched: the addresses of providers are settings.",
    ),
    met(
        "10.5.4",
        2,
        "An ID token must be for our client id.",
        *of(_ID, "test_at_least_five_hundred_forgeries_are_refused"),
        *of("integration/journeys/test_openid_provider", "test_a_person_comes_from_google_and_comes_again"),
    ),
    not_applicable(
        "10.5.5",
        2,
        "A provider's message that signs somebody out is checked for what it is.",
        *of(
            f"{_IDENTITY}test_social_linking",
            "test_a_forged_notice_is_refused",
            "test_a_notice_from_before_the_link_changes_nothing",
        ),
        note="There is no back-channel logout. Apple's notices, which end sessions too, are checked "
        "likewise.",
    ),
)

PROVIDER: tuple[Requirement, ...] = (
    not_applicable("10.6.1", 2, "Only safe response modes are allowed.", note=_NO_PROVIDER),
    not_applicable("10.6.2", 2, "Nobody can be signed out against their will.", note=_NO_PROVIDER),
    not_applicable("10.7.1", 2, "People consent to each request.", note=_NO_SERVER),
    not_applicable("10.7.2", 2, "People are told what they consent to.", note=_NO_SERVER),
    not_applicable("10.7.3", 2, "People see and revoke what they consented to.", note=_NO_SERVER),
)
