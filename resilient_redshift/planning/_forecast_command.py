"""The command ``python -m resilient_redshift.planning forecast cdk.out``: what a policy gives and costs."""

from __future__ import annotations

import argparse
import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning import _options as options
from resilient_redshift.planning import _process as process
from resilient_redshift.planning._forecast import forecast
from resilient_redshift.planning._forecast_report import forecasts_as_json, forecasts_as_text
from resilient_redshift.planning._input import add_places, places_in_words, read_input
from resilient_redshift.planning._policies import snapshot_policies
from resilient_redshift.planning._svg import as_svg
from resilient_redshift.planning.quota import DEFAULT_QUOTA
from resilient_redshift.planning.reading.assembly import AssemblyError
from resilient_redshift.planning.reading.unread import unread_parts
from resilient_redshift.planning.storage import StoragePrices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.planning._forecast import Forecast
    from resilient_redshift.planning._policies import ClusterPolicy


def main(words: Sequence[str], prog: str | None = None) -> int:
    """Print the forecasts of the clusters of templates, and draw them.

    Args:
        words: the arguments after ``forecast``.
        prog: the command's name in its help. Default: the name of the program.

    Returns:
        The exit status, as that of the protection tables; 2 too when a forecast or its picture cannot be made.
    """
    given = _parser(prog).parse_args(words)
    try:
        templates = read_input(given)
        found = [(each, _forecast(each, given)) for each in snapshot_policies(templates)]
        for number, (cluster, made) in enumerate(((each, made) for each, made in found if made), 1):
            if given.picture:
                _picture_file(given.picture, number).write_text(
                    as_svg(made, title=cluster.cluster), encoding="utf-8", errors="replace"
                )
    except (AssemblyError, ResilientRedshiftError) as error:
        process.print_error(error)
        return 2
    except OSError as error:
        process.print_error(f"the picture cannot be written: {error.strerror or error}")
        return 2
    not_read = unread_parts(templates)
    if given.json:
        print(forecasts_as_json(found, not_read=not_read))
    else:
        width = given.width or shutil.get_terminal_size().columns
        text = forecasts_as_text(found, not_read=not_read, width=width)
        print(text or f"no Redshift cluster in {places_in_words(given)}")
    return 2 if not_read and not found else 0


def _forecast(cluster: ClusterPolicy, given: argparse.Namespace) -> Forecast | None:
    if cluster.policy is None:
        return None
    return forecast(
        cluster.policy,
        days=given.days,
        change_rate=given.change_rate,
        copy_time=given.copy_time,
        snapshot_time=given.snapshot_time,
        size=given.size,
        provisioned_storage=given.provisioned_storage,
        prices=StoragePrices(
            backup_storage=given.price_backup_storage,
            backup_storage_in_recovery=given.price_backup_storage_in_recovery,
            copied_automated_snapshots=given.price_copied_automated_snapshots,
            transfer=given.price_transfer,
        ),
        quota=given.quota,
        quota_in_recovery=given.quota_in_recovery,
    )


def _picture_file(name: str, number: int) -> Path:
    """The file of the picture of a cluster: the name for the first one, and the name with a number for the others."""
    file = Path(name)
    return file if number == 1 else file.with_name(f"{file.stem}-{number}{file.suffix}")


def _parser(prog: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="For each cluster: recovery points, manual snapshots against the quota, storage and its costs.",
    )
    add_places(parser)
    parser.add_argument("--json", action="store_true", help="print JSON, with the series")
    parser.add_argument("--picture", metavar="FILE.svg", help="draw each cluster; the second one in FILE-2.svg")
    parser.add_argument("--days", type=options.days, default=90, help="the length of the forecast (90)")
    parser.add_argument(
        "--change-rate", metavar="RATE", type=options.change_rate, default=0.0, help="5GB/h or 1.2TB/d (none)"
    )
    options.add_copy_time(parser, "--copy-time")
    parser.add_argument(
        "--snapshot-time",
        metavar="MINUTES",
        type=options.minutes,
        default=timedelta(0),
        help="how long a snapshot takes until it is available (0)",
    )
    parser.add_argument("--size", metavar="GB", type=options.amount, help="the data of each cluster (no costs)")
    parser.add_argument(
        "--provisioned-storage", metavar="GB", type=options.amount, default=0.0, help="for DC2 only (0)"
    )
    for name, unit in (
        ("backup-storage", "GB-month in the cluster's Region"),
        ("backup-storage-in-recovery", "GB-month in the recovery Region (as --price-backup-storage)"),
        ("copied-automated-snapshots", "GB-month of copied automated snapshots; AWS documents no price"),
        ("transfer", "GB that is copied to the recovery Region"),
    ):
        parser.add_argument(f"--price-{name}", metavar="PRICE", type=options.amount, help=f"your price of a {unit}")
    parser.add_argument("--quota", metavar="SNAPSHOTS", type=options.snapshots, default=DEFAULT_QUOTA, help="(700)")
    parser.add_argument(
        "--quota-in-recovery", metavar="SNAPSHOTS", type=options.snapshots, help="in the recovery Region (as --quota)"
    )
    parser.add_argument("--width", type=options.columns, help="columns to fit (the terminal's)")
    return parser
