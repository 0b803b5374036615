"""What the constructs tell the function of an ARC Region switch step: the names of its environment variables."""

from __future__ import annotations

from typing import Final

#: The site, as the plan records name it (``recovery.site``).
SITE: Final = "RESILIENT_REDSHIFT_SITE"
#: The Region of the clusters.
PRIMARY_REGION: Final = "RESILIENT_REDSHIFT_PRIMARY_REGION"
#: The Region of the site.
RECOVERY_REGION: Final = "RESILIENT_REDSHIFT_RECOVERY_REGION"
