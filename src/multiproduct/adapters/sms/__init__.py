"""Short messages by the gateways of other companies."""

from multiproduct.adapters.sms.gateways import texter_of
from multiproduct.adapters.sms.json_gateway import JsonFields, JsonGatewayTexter
from multiproduct.adapters.sms.twilio import TwilioTexter

__all__ = ["JsonFields", "JsonGatewayTexter", "TwilioTexter", "texter_of"]
