"""Mails, worded by the translator and set by Jinja templates in the colours of a brand."""

from multiproduct.adapters.jinja2.mail_renderer import JinjaMailRenderer

__all__ = ["JinjaMailRenderer"]
