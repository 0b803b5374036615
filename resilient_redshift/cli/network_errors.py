"""Says what on the way to AWS failed: the proxy, the certificate, the name, or something that answers for AWS.

The names are those of botocore's exceptions. The cause is in botocore's argument ``error``, as urllib3 raised it.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROXY: Final = "check HTTPS_PROXY and NO_PROXY, and the user and password in it; without them no proxy is used"
_NAME: Final = "check the name servers, the VPN and the Region's name. Other Regions may answer: --region"
_TLS: Final = (
    "a proxy that opens TLS? AWS_CA_BUNDLE names the file of its certificate. "
    "Otherwise use another network, and check this machine's clock"
)
_PAGE: Final = (
    "your network answers in place of AWS: log in to it in a browser (hotel, guest WLAN), or check HTTPS_PROXY"
)
#: The part of urllib3's text that a reader needs: what the proxy, the operating system or OpenSSL said.
_CAUSE: Final = re.compile(
    r"\d{3} Proxy Authentication Required|Tunnel connection failed: [^'\")]+|\[Errno -?\d+\] [^'\")]+|timed out|"
    r"certificate verify failed: [^(]+|\[SSL: [^\]]+\] [^(]+"
)
_HOST: Final = re.compile(r"Failed to resolve '([^']+)'|host='([^']+)'")


class NotFromAwsError(Exception):
    """A page came in place of AWS's answer.

    Args:
        status: the HTTP status of the page.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def refuse_pages(response_dict: Mapping[str, Any], **_: object) -> None:
    """Refuse an answer that is a page for people. AWS's services answer in XML and JSON.

    A handler of botocore's event ``before-parse``. A server's own failure passes, because botocore tries it again.

    Raises:
        NotFromAwsError: the answer is a page.
    """
    status = int(response_dict.get("status_code", 0))
    kind = str(response_dict.get("headers", {}).get("content-type", ""))
    failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED
    if kind.startswith("text/html") and not failed:
        raise NotFromAwsError(status)


def unreachable(error: Exception, region: str, operation: str) -> UnreachableError:
    """Turn a failure of the network into one line with a hint.

    Args:
        error: the exception, one of botocore's or a :class:`NotFromAwsError`.
        region: the Region of the call.
        operation: the call, such as ``redshift:DescribeClusters``.
    """
    kinds = {kind.__name__ for kind in type(error).__mro__}
    words = " ".join(str(error).split())
    cause = str(getattr(error, "kwargs", {}).get("error") or "")
    said = _CAUSE.search(f"{words} {cause}")
    reason = said[0].strip() if said else ""
    if isinstance(error, NotFromAwsError):
        if error.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return UnreachableError(region, f"{operation}: the proxy says 407 Proxy Authentication Required", _PROXY)
        return UnreachableError(
            region, f"{operation}: a page (HTTP {error.status}) came in place of AWS's answer", _PAGE
        )
    if "ProxyConnectionError" in kinds:
        return UnreachableError(region, ": ".join(filter(None, (words, reason))), _PROXY)
    if "SSLError" in kinds:
        return UnreachableError(region, f"{operation}: TLS: {reason or words}", _TLS)
    host = _HOST.search(cause)
    if "EndpointConnectionError" in kinds and "resolve" in cause and host:
        return UnreachableError(region, f"the name {host[1] or host[2]} cannot be resolved: {reason or cause}", _NAME)
    return UnreachableError(region, f"{words}: {reason}" if reason and reason not in words else words)
