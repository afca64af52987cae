"""Who is admitted where: a row for every endpoint, written by hand, which the service is compared with.

A new endpoint needs a row here. Pick the line that is meant, not the one that makes the test pass:

    "thing.list": everybody(),                        no sign-in is needed
    "thing.mine": whoever_is_signed_in(),             one's own things, and no permission is needed
    "thing.read": members("thing.item.read"),         the permission is one that every built-in role has
    "thing.delete": admins("thing.item.delete"),      the permission is one that only Admin has
"""

from collections.abc import Mapping
from dataclasses import dataclass

BUILT_IN = ("admin", "service_provider", "market_owner", "standard_user")
ANONYMOUS, POWERLESS, JUST_ENOUGH = "anonymous", "a role without grants", "a role with just the permission"
PERSONAS = (ANONYMOUS, POWERLESS, JUST_ENOUGH, *BUILT_IN)
"""Everybody who knocks at every door."""


@dataclass(frozen=True)
class Row:
    """`admits` are personas; `needs` is the permission that the endpoint tells of, `also` those that what its
    example asks for needs besides."""

    admits: frozenset[str]
    needs: str | None = None
    also: frozenset[str] = frozenset()


def everybody() -> Row:
    """Also whoever is not signed in."""
    return Row(frozenset(PERSONAS))


def whoever_is_signed_in() -> Row:
    """Whatever their roles."""
    return Row(frozenset(PERSONAS) - {ANONYMOUS})


def members(permission: str) -> Row:
    """Every built-in role has the permission."""
    return Row(frozenset({*BUILT_IN, JUST_ENOUGH}), permission)


def admins(permission: str, *, also: str | None = None) -> Row:
    """Of the built-in roles only Admin has the permission."""
    return Row(frozenset({"admin", JUST_ENOUGH}), permission, frozenset({also} if also else ()))


def providers(permission: str) -> Row:
    """Admin has the permission; providers may do it with what is their own, and learn nothing of others'."""
    return Row(frozenset({"admin", "service_provider", JUST_ENOUGH}), permission)


MATRIX: Mapping[str, Row] = {
    # catalog.py
    "product.list": everybody(),
    "product.read": everybody(),
    "plan.list": everybody(),
    "plan.read": everybody(),
    "catalog.quote": whoever_is_signed_in(),
    # catalog_managing.py
    "managed_product.list": providers("catalog.product.read"),
    "managed_product.read": providers("catalog.product.read"),
    "product.create": providers("catalog.product.create"),
    "product.update": providers("catalog.product.update"),
    "product.archive": providers("catalog.product.delete"),
    "product.publish": providers("catalog.product.publish"),
    "product.unpublish": providers("catalog.product.publish"),
    "managed_plan.list": providers("catalog.product.read"),
    "managed_plan.read": providers("catalog.product.read"),
    "plan.create": providers("catalog.product.update"),
    "plan.update": providers("catalog.product.update"),
    "plan.archive": providers("catalog.product.delete"),
    "plan_price.list": providers("catalog.product.read"),
    "plan_price.set": providers("catalog.product.update"),
    # catalog_coupons.py
    "coupon.list": admins("catalog.coupon.read"),
    "coupon.create": admins("catalog.coupon.manage"),
    "coupon.read": admins("catalog.coupon.read"),
    "coupon.update": admins("catalog.coupon.manage"),
    "coupon.archive": admins("catalog.coupon.manage"),
    "meter.list": providers("catalog.product.read"),
    "meter.create": providers("catalog.product.update"),
    "meter.update": providers("catalog.product.update"),
    "meter.archive": providers("catalog.product.delete"),
    "metered_price.set": providers("catalog.product.update"),
    # identity.py
    "registration.start": everybody(),
    "registration.verify": everybody(),
    "registration.resend": everybody(),
    "sign_in": everybody(),
    "sign_in.code": everybody(),
    "token.refresh": everybody(),
    "token.verify": everybody(),
    "sign_out": everybody(),
    "me.read": members("identity.profile.read"),
    "me.update": members("identity.profile.update"),
    "me.replace": members("identity.profile.update"),
    "password_reset.request": everybody(),
    "password_reset.confirm": everybody(),
    "username.check": everybody(),
    "jwks": everybody(),
    # identity_roles.py
    "permission.list": admins("identity.role.read"),
    "role.list": admins("identity.role.read"),
    "role.create": admins("identity.role.create"),
    "role.read": admins("identity.role.read"),
    "role.update": admins("identity.role.update"),
    "role.delete": admins("identity.role.delete"),
    "user_role.list": admins("identity.role.read"),
    "user_role.assign": admins("identity.role.assign"),
    "user_role.revoke": admins("identity.role.assign"),
    # identity_phone.py
    "phone.sign_in.request": everybody(),
    "phone.sign_in.verify": everybody(),
    # identity_password.py
    "password.change": members("identity.profile.update"),
    "password.set": members("identity.profile.update"),
    # identity_keys.py
    "passkeys.registration.options": members("identity.profile.update"),
    "passkeys.registration": members("identity.profile.update"),
    "passkeys.authentication.options": everybody(),
    "passkeys.authentication": everybody(),
    "passkeys.check.options": whoever_is_signed_in(),
    "passkeys.list": members("identity.profile.read"),
    "passkeys.rename": members("identity.profile.update"),
    "passkeys.remove": members("identity.profile.update"),
    "device_keys.enroll": members("identity.profile.update"),
    "device_keys.authenticate": everybody(),
    "device_keys.list": members("identity.profile.read"),
    "device_keys.rename": members("identity.profile.update"),
    "device_keys.revoke": members("identity.profile.update"),
    # identity_second_factors.py
    "sign_in.second_factor": everybody(),
    "sign_in.second_factor.passkey": everybody(),
    "sign_in.second_factor.sms": everybody(),
    "second_factors.read": whoever_is_signed_in(),
    "second_factors.totp.enrol": whoever_is_signed_in(),
    "second_factors.totp.confirm": whoever_is_signed_in(),
    "second_factors.totp.remove": whoever_is_signed_in(),
    "second_factors.sms.add": whoever_is_signed_in(),
    "second_factors.sms.remove": whoever_is_signed_in(),
    "second_factors.recovery_codes": whoever_is_signed_in(),
    "step_up.methods": whoever_is_signed_in(),
    "step_up": whoever_is_signed_in(),
    "step_up.code": whoever_is_signed_in(),
    # identity_social.py
    "social.nonce": everybody(),
    "social.token": everybody(),
    "social.google.token": everybody(),
    "social.google.start": everybody(),
    "social.google.callback": everybody(),
    "social.google.callback.post": everybody(),
    "social.google.link": members("identity.profile.update"),
    "social.google.link.callback": members("identity.profile.update"),
    "social.apple.token": everybody(),
    "social.apple.start": everybody(),
    "social.apple.callback": everybody(),
    "social.apple.callback.post": everybody(),
    "social.apple.link": members("identity.profile.update"),
    "social.apple.link.callback": members("identity.profile.update"),
    "social.facebook.token": everybody(),
    "social.facebook.start": everybody(),
    "social.facebook.callback": everybody(),
    "social.facebook.callback.post": everybody(),
    "social.facebook.link": members("identity.profile.update"),
    "social.facebook.link.callback": members("identity.profile.update"),
    "social.apple.notifications": everybody(),
    "social.accounts": members("identity.profile.read"),
    "social.unlink": members("identity.profile.update"),
    # identity_sessions.py
    "session.list": whoever_is_signed_in(),
    "session.revoke_all": whoever_is_signed_in(),
    "session.revoke_others": whoever_is_signed_in(),
    "session.rename": whoever_is_signed_in(),
    "session.revoke": whoever_is_signed_in(),
    "session.revoke_of_user": admins("identity.session.revoke"),
    # identity_profile.py
    "avatar.change": members("identity.profile.update"),
    "avatar.remove": members("identity.profile.update"),
    "avatar.read": everybody(),
    "email.change": members("identity.profile.update"),
    "email.stop": whoever_is_signed_in(),
    "email.confirm": whoever_is_signed_in(),  # by the code of the example; by the link of a mail, everybody
    "phone.change": members("identity.profile.update"),
    "phone.stop": whoever_is_signed_in(),
    "phone.confirm": whoever_is_signed_in(),
    "contact_change.stop": everybody(),
    # identity_users.py
    "user.list": admins("identity.user.read"),
    "user.create": admins("identity.user.create", also="identity.role.assign"),
    "user.read": admins("identity.user.read"),
    "user.update": admins("identity.user.update"),
    "user.replace": admins("identity.user.update"),
    "user.delete": admins("identity.user.delete"),
    "user.suspend": admins("identity.user.update"),
    "user.reinstate": admins("identity.user.update"),
    "invitation.list": admins("identity.user.create"),
    "invitation.send": admins("identity.user.create", also="identity.role.assign"),
    "invitation.accept": everybody(),
    "invitation.resend": admins("identity.user.create"),
    "invitation.revoke": admins("identity.user.create"),
    "me.export": whoever_is_signed_in(),
    "me.erase": whoever_is_signed_in(),
    "bank_details.read": members("identity.profile.read"),
    "bank_details.replace": members("identity.profile.update"),
    "bank_details.create": members("identity.profile.update"),
    "bank_details.remove": members("identity.profile.update"),
    # identity_documents.py
    "document.announce": members("identity.profile.update"),
    "document.upload": members("identity.profile.update"),
    "document.list": members("identity.profile.read"),
    "document.read": members("identity.profile.read"),
    "document.file": members("identity.profile.read"),
    "document.remove": members("identity.profile.update"),
    "user_document.list": admins("identity.document.read"),
    "user_document.file": admins("identity.document.read"),
    "user_document.review": admins("identity.document.review"),
    "consent.list": members("identity.profile.read"),
    "consent.give": members("identity.profile.update"),
    "consent.withdraw": members("identity.profile.update"),
    # audit.py
    "audit.entries": admins("audit.entry.read"),
    "audit.mine": whoever_is_signed_in(),
    # payments.py
    "payment.mine": whoever_is_signed_in(),
    "payment.read": whoever_is_signed_in(),
    "payment.cancel": whoever_is_signed_in(),
    "payment_method.list": whoever_is_signed_in(),
    "payment_method.store": whoever_is_signed_in(),
    "payment_method.prefer": whoever_is_signed_in(),
    "payment_method.remove": whoever_is_signed_in(),
    # payments_staff.py
    "payment.list": admins("payments.payment.read"),
    "payment.confirm": admins("payments.payment.confirm"),
    "payment.reject": admins("payments.payment.confirm"),
    "payment.refund": admins("payments.payment.refund"),
    "refund.confirm": admins("payments.payment.refund"),
    "payment.capture": admins("payments.payment.capture"),
    "payment.release": admins("payments.payment.capture"),
    # translation.py
    "translation_text.list": admins("translation.text.read"),
    "translation_text.write": admins("translation.text.manage"),
    "translation_text.remove": admins("translation.text.manage"),
    "glossary_term.list": admins("translation.glossary.read"),
    "glossary_term.set": admins("translation.glossary.manage"),
    "glossary_term.remove": admins("translation.glossary.manage"),
    # push_devices.py
    "push_device.options": whoever_is_signed_in(),
    "push_device.list": whoever_is_signed_in(),
    "push_device.register": whoever_is_signed_in(),
    "push_device.refresh": whoever_is_signed_in(),
    "push_device.remove": whoever_is_signed_in(),
    # notification_preferences.py
    "notification_preferences.read": whoever_is_signed_in(),
    "notification_preferences.choose": whoever_is_signed_in(),
    "notification_settings.read": whoever_is_signed_in(),
    "notification_settings.change": whoever_is_signed_in(),
    "notification_delivery.list": admins("notifications.delivery.read"),
    "suppression.list": admins("notifications.suppression.read"),
    "suppression.add": admins("notifications.suppression.manage"),
    "suppression.lift": admins("notifications.suppression.manage"),
    # webhooks.py: the installation's need permissions besides, which another's id tells nothing of
    "webhook_event.list": whoever_is_signed_in(),
    "webhook_endpoint.list": whoever_is_signed_in(),
    "webhook_endpoint.add": whoever_is_signed_in(),
    "webhook_endpoint.read": whoever_is_signed_in(),
    "webhook_endpoint.change": whoever_is_signed_in(),
    "webhook_endpoint.remove": whoever_is_signed_in(),
    "webhook_endpoint.enable": whoever_is_signed_in(),
    "webhook_endpoint.disable": whoever_is_signed_in(),
    "webhook_endpoint.rotate_secret": whoever_is_signed_in(),
    "webhook_endpoint.test": whoever_is_signed_in(),
    "webhook_endpoint.replay": whoever_is_signed_in(),
    "webhook_message.list": whoever_is_signed_in(),
    "webhook_message.read": whoever_is_signed_in(),
    "webhook_message.replay": whoever_is_signed_in(),
    # inbox.py: everybody's own
    "notification.list": whoever_is_signed_in(),
    "notification.unread_count": whoever_is_signed_in(),
    "notification.read_all": whoever_is_signed_in(),
    "notification.stream_ticket": whoever_is_signed_in(),
    "notification.read": whoever_is_signed_in(),
    "notification.mark_read": whoever_is_signed_in(),
    "notification.mark_unread": whoever_is_signed_in(),
    # ledger_accounts.py
    "ledger_account.list": admins("ledger.account.read"),
    "ledger_account.open": admins("ledger.account.open"),
    "ledger_account.read": admins("ledger.account.read"),
    "ledger_account.close": admins("ledger.account.close"),
    "ledger_account.balance": admins("ledger.account.read"),
    "ledger_account.statement": admins("ledger.account.read"),
    "ledger.trial_balance": admins("ledger.account.read"),
    "ledger_period.list": admins("ledger.period.read"),
    "ledger_period.close": admins("ledger.period.close"),
    "ledger_period.reopen": admins("ledger.period.reopen"),
    # ledger.py
    "ledger_transaction.list": admins("ledger.transaction.read"),
    "ledger_transaction.post": admins("ledger.transaction.post"),
    "ledger_transaction.read": admins("ledger.transaction.read"),
    "ledger_transaction.reverse": admins("ledger.transaction.post"),
    "ledger_batch.post": admins("ledger.transaction.post"),
    "ledger_hold.list": admins("ledger.transaction.read"),
    "ledger_hold.reserve": admins("ledger.transaction.post"),
    "ledger_hold.post": admins("ledger.transaction.post"),
    "ledger_hold.void": admins("ledger.transaction.post"),
    # billing.py
    "order.list": whoever_is_signed_in(),
    "order.place": whoever_is_signed_in(),
    "order.read": whoever_is_signed_in(),
    "order.cancel": whoever_is_signed_in(),
    "order.invoice": whoever_is_signed_in(),
    "invoice.list": whoever_is_signed_in(),
    "invoice.issue": admins("billing.invoice.create"),
    "invoice.read": whoever_is_signed_in(),
    "invoice.pdf": whoever_is_signed_in(),
    "invoice.void": admins("billing.invoice.void"),
    "invoice.write_off": admins("billing.invoice.void"),
    "credit_note.list": whoever_is_signed_in(),
    "credit_note.issue": admins("billing.credit_note.create"),
    "credit_note.read": whoever_is_signed_in(),
    "credit_note.pdf": whoever_is_signed_in(),
    "billing_transaction.list": whoever_is_signed_in(),
    "payment.process": whoever_is_signed_in(),
    # subscriptions.py, subscriptions_changing.py
    "subscription.purchase": whoever_is_signed_in(),
    "subscription.preview_purchase": whoever_is_signed_in(),
    "subscription.create": whoever_is_signed_in(),
    "subscription.start_trial": whoever_is_signed_in(),
    "subscription.list": whoever_is_signed_in(),
    "subscription.read": whoever_is_signed_in(),
    "subscription.update": whoever_is_signed_in(),
    "subscription.status": whoever_is_signed_in(),
    "subscription.pause": whoever_is_signed_in(),
    "subscription.resume": whoever_is_signed_in(),
    "subscription.record_usage": admins("subscriptions.usage.record"),
    "subscription.change": whoever_is_signed_in(),
    "subscription.preview_change": whoever_is_signed_in(),
    "subscription.change_quantity": whoever_is_signed_in(),
    "subscription.renew": whoever_is_signed_in(),
    "subscription.preview_renewal": whoever_is_signed_in(),
    "subscription.cancel": whoever_is_signed_in(),
    "subscription.preview_cancellation": whoever_is_signed_in(),
    "subscription.undo_cancellation": whoever_is_signed_in(),
    "billing_transaction.read": whoever_is_signed_in(),
    # billing_accounts.py
    "account_statement.pdf": whoever_is_signed_in(),
    "account_statement.read": whoever_is_signed_in(),
    "billing_customer.read": whoever_is_signed_in(),
    "billing_customer.save": whoever_is_signed_in(),
    "tax_rule.list": admins("billing.tax_rule.read"),
    "tax_rule.create": admins("billing.tax_rule.manage"),
    "tax_rule.end": admins("billing.tax_rule.manage"),
}
