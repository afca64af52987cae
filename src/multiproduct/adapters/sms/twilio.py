"""The `Texter` port on Twilio's Messages resource (API version 2010-04-01), or a service that is like it."""

import base64
import json
from urllib.parse import quote, urlencode

from multiproduct.adapters.sms.handing_over import hand_over
from multiproduct.application.ports.texter import Text, TextRefused
from multiproduct.application.ports.web_client import WebAnswer, WebClient

DEFAULT_URL = "https://api.twilio.com"
_SERVICE_PREFIX = "MG"  # a messaging service stands for a pool of senders


class TwilioTexter:
    """`account` is the Account SID, `token` the auth token, `sender` a number, a name, or the SID of a
    messaging service. The resource takes no reference of ours: a message whose answer was lost is sent
    again, with the same words."""

    def __init__(
        self, *, web: WebClient, account: str, token: str, sender: str, url: str = DEFAULT_URL
    ) -> None:
        self._web = web
        self._url = f"{url.rstrip('/')}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json"
        credentials = base64.b64encode(f"{account}:{token}".encode()).decode()
        self._headers = {
            "authorization": f"Basic {credentials}",
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        self._from = ("MessagingServiceSid" if sender.startswith(_SERVICE_PREFIX) else "From", sender)

    async def send(self, text: Text) -> None:
        """See the port."""
        form = (("To", text.to), self._from, ("Body", text.body))
        answer = await hand_over(
            self._web, url=self._url, headers=self._headers, body=urlencode(form).encode(), gateway="Twilio"
        )
        if answer is not None:
            raise TextRefused(reason=_reason(answer))


def _reason(answer: WebAnswer) -> str:
    """Twilio's number of the error, such as 21211 for a number that is none; else the status."""
    try:
        code = json.loads(answer.body).get("code")
    except (ValueError, AttributeError):
        code = None
    return f"twilio_{code}" if isinstance(code, int) else f"status_{answer.status}"
