"""What a failover moves: the published endpoint and the DNS record, from where to where."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resilient_redshift.cli.outlook import Outlook


def facts(view: Outlook) -> Iterator[tuple[str, str]]:
    """What moves, as labelled texts for the screen. A drill moves nothing."""
    if view.run.is_drill:
        return
    published, name = view.published, _dns_name(view)
    before = f"{published.cluster}, {published.address}" if published else ""
    if not view.run.publishes:
        stays = f"the published endpoint ({before})" if before else "the published endpoint"
        stays += f" and the DNS name {name} stay as they are" if name else " stays as it is"
        yield "publishes", f"nothing: {stays}, unless you pass --publish"
        return
    if view.published_problem:
        yield "publishes", f"the endpoint of {view.target}; what is published now is unknown"
    elif published is None:
        yield "publishes", f"the endpoint of {view.target}; nothing is published yet"
    else:
        yield "publishes", f"the endpoint moves from {before} to the new {view.target}"
    if name:
        yield "moves", f"the DNS name {name} from {_points_to(view)} to the endpoint of {view.target}"


def question(view: Outlook) -> str:
    """The same as one sentence, for the question before the start. Empty if nothing moves."""
    if not view.run.publishes:
        return ""
    name, published = _dns_name(view), view.published
    if published is not None:
        text = f"moves the published endpoint from {published.cluster} ({published.address}) to {view.target}"
    else:
        instead = " in place of whatever is published now" if view.published_problem else ""
        text = f"publishes the endpoint of {view.target}{instead}"
    dns = f", and moves the DNS name {name} from {_points_to(view)} to it" if name else ""
    return f"It {text}{dns}."


def _dns_name(view: Outlook) -> str:
    dns = view.run.record.get("restore", {}).get("dns") or {}
    return str(dns.get("record_name", ""))


def _points_to(view: Outlook) -> str:
    """Where the DNS name points, as far as the last failover says. Nobody asks Route 53, whose Region may be lost.

    A run that did not verify its cluster did not move the name.
    """
    last = view.published
    return last.endpoint or "?" if last is not None and last.verified else "where it points now"
