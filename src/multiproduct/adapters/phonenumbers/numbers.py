"""The `PhoneNumbers` port on the phonenumbers package."""

from multiproduct.application.identity.phone_numbers import NumberFacts
from multiproduct.domain.identity.addresses import PhoneNumber
from multiproduct.domain.shared import FieldProblem, InvalidInput

_NO_COUNTRY = "001"  # how the metadata calls ranges of no country
_MAX_LENGTH = 64  # characters, with all the punctuation that people put in


class MetadataPhoneNumbers:
    """Reads national and international forms in the digits of any script.

    A number is taken when its length is possible in its country: ranges in use change faster than any
    metadata, and the code sent to the number is the real proof. Premium-rate numbers are refused, because
    each message to one is paid for; so are extensions and letters, which no message can be sent to.
    """

    def parse(self, text: str, *, region: str | None) -> PhoneNumber:
        """See the port."""
        # Imported on first use: with its metadata it takes several megabytes that many processes never need.
        import phonenumbers  # noqa: PLC0415

        if not text.strip():
            raise InvalidInput(FieldProblem("phone", "required"))
        refusal = InvalidInput(FieldProblem("phone", "invalid_phone"))
        if len(text) > _MAX_LENGTH or any(c.isalpha() for c in text):
            raise refusal
        try:
            number = phonenumbers.parse(text, region.upper() if region else None)
        except phonenumbers.NumberParseException:
            raise refusal from None
        premium = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PREMIUM_RATE
        if premium or number.extension or not phonenumbers.is_possible_number(number):
            raise refusal
        return PhoneNumber.parse(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    def facts(self, number: PhoneNumber) -> NumberFacts:
        """See the port. Shared-cost, personal and company-wide numbers are costly as well."""
        import phonenumbers  # noqa: PLC0415 - see above

        kinds = phonenumbers.PhoneNumberType
        parsed = phonenumbers.parse(str(number), None)
        region = phonenumbers.region_code_for_number(parsed)
        if region is None:
            codes = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
            region = codes[0] if codes else _NO_COUNTRY
        costly = {kinds.PREMIUM_RATE, kinds.SHARED_COST, kinds.PERSONAL_NUMBER, kinds.UAN}
        return NumberFacts(
            country=None if region == _NO_COUNTRY else region,
            is_costly=phonenumbers.number_type(parsed) in costly,
        )
