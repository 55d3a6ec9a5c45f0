"""The verbs of accounts. They flush and never commit; a Refused means that the edge rolls back."""

from supportapp.accounts.operations.addresses import mark_bounced, mark_refused, trust_again, try_again
from supportapp.accounts.operations.blocking import block, unblock
from supportapp.accounts.operations.email_change import confirm_email_change, email_changed, request_email_change
from supportapp.accounts.operations.links import check_link
from supportapp.accounts.operations.mail_choices import choose_mails, switch_off
from supportapp.accounts.operations.merging import check_merging, customers_merged, merge_customers
from supportapp.accounts.operations.passwords import change_password, request_password_reset, reset_password
from supportapp.accounts.operations.profile import accept_regulation, update_profile
from supportapp.accounts.operations.sessions import authenticate, sign_out_everywhere
from supportapp.accounts.operations.sign_up import confirm_email, send_confirmation, sign_up

__all__ = [
    "accept_regulation",
    "authenticate",
    "block",
    "change_password",
    "check_link",
    "check_merging",
    "choose_mails",
    "confirm_email",
    "confirm_email_change",
    "customers_merged",
    "email_changed",
    "mark_bounced",
    "mark_refused",
    "merge_customers",
    "request_email_change",
    "request_password_reset",
    "reset_password",
    "send_confirmation",
    "sign_out_everywhere",
    "sign_up",
    "switch_off",
    "trust_again",
    "try_again",
    "unblock",
    "update_profile",
]
