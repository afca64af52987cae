"""The `PhoneNumbers` port on the phonenumbers package."""

from multiproduct.domain.identity.addresses import PhoneNumber
from multiproduct.domain.shared import FieldProblem, InvalidInput

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
