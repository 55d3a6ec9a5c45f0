"""Keys, certificates and containers of no account, made for these tests by openssl: DER, in base64."""

from __future__ import annotations

import base64
import io
import zipfile
from email.message import EmailMessage


def _bytes(text: str) -> bytes:
    return base64.b64decode("".join(text.split()))


def pem(label: str, data: bytes) -> bytes:
    """The same in the form that people paste."""
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label.encode(), base64.encodebytes(data), label.encode())


def archive(*names: str) -> bytes:
    """A ZIP with small files of these names."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        for name in names:
            written.writestr(name, b"\x01\x02\x03")
    return file.getvalue()


def saved_mail(name: str, data: bytes) -> bytes:
    """A mail with one file, as a mail program saves it."""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "ivan@example.org", "Ключ"
    mail.set_content("Прилагаю.")
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


PKCS8_KEY = _bytes(
    """
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgH1fjDxvvVO8sZw4qGhMq0wZMPQR7TVA33X0HqdGLuu6hRANCAAR56SvkF1zQ
    aL275kmUzAx3Z58mRYAURVdYfHRLUSGoBi0iBzDX5qrGOmJazDH0zCv9JfCxO0KWSaYAXu2GoWBV
    """
)
EC_KEY = _bytes(
    """
    MHcCAQEEIB9X4w8b71TvLGcOKhoTKtMGTD0Ee01QN919B6nRi7ruoAoGCCqGSM49AwEHoUQDQgAEeekr5Bdc0Gi9u+ZJlMwMd2efJkWAFEVX
    WHx0S1EhqAYtIgcw1+aqxjpiWswx9Mwr/SXwsTtClkmmAF7thqFgVQ==
    """
)
RSA_KEY = _bytes(
    """
    MIICWwIBAAKBgQCrtgiXGOUe5mtD+pzYIViIk0H7QHByKERwBINnh8rLiNplBb1safh1SAFP6r+So5qbPWB1XI8BdMiFC5sxLSi2L0Nyqsjd
    Egs99elIVAkK57A7lxnuQMczBtfq5kIi1Me8E750k5X0dN2qHlnhXsjNpF6NmgRD72MxXEqbV3t0YQIDAQABAoGAIbsOkO/5AkrtQ1tVuDdE
    tv+GdJ7B+Ark9sRMM+g+9CCcFkA8Z7Ghdxh/+Xz5yQqOcnRqIGPgS77vLQOMpupiFqU+7VZqHmR1GTKv5dLK5qxncEIzdba4n9hmF4RWs8eS
    SJgnZyUXk+cX4v+ZgFOslrJ3dxwXFvvnulUPh2REHuECQQDgRknXow1T5G0vdmlKqkPDlGQewQ0l7bfq3IMg7NSk2QzWUUuo5wcMXyGSJ1Lk
    pamjLk6y1ClJi4ACV3MHg5sFAkEAxAA/++w/hmdy4d5Hsp4F303mJwXhf71P+mrXwTuINNKksTJ5H4X782AlsH9k0H/qtvlpRF2ACq9w1CBT
    yP+KrQJAc//G57KdDRwj4R2kvgqsu/b/heyiCVEYBHEDnb8BCTZ+bkdkE7tSqPJ3YanXNQ3+XLlx2QrlQ/XUQuHKTEOkpQJAI+sPzrDqq0zF
    5tJ/PSJsXRG/faM8QdaFk5SE2Wp5eYSonbhsLfS1yVHzVjbiWLs4XjOysM6ZqlugR59s+0apOQJAQc5f06so3oaFLCCZ9X5qOIdl0+sXPD5n
    Cm5F8dnJIFzgKbdiyXoKi+zDbtiweiPZSjqfql5mi9RHGoVpMX4YCA==
    """
)
PUBLIC_KEY = _bytes(
    """
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeekr5Bdc0Gi9u+ZJlMwMd2efJkWAFEVXWHx0S1EhqAYtIgcw1+aqxjpiWswx9Mwr/SXwsTtC
    lkmmAF7thqFgVQ==
    """
)
CERTIFICATE = _bytes(
    """
    MIIBczCCARmgAwIBAgIUfF/Fk1sG+Bz3YDi4Xe1zMdSgFTowCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEdGVzdDAeFw0yNjExMjIyMjI2NTla
    Fw0zNjExMTkyMjI2NTlaMA8xDTALBgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR56SvkF1zQaL275kmUzAx3Z58mRYAU
    RVdYfHRLUSGoBi0iBzDX5qrGOmJazDH0zCv9JfCxO0KWSaYAXu2GoWBVo1MwUTAdBgNVHQ4EFgQUyRtxl7uZFnbuPgF+w8YqyLSPwHAwHwYD
    VR0jBBgwFoAUyRtxl7uZFnbuPgF+w8YqyLSPwHAwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAjc94c+3+kiDYpo6JrSrk
    CBQmEGLOKJaI/GWMxLbiqh4CIC6m025dB4IiFqLXmp4ay0ALWbsZYwynSDloG0s8YNG2
    """
)
REQUEST = _bytes(
    """
    MIHJMHECAQAwDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHnpK+QXXNBovbvmSZTMDHdnnyZFgBRFV1h8dEtR
    IagGLSIHMNfmqsY6YlrMMfTMK/0l8LE7QpZJpgBe7YahYFWgADAKBggqhkjOPQQDAgNIADBFAiBRJa5+d0hLI0/Byb+dzGgxbQdQ4B0eYmm0
    c2dqrCSL5AIhAPfP5hBJHqKdpCSJUcKWCCD39MHYB5/cVeat56Qzipjz
    """
)
PKCS12 = _bytes(
    """
    MIID/AIBAzCCA7IGCSqGSIb3DQEHAaCCA6MEggOfMIIDmzCCAlIGCSqGSIb3DQEHBqCCAkMwggI/AgEAMIICOAYJKoZIhvcNAQcBMFcGCSqG
    SIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiJzo2EsxyRvwICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEP04Je4Cf9tnctK1uV+V
    vc6AggHQQwVoYm/uSOTAvKwBLMvLze2ibH63eM9eLhxlTtHWyjWKXg4o0S0NB6B99H5Zpkszj7OvZqf6NE0zlJ4R0Q1PK+dEMjQ0Mbdnqfxf
    pckif/ujpxCjV7S0uKoe/pHTeBIkdqzC6cFFLEsTWiTNiZwLLV8isAabHN4bCjOC2RRp0sg9pwq9Sb3hRtPh1wljqycsIINgpi7VnBfOjK+0
    EvhhIoKVPxa/oOHIQ3vR2uQ8EOp2YT4svF0StKoGBfYQmy1DPWZJ4YPNqKbJpbAx65oBmfe5WXeSzcgbXEkUDNnMCPM3sV6S1dJIfwZ3JzP7
    3i/N1YxclG6wvLLGR+azHog2UjO5GeaZk63nqYZyPRTkZkYMHcHpNiOlKyFsWLNy+Bwev+EuwyPWJh4zjd2Qg4fwsQoZHSSqxJmgfnZzJV7w
    P319EalXaA8SSvimMZAjzufSPdAPCjFUvCtk+ecLtNXqStBeyrLX4HBt4N3i8kbH8Hv3GdXmwSlwC9++7Rn8vHc9FomWfnRqMVLU5A0NzIzS
    pP14MuMsRp2gcsKLKtcyn7YTvYAVu94LkIE69X6LKZm0/bltLLCF2awad03ORJmm2+7dljczLvHvg2SrPO1zyYYwggFBBgkqhkiG9w0BBwGg
    ggEyBIIBLjCCASowggEmBgsqhkiG9w0BDAoBAqCB7zCB7DBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQI+QMJryJJD38CAggAMAwG
    CCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBAHQjNPmyK7WF8UIrySOMxtBIGQ1YmszxG/BJ/zmA9kmrqcpkVNjvq/fOoMEbaDXIQvClG6Vy7l
    N534qdtKBwECSyDh3OfE6DjZ+fZwtbjPLVnt7pgx0B0X2o2pUScxevzF+DeexZ2GoGHkKwM8mDZ/99acypVg74P8UeBh8mtxNuLLqUkhS0ll
    gYf9mOe6i/ZJ1papxr/9KAOypqweLATmmVYSMSUwIwYJKoZIhvcNAQkVMRYEFObA6NXxwdofYYTRU5kwURFM55RsMEEwMTANBglghkgBZQME
    AgEFAAQgzqSoDVFtkMzkb+RTHcdwAgTvjmCpYJhy+rkVDiMq4EgECPP45xSh8NB1AgIIAA==
    """
)
