"""What every texter that speaks to a gateway must do."""

import logging

import pytest

from multiproduct.application.ports.texter import Text, Texter, TextRefused, TextUncertain
from multiproduct.domain.shared import Unavailable

SECRET_NUMBER, SECRET_CODE = "+886912345678", "482913"  # secret: neither may be logged


def a_text(
    *, message_id: str = "identity.code.7.0199f2d4", body: str = f"{SECRET_CODE} is your code."
) -> Text:
    """Any text."""
    return Text(message_id=message_id, to=SECRET_NUMBER, body=body)


class Gateway:
    """A gateway that answers as it is told, and that can be looked at."""

    async def arrived(self) -> list[tuple[str, str]]:
        """Number and words of what was accepted so far."""
        raise NotImplementedError

    def answers(self, status: int, *, retry_after: str | None = None) -> None:
        """What it says from now on; 200 to begin with."""
        raise NotImplementedError

    def is_gone(self) -> None:
        """From now on nothing listens there."""
        raise NotImplementedError

    def is_silent(self) -> None:
        """From now on it takes what it is asked and hangs up without an answer."""
        raise NotImplementedError


class TexterContract:
    """Needs the fixtures `texter` and `gateway`, which the texter speaks to."""

    @pytest.fixture
    def texter(self) -> Texter:
        raise NotImplementedError

    @pytest.fixture
    def gateway(self) -> Gateway:
        raise NotImplementedError

    @pytest.mark.parametrize(
        "body", ["482913 is your code.", "کد شما ۴۸۲۹۱۳", "a & b = c + 100 %", "x" * 600]
    )
    async def test_a_text_arrives_as_it_was_sent(self, texter: Texter, gateway: Gateway, body: str) -> None:
        await texter.send(a_text(body=body))
        assert await gateway.arrived() == [(SECRET_NUMBER, body)]

    @pytest.mark.parametrize("status", [400, 404, 422])
    async def test_a_refusal_of_the_text_is_for_good(
        self, texter: Texter, gateway: Gateway, status: int
    ) -> None:
        gateway.answers(status)
        with pytest.raises(TextRefused):
            await texter.send(a_text())

    @pytest.mark.parametrize("status", [301, 401, 402, 403, 429, 500, 503])
    async def test_any_other_refusal_may_be_another_time(
        self, texter: Texter, gateway: Gateway, status: int
    ) -> None:
        gateway.answers(status)
        with pytest.raises(Unavailable) as refusal:
            await texter.send(a_text())
        assert not isinstance(refusal.value, TextUncertain), "the gateway said that it has not got it"

    @pytest.mark.parametrize("status", [408, 502, 504])
    async def test_an_answer_that_is_not_the_gateways_own_leaves_it_uncertain(
        self, texter: Texter, gateway: Gateway, status: int
    ) -> None:
        gateway.answers(status)
        with pytest.raises(TextUncertain):
            await texter.send(a_text())

    async def test_a_gateway_that_takes_a_text_and_falls_silent_leaves_it_uncertain(
        self, texter: Texter, gateway: Gateway
    ) -> None:
        gateway.is_silent()
        with pytest.raises(TextUncertain):
            await texter.send(a_text())
        assert len(await gateway.arrived()) == 1, "it is not asked a second time"

    @pytest.mark.parametrize(
        ("said", "seconds"), [("17", 17), ("0", 1), ("999999", 3600), ("Sat, 21 Nov 2026", 1), ("-5", 1)]
    )
    async def test_what_is_said_of_when_to_try_again_is_told(
        self, texter: Texter, gateway: Gateway, said: str, seconds: int
    ) -> None:
        gateway.answers(429, retry_after=said)
        with pytest.raises(Unavailable) as refusal:
            await texter.send(a_text())
        assert refusal.value.retry_after == seconds

    async def test_a_gateway_that_is_gone_may_come_back(self, texter: Texter, gateway: Gateway) -> None:
        gateway.is_gone()
        with pytest.raises(Unavailable) as refusal:
            await texter.send(a_text())
        assert not isinstance(refusal.value, TextUncertain), "nothing can have arrived"

    @pytest.mark.parametrize("status", [200, 400, 401, 500])
    async def test_neither_number_nor_words_are_logged_or_told(
        self, texter: Texter, gateway: Gateway, status: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        gateway.answers(status)
        said = ""
        with caplog.at_level(logging.DEBUG):
            try:
                await texter.send(a_text())
            except (TextRefused, Unavailable) as error:
                said = repr(error)
        for secret in (SECRET_NUMBER, SECRET_NUMBER[1:], SECRET_CODE):
            assert secret not in caplog.text
            assert secret not in said
