"""The countries of ISO 3166-1."""

from babel import Locale

from multiproduct.domain.identity.countries import COUNTRIES

OTHERS = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}


def test_there_are_as_many_as_the_standard_assigns():
    assert len(COUNTRIES) == 249
    assert all(len(code) == 2 and code.isascii() and code.isupper() for code in COUNTRIES)


def test_each_has_a_name_in_cldr_and_what_cldr_has_beside_them_is_no_country():
    named = {code for code in Locale("en").territories if len(code) == 2 and code.isalpha()}
    assert named >= COUNTRIES
    # Regions that are reserved or made up by their users, and languages' test regions.
    assert named - COUNTRIES <= OTHERS
