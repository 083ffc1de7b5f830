"""All addresses of the console."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from bot.vocabulary import Action
from console import (
    assessments,
    audit,
    broadcasts,
    channels,
    chats,
    client_holdings,
    client_record,
    client_timeline,
    clients,
    conversations,
    doubts,
    drafts,
    editions,
    entries,
    entry_files,
    events,
    faults,
    home,
    imports,
    login,
    media,
    merger,
    misses,
    overviews,
    publications,
    regression,
    reports,
    rights,
    second,
    segments,
    staff,
    suggestions,
    tickets,
)
from console.context import Console
from console.security import SecurityHeaders
from console.visits import Page, guarded

FOREVER = "public, max-age=31536000, immutable"


class Number(IntegerConvertor):
    """An id: longer ones than databases hold are no address."""

    regex = "[0-9]{1,18}"


register_url_convertor("id", Number())

Open = Callable[[Console, Request], Awaitable[Response]]
OPEN: tuple[tuple[str, str, Open], ...] = (
    ("GET", "/login", login.form),
    ("POST", "/login", login.sign_in),
    ("POST", "/login/demo", login.demo),
    ("POST", "/preferences", login.prefer),
)
"""Addresses for everybody."""

GUARDED: tuple[tuple[str, str, Page, Action | None], ...] = (
    ("GET", "", home.show, None),
    ("GET", "/more", home.more, None),
    ("GET", "/live", events.stream, None),
    ("GET", "/token", drafts.token, None),
    ("POST", "/drafts", drafts.keep, None),
    ("GET", "/password", login.password_form, None),
    ("POST", "/password", login.change_password, None),
    ("GET", "/second", second.form, None),
    ("POST", "/second", second.give, None),
    ("POST", "/logout", login.sign_out, None),
    ("GET", "/conversations", conversations.index, Action.READ_CONVERSATIONS),
    ("GET", "/conversations/{number:id}", conversations.show, Action.READ_CONVERSATIONS),
    ("POST", "/conversations/{number:id}/take", conversations.take, Action.READ_CONVERSATIONS),
    ("POST", "/conversations/{number:id}/reply", conversations.reply, Action.READ_CONVERSATIONS),
    ("POST", "/conversations/{number:id}/picture", chats.picture, Action.READ_CONVERSATIONS),
    ("POST", "/conversations/{number:id}/tie", chats.tie, Action.ISSUE_BIND_CODE),
    ("POST", "/conversations/{number:id}/typing", conversations.typing, Action.READ_CONVERSATIONS),
    ("POST", "/conversations/{number:id}/back", conversations.hand_back, Action.READ_CONVERSATIONS),
    ("POST", "/conversations/{number:id}/end", conversations.end, Action.READ_CONVERSATIONS),
    ("POST", "/conversations/{number:id}/propose", conversations.propose, Action.READ_CONVERSATIONS),
    ("GET", "/media/{number:id}", media.show, Action.READ_CONVERSATIONS),
    ("GET", "/tickets", tickets.index, Action.READ_TICKETS),
    ("GET", "/tickets/{number}", tickets.show, Action.READ_TICKETS),
    ("GET", "/tickets/{number}/dialogue", tickets.dialogue, Action.READ_TICKETS),
    ("POST", "/tickets/{number}/note", tickets.note, Action.READ_TICKETS),
    ("POST", "/tickets/{number}/reply", tickets.reply, Action.READ_TICKETS),
    ("POST", "/tickets/{number}/assign", tickets.assign, Action.READ_TICKETS),
    ("POST", "/tickets/{number}/close", tickets.close, Action.READ_TICKETS),
    ("GET", "/clients", clients.index, Action.READ_CLIENTS),
    ("POST", "/clients", clients.index, Action.READ_CLIENTS),
    ("GET", "/clients/{public_id}", clients.show, Action.READ_CLIENTS),
    ("POST", "/clients/{public_id}/code", clients.issue, Action.ISSUE_BIND_CODE),
    ("POST", "/clients/{public_id}/reveal", clients.reveal, Action.REVEAL),
    ("POST", "/clients/{public_id}/unbind", clients.unbind, Action.UNBIND_CHAT),
    ("POST", "/clients/{public_id}/note", clients.note, Action.NOTE_CLIENTS),
    ("GET", "/clients/{public_id}/timeline", client_timeline.show, Action.NOTE_CLIENTS),
    ("GET", "/clients/{public_id}/holdings", client_holdings.show, Action.NOTE_CLIENTS),
    ("GET", "/clients/{public_id}/record", client_record.show, Action.READ_CLIENTS),
    ("POST", "/clients/{public_id}/record", client_record.save, Action.EDIT_PREFERENCES),
    ("POST", "/clients/{public_id}/record/state", client_record.state, Action.SET_CLIENT_STATE),
    ("POST", "/clients/{public_id}/record/charge", client_record.charge, Action.ASSIGN_CLIENTS),
    ("POST", "/clients/{public_id}/record/link", client_record.link, Action.EDIT_PREFERENCES),
    ("POST", "/clients/{public_id}/record/link/{number}/remove", client_record.part, Action.EDIT_PREFERENCES),
    ("POST", "/clients/{public_id}/plan", clients.plan, Action.EDIT_PREFERENCES),
    ("POST", "/clients/{public_id}/service", clients.serve, Action.REASSIGN),
    ("GET", "/clients/{public_id}/assessments", assessments.show, Action.READ_CLIENTS),
    ("POST", "/clients/{public_id}/assessments", assessments.record, Action.ASK_ASSESSMENT),
    ("POST", "/clients/{public_id}/assessments/{number}/confirm", assessments.confirm, Action.ASK_ASSESSMENT),
    ("POST", "/clients/{public_id}/assessments/{number}/decline", assessments.decline, Action.ASK_ASSESSMENT),
    ("POST", "/clients/{public_id}/assessments/{number}/settle", assessments.settle, Action.SETTLE_ASSESSMENT),
    ("GET", "/clients/{public_id}/rights", rights.show, Action.EXPORT_CLIENT),
    ("POST", "/clients/{public_id}/rights/copy", rights.copy, Action.EXPORT_CLIENT),
    ("POST", "/clients/{public_id}/rights/export", rights.export, Action.EXPORT_CLIENT),
    ("POST", "/clients/{public_id}/rights/erase", rights.erase, Action.ERASE_CLIENT),
    ("POST", "/clients/{public_id}/rights/hold", rights.hold, Action.HOLD_CLIENT),
    ("POST", "/clients/{public_id}/rights/release", rights.release, Action.HOLD_CLIENT),
    ("POST", "/clients/{public_id}/rights/requests/{number:id}/{deed}", rights.settle, Action.ERASE_CLIENT),
    ("GET", "/clients/{public_id}/rights/merge", merger.search, Action.MERGE_CLIENTS),
    ("POST", "/clients/{public_id}/rights/merge", merger.search, Action.MERGE_CLIENTS),
    ("GET", "/clients/{public_id}/rights/merge/{other}", merger.show, Action.MERGE_CLIENTS),
    ("POST", "/clients/{public_id}/rights/merge/{other}", merger.ask, Action.MERGE_CLIENTS),
    ("GET", "/requests", rights.index, Action.ERASE_CLIENT),
    ("GET", "/segments", segments.index, Action.BUILD_SEGMENTS),
    ("GET", "/segments/new", segments.new, Action.BUILD_SEGMENTS),
    ("POST", "/segments/try", segments.tried, Action.BUILD_SEGMENTS),
    ("POST", "/segments/save", segments.save, Action.BUILD_SEGMENTS),
    ("GET", "/segments/{number:id}", segments.show, Action.BUILD_SEGMENTS),
    ("POST", "/segments/{number:id}/remove", segments.remove, Action.BUILD_SEGMENTS),
    ("GET", "/imports", imports.index, Action.IMPORT_CLIENTS),
    ("POST", "/imports/upload", imports.upload, Action.IMPORT_CLIENTS),
    ("GET", "/imports/{number:id}", imports.show, Action.IMPORT_CLIENTS),
    ("POST", "/imports/{number:id}/check", imports.check, Action.IMPORT_CLIENTS),
    ("POST", "/imports/{number:id}/take", imports.take, Action.IMPORT_CLIENTS),
    ("POST", "/imports/{number:id}/drop", imports.drop, Action.IMPORT_CLIENTS),
    ("GET", "/imports/{number:id}/rejected.csv", imports.rejected, Action.IMPORT_CLIENTS),
    ("GET", "/broadcasts", broadcasts.index, Action.STOP_BROADCAST),
    ("GET", "/broadcasts/{number:id}", broadcasts.show, Action.STOP_BROADCAST),
    ("GET", "/broadcasts/{number:id}/enclosed", broadcasts.enclosed, Action.STOP_BROADCAST),
    ("GET", "/doubts", doubts.index, Action.WORK_TICKETS),
    ("POST", "/doubts/{number:id}/{decision}", doubts.settle, Action.WORK_TICKETS),
    ("GET", "/care", overviews.care, Action.READ_CARE),
    ("GET", "/knowledge", entries.index, Action.READ_KNOWLEDGE),
    ("GET", "/knowledge.xlsx", entries.download, Action.WRITE_KNOWLEDGE),
    ("GET", "/knowledge/try", entries.tried, Action.READ_KNOWLEDGE),
    ("GET", "/knowledge/options", suggestions.offered, Action.READ_KNOWLEDGE),
    ("GET", "/knowledge/new", entries.new, Action.WRITE_KNOWLEDGE),
    ("POST", "/knowledge/new", entries.create, Action.WRITE_KNOWLEDGE),
    ("GET", "/knowledge/imports", entry_files.index, Action.WRITE_KNOWLEDGE),
    ("POST", "/knowledge/imports/upload", entry_files.upload, Action.WRITE_KNOWLEDGE),
    ("GET", "/knowledge/entries/{entry_id}", entries.show, Action.READ_KNOWLEDGE),
    ("POST", "/knowledge/entries/{entry_id}/begin", entries.begin, Action.WRITE_KNOWLEDGE),
    ("POST", "/knowledge/editions/{number:id}/save", editions.save, Action.WRITE_KNOWLEDGE),
    ("POST", "/knowledge/editions/{number:id}/discard", editions.discard, Action.WRITE_KNOWLEDGE),
    ("POST", "/knowledge/editions/{number:id}/confirm", editions.confirm, Action.APPROVE_KNOWLEDGE),
    ("POST", "/knowledge/editions/{number:id}/{deed}", editions.decide, Action.WRITE_KNOWLEDGE),
    ("GET", "/knowledge/publish", publications.preview, Action.WRITE_KNOWLEDGE),
    ("GET", "/knowledge/publish/try", publications.tried, Action.WRITE_KNOWLEDGE),
    ("POST", "/knowledge/publish", publications.publish, Action.APPROVE_KNOWLEDGE),
    ("GET", "/knowledge/regression", regression.index, Action.READ_KNOWLEDGE),
    ("POST", "/knowledge/regression", regression.add, Action.WRITE_KNOWLEDGE),
    ("POST", "/knowledge/regression/{number:id}/remove", regression.remove, Action.APPROVE_KNOWLEDGE),
    ("GET", "/knowledge/misses", misses.index, Action.READ_MISSES),
    ("GET", "/knowledge/misses/settled", misses.history, Action.READ_MISSES),
    ("POST", "/knowledge/misses/dismiss", misses.dismiss, Action.WRITE_KNOWLEDGE),
    ("POST", "/knowledge/misses/refuse", misses.refuse, Action.WRITE_KNOWLEDGE),
    ("POST", "/knowledge/misses/{number:id}/reopen", misses.reopen, Action.WRITE_KNOWLEDGE),
    ("POST", "/knowledge/misses/phrasing", misses.phrasing, Action.WRITE_KNOWLEDGE),
    ("POST", "/knowledge/misses/entry", misses.entry, Action.WRITE_KNOWLEDGE),
    ("GET", "/reports/knowledge", reports.knowledge, Action.READ_MISSES),
    ("GET", "/reports/knowledge.csv", reports.download, Action.READ_MISSES),
    ("GET", "/reports/knowledge.xlsx", reports.sheets, Action.READ_MISSES),
    ("GET", "/audit", audit.index, Action.READ_AUDIT),
    ("POST", "/audit/export", audit.export, Action.EXPORT_AUDIT),
    ("GET", "/staff", staff.index, Action.READ_STAFF),
    ("POST", "/staff", staff.add, Action.MANAGE_STAFF),
    ("POST", "/teams", staff.put_team, Action.MANAGE_STAFF),
    ("POST", "/teams/dissolve", staff.dissolve_team, Action.MANAGE_STAFF),
    ("GET", "/staff/{number}", staff.show, Action.READ_STAFF),
    ("POST", "/staff/{number}/roles", staff.roles, Action.MANAGE_STAFF),
    ("POST", "/staff/{number}/handover", staff.hand_over, Action.MANAGE_STAFF),
    ("POST", "/staff/{number}/deactivate", staff.deactivate, Action.MANAGE_STAFF),
    ("POST", "/staff/{number}/absences", staff.plan, Action.PLAN_ABSENCES),
    ("POST", "/staff/{number}/absences/{absence:id}/remove", staff.back, Action.PLAN_ABSENCES),
    ("POST", "/staff/{number}/wecom", staff.wecom, Action.MANAGE_STAFF),
    ("POST", "/staff/{number}/team", staff.join, Action.MANAGE_STAFF),
    ("POST", "/staff/{number}/reset", staff.reset, Action.MANAGE_STAFF),
    ("GET", "/channels", channels.index, Action.READ_CHANNELS),
    ("POST", "/channels/{kind}/{account}/check", channels.check, Action.READ_CHANNELS),
)
"""Addresses for staff; the action is what they must at least be allowed with things of their own."""


def pages(console: Console) -> list[BaseRoute]:
    """The routes of `/console`, to stand at the root of the server."""
    app = Starlette(
        routes=_routes(console),
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers=faults.handlers(console),
    )
    return [Route("/console", app), Mount("/console", app)]


def _routes(console: Console) -> list[BaseRoute]:
    """Below the mount; `/console` without a stroke comes past it in full."""
    found: list[BaseRoute] = [Route("/console", guarded(console, home.show), methods=["GET"])]
    found += [Route(path, _bound(console, page), methods=[method]) for method, path, page in OPEN]
    found += [
        Route(path or "/", guarded(console, page, action), methods=[method]) for method, path, page, action in GUARDED
    ]
    return [*found, Route("/static/{path:path}", _static(console))]


def _bound(console: Console, page: Open) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await page(console, request)

    return endpoint


def _static(console: Console) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        asset = console.assets.files.get(request.path_params["path"])
        if asset is None:
            raise faults.NotFound("page_unknown")
        return Response(asset.body, media_type=asset.media_type, headers={"Cache-Control": FOREVER})

    return endpoint
