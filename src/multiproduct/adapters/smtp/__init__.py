"""Mails handed to an SMTP server."""

from multiproduct.adapters.smtp.mailer import SmtpMailer

__all__ = ["SmtpMailer"]
