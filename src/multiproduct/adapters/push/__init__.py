"""Pushes to devices, by Firebase, Apple, and the push services of browsers."""

from multiproduct.adapters.push.apns import ApnsPusher
from multiproduct.adapters.push.fcm import FcmPusher, ServiceAccount
from multiproduct.adapters.push.web_push import WebPusher

__all__ = ["ApnsPusher", "FcmPusher", "ServiceAccount", "WebPusher"]
