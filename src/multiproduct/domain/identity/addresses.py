"""E-mail addresses and telephone numbers as people are known by: how they are shown, compared and masked."""

import re
import unicodedata
from dataclasses import dataclass
from typing import NoReturn

from multiproduct.domain.shared import FieldProblem, InvalidInput

_MAX_EMAIL_OCTETS = 254  # RFC 3696 erratum 1690: what fits in an SMTP path
_MAX_LOCAL_OCTETS = 64  # RFC 5321 section 4.5.3.1.1
_MAX_LABEL_OCTETS = 63  # RFC 1035 section 2.3.4
_ATEXT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+/=?^_`{|}~-.")
_ASCII_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164: 15 digits at most
_ACE_PREFIX = "xn--"


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """A mailbox. `display` is where mail goes (as typed, the domain in lower case), `key` is what is
    compared.

    Two addresses are one mailbox when their keys are equal: NFC, case folded, an internationalised domain
    in Unicode however it was written. Dots and plus tags count, because whether a provider ignores them is
    its own affair. Case folding joins a few mailboxes that are different in principle: mail goes to the
    stored display, never to what was typed in a request (else a look-alike key would hand one person's
    codes to another).
    """

    display: str
    key: str

    @classmethod
    def parse(cls, text: str) -> "EmailAddress":
        """Checks the syntax (RFC 5321 dot-string or its RFC 6531 extension, a host name with a dot).

        Quoted local parts, comments, address literals and surrounding spaces are refused. Raises InvalidInput
        on `email`: required, invalid_email.
        """
        if not text:
            raise InvalidInput(FieldProblem("email", "required"))
        # NFC never shrinks UTF-8 by more than three to one, so nothing valid is longer than this.
        if len(text) > 3 * _MAX_EMAIL_OCTETS or text.count("@") != 1:
            _refuse_email()
        local, _, host = unicodedata.normalize("NFC", text).partition("@")
        host = unicodedata.normalize("NFC", host.lower())
        if not _is_local_part(local):
            _refuse_email()
        unicode_host = ".".join(_host_labels(host))
        key = f"{unicodedata.normalize('NFC', local.casefold())}@{unicode_host}"
        display = f"{local}@{host}"
        if max(len(display.encode()), len(key.encode())) > _MAX_EMAIL_OCTETS:
            _refuse_email()
        return cls(display, key)

    @property
    def local_part(self) -> str:
        """What stands before the @, as typed."""
        return self.display.partition("@")[0]

    @property
    def domain(self) -> str:
        """What stands behind the @, in lower case, as typed otherwise."""
        return self.display.partition("@")[2]

    def masked(self) -> str:
        """Enough for its owner to recognise it: `t***@stark.com`. A one-letter local part is hidden whole."""
        shown = self.local_part[0] if len(self.local_part) > 1 else ""
        return f"{shown}***@{self.domain}"

    def __str__(self) -> str:
        return self.display


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A telephone number in E.164: a plus sign and 7 to 15 digits, the country code first."""

    e164: str

    @classmethod
    def parse(cls, text: str) -> "PhoneNumber":
        """Takes E.164 text only; what people type is read by the `PhoneNumbers` port.

        Raises InvalidInput on `phone`: required, invalid_phone.
        """
        if not text:
            raise InvalidInput(FieldProblem("phone", "required"))
        if not _E164.fullmatch(text):
            raise InvalidInput(FieldProblem("phone", "invalid_phone"))
        return cls(text)

    @property
    def display(self) -> str:
        """How it is shown: as E.164."""
        return self.e164

    @property
    def key(self) -> str:
        """What is compared: E.164 is its own canonical form."""
        return self.e164

    def masked(self) -> str:
        """Enough for its owner to recognise it, without its length: `+1******34`."""
        return f"{self.e164[:2]}******{self.e164[-2:]}"

    def __str__(self) -> str:
        return self.e164


def _refuse_email() -> NoReturn:
    raise InvalidInput(FieldProblem("email", "invalid_email"))


def _is_local_part(local: str) -> bool:
    """A dot-string whose atoms are RFC 5322 atext, or letters, marks and digits beyond ASCII (RFC 6531).

    Symbols and punctuation beyond ASCII are refused: some turn into `@` or a slash under compatibility forms.
    """
    if not local or local.startswith(".") or local.endswith(".") or ".." in local:
        return False
    if not all(c in _ATEXT or (not c.isascii() and _is_word_character(c)) for c in local):
        return False
    return unicodedata.category(local[0])[0] != "M" and len(local.encode()) <= _MAX_LOCAL_OCTETS


def _host_labels(host: str) -> list[str]:
    """The labels in Unicode. Raises InvalidInput unless there are two or more and each is a valid one."""
    labels = [_unicode_label(label) for label in host.split(".")]
    if len(labels) < 2 or len(labels[-1]) < 2 or labels[-1].isnumeric():
        _refuse_email()
    return labels


def _unicode_label(label: str) -> str:
    """One lower-case label with its Punycode (RFC 3492) undone. Raises InvalidInput."""
    if label.startswith(_ACE_PREFIX):
        decoded = _from_punycode(label)
    elif label.isascii():
        if len(label) > _MAX_LABEL_OCTETS or not _ASCII_LABEL.fullmatch(label):
            _refuse_email()
        return label
    else:
        decoded = label
    if decoded.isascii() or not _is_unicode_label(decoded):
        _refuse_email()
    return decoded


def _from_punycode(label: str) -> str:
    try:
        decoded = label.removeprefix(_ACE_PREFIX).encode("ascii").decode("punycode")
        spelt = decoded.encode("punycode").decode("ascii")
    except UnicodeError:
        _refuse_email()
    if spelt != label.removeprefix(_ACE_PREFIX):
        _refuse_email()
    return decoded


def _is_unicode_label(label: str) -> bool:
    """Close to a U-label of IDNA 2008 (RFC 5891): stable letters, marks and digits, hyphens only inside."""
    if label.startswith("-") or label.endswith("-") or unicodedata.category(label[0])[0] == "M":
        return False
    if not all(c == "-" or (_is_word_character(c) and (not c.isascii() or c.isalnum())) for c in label):
        return False
    stable = unicodedata.normalize("NFKC", label.lower())
    return stable == label and len(_ACE_PREFIX) + len(label.encode("punycode")) <= _MAX_LABEL_OCTETS


def _is_word_character(character: str) -> bool:
    """Whether it is a letter, a mark or a digit of any script."""
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"
