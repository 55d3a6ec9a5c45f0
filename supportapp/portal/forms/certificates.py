"""The forms of the certificate wizard, one a step."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from supportapp.certificates.rules import CertificateKind
from supportapp.portal.forms import PortalForm, choice, text_field
from supportapp.portal.labels import CERTIFICATE_KINDS

NUMBER_LENGTH = 64


class NumberForm(PortalForm):
    kind = RadioField(
        _l("What do you have?"),
        choices=[choice(str(kind), CERTIFICATE_KINDS[kind]) for kind in CertificateKind],
        default=str(CertificateKind.CERTIFICATE),
    )
    number = text_field(_l("Number"), required=_l("Enter the number."), longest=NUMBER_LENGTH)


class CodeForm(PortalForm):
    code = text_field(_l("Activation code"), required=_l("Enter the activation code."), longest=NUMBER_LENGTH)
