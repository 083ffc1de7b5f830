"""Clients of whom something is on record in every table, and staff who look after their rights."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.vocabulary import (
    AnsweredBy,
    AssessmentState,
    ConsentPurpose,
    DeliveryState,
    EntryKind,
    Interest,
    Level,
    LinkKind,
    Locale,
    MediaState,
    Purpose,
    RiskLevel,
    Role,
    TicketKind,
    TicketSource,
    TicketState,
)
from bot.vocabulary.holdings import AssetClass, Side
from services.suitability import questionnaires
from storage.models import (
    AssessmentRow,
    BalanceRow,
    Base,
    BindCodeRow,
    ChatAccountRow,
    ChatDayRow,
    ClientChangeRow,
    ClientClassRow,
    ClientDayRow,
    ClientFiguresRow,
    ClientInterestRow,
    ClientLinkRow,
    ClientNoteRow,
    ClientPlanRow,
    ConversationRow,
    DeliveryRow,
    DeliveryTryRow,
    FiguresDueRow,
    HoldingClientDayRow,
    HoldingRow,
    InboxRow,
    InstrumentRow,
    IntakeRow,
    LessonCompletionRow,
    MediaRow,
    MissRow,
    NoticeConsentRow,
    SegmentMemberRow,
    SegmentRow,
    TicketEntryRow,
    TicketRow,
    TradeRow,
    VoteRow,
)
from storage.repositories import client_notes, client_record, clients
from storage.repositories import staff as staff_rows
from storage.repositories.assessments import ANSWERS
from storage.repositories.clients import NewClient
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
EARLIER = NOON - timedelta(days=400)
NAMES = {"C1": "王婷婷", "C2": "欧阳泽宇"}
IDENTITIES = {"C1": "110101199006150011", "C2": "110101197609030012"}


@dataclass(frozen=True)
class House:
    """A database with two clients, `C1` and `C2`, and one member of staff for each role."""

    database: Database
    ids: dict[str, int]
    staff: dict[Role, Staff]


async def furnished(database: Database) -> House:
    """The house; of each client there is a row in every table."""
    return await database.write(lambda unit: _furnished(unit, database))


def _furnished(unit: Unit, database: Database) -> House:
    staff = {}
    for role in Role:
        made = staff_rows.add(unit, NewStaff(role.value, f"员工{role.value}", (role,), "-"), EARLIER)
        found = staff_rows.by_id(unit, made)
        assert found is not None
        staff[role] = found
    questionnaires.take(unit, questionnaires.packaged(), "t", EARLIER)
    version = questionnaires.packaged().version
    unit.session.add(InstrumentRow(id=1, code="510300.SH", name="沪深300ETF"))
    unit.session.add(SegmentRow(id=1, name="名单", created_at=EARLIER, updated_at=EARLIER))
    unit.flush()
    ids = {number: enrolled(unit, number, staff[Role.RM].id) for number in NAMES}
    for number, client_id in ids.items():
        record(unit, number, client_id, version)
    for one, other in zip(ids.values(), reversed(ids.values()), strict=True):
        link = {"client_id": one, "other_id": other, "staff_id": staff[Role.RM].id, "at": EARLIER}
        unit.session.add(ClientLinkRow(**link, kind=LinkKind.REFERRER))
    return House(database, ids, staff)


def enrolled(unit: Unit, number: str, manager: int | None = None, **more: object) -> int:
    """One client with every field of an enrolment."""
    new = NewClient(
        number=number,
        name=NAMES.get(number, "赵一"),
        salutation=f"尊敬的{number}",
        phone=f"1000000{ord(number[-1]):04d}",
        identity=IDENTITIES.get(number, ""),
        manager_id=manager,
        opened_on=date(2011, 3, 8),
        risk_level=RiskLevel.C3,
        risk_valid_until=date(2027, 11, 1),
        tags=("基金定投",),
        consents=(ConsentPurpose.SERVICE, ConsentPurpose.CARE),
        **more,  # type: ignore[arg-type]
    )
    return clients.enrol(unit, [new], EARLIER)[number]


@dataclass(frozen=True)
class _Chat:
    """One client's chat, what they said in it, their ticket and what was sent to them."""

    number: str
    client_id: int
    chat: ChatAccountRow
    talk: ConversationRow
    heard: InboxRow
    ticket: TicketRow
    said: DeliveryRow


def record(unit: Unit, number: str, client_id: int, version: str) -> None:
    """A row in every table that may hold something of a client."""
    made = _chatted(unit, number, client_id)
    _add(unit, *_in_the_chat(made), *_of_the_client(unit, made, version), *_statements(client_id))
    _add(unit, *_noted(unit, made, 1))


def _chatted(unit: Unit, number: str, client_id: int) -> _Chat:
    times = {"bound_at": EARLIER, "created_at": EARLIER}
    chat = ChatAccountRow(channel="telegram", account="main", address=f"tg-{number}", client_id=client_id, **times)
    _add(unit, chat)
    talk = ConversationRow(account_id=chat.id, created_at=EARLIER, locale=Locale.ZH_CN)
    _add(unit, talk)
    heard = InboxRow(
        channel="telegram",
        account="main",
        platform_id=f"tg-{number}:1",
        conversation_id=talk.id,
        kind="text",
        text=f"{number}说的话",
        state="handled",
        received_at=EARLIER,
    )
    made = _Chat(number, client_id, chat, talk, heard, _ticket(number, client_id, talk), _said(number, client_id, chat))
    made.said.conversation_id = talk.id
    _add(unit, made.heard, made.ticket, made.said)
    return made


def _ticket(number: str, client_id: int, talk: ConversationRow) -> TicketRow:
    return TicketRow(
        number=f"TS-{number}",
        kind=TicketKind.COMPLAINT,
        state=TicketState.RESOLVED,
        level=Level.P3,
        source=TicketSource.CHAT,
        client_id=client_id,
        conversation_id=talk.id,
        summary=f"{number}的投诉",
        opened_at=EARLIER,
        closed_at=EARLIER,
    )


def _said(number: str, client_id: int, chat: ChatAccountRow) -> DeliveryRow:
    return DeliveryRow(
        key=f"said:{number}",
        purpose=Purpose.CARE,
        priority=5,
        state=DeliveryState.SENT,
        client_id=client_id,
        account_id=chat.id,
        channel="telegram",
        account="main",
        address=f"tg-{number}",
        text_key="care",
        text=f"对{number}说的话",
        created_at=EARLIER,
        not_before=EARLIER,
    )


def _in_the_chat(made: _Chat) -> list[Base]:
    number, talk = made.number, made.talk.id
    return [
        MediaRow(
            inbox_id=made.heard.id,
            state=MediaState.KEPT,
            key=f"key-{number}",
            type="image/png",
            size=7,
            wanted_at=EARLIER,
            next_at=EARLIER,
            settled_at=EARLIER,
        ),
        IntakeRow(
            conversation_id=talk,
            answers={"what": f"{number}的投诉"},
            started_at=EARLIER,
            touched_at=EARLIER,
            deadline_at=EARLIER,
        ),
        VoteRow(conversation_id=talk, entry_id="FAQ-001", channel="telegram", helpful=True, at=EARLIER),
        MissRow(
            question=f"{number}的问题",
            locale=Locale.ZH_CN,
            outcome="unknown",
            channel="telegram",
            conversation_id=talk,
            at=EARLIER,
        ),
        NoticeConsentRow(account_id=made.chat.id, form="f", left=1, changed_at=EARLIER),
    ]


def _of_the_client(unit: Unit, made: _Chat, version: str) -> list[Base]:
    number, client_id = made.number, made.client_id
    return [
        TicketEntryRow(ticket_id=made.ticket.id, at=EARLIER, kind=EntryKind.CLIENT_MESSAGE, text=f"{number}的经过"),
        DeliveryTryRow(
            delivery_id=made.said.id,
            number=1,
            account_id=made.chat.id,
            channel="telegram",
            account="main",
            address=f"tg-{number}",
            rule="gone",
            attempts=1,
            decision={"rule": "gone"},
            ended_at=EARLIER,
        ),
        AssessmentRow(
            client_id=client_id,
            version=version,
            state=AssessmentState.CONFIRMED,
            channel="counter",
            answered_by=AnsweredBy.CLIENT,
            answers_sealed=unit.vault.seal(ANSWERS, f'{{"q1": "{number}"}}'),
            score=50,
            level=RiskLevel.C3,
            started_at=EARLIER,
            touched_at=EARLIER,
            ended_at=EARLIER,
        ),
        ClientInterestRow(client_id=client_id, interest=Interest.FUNDS, at=EARLIER),
        ClientPlanRow(client_id=client_id, plan="few", weekly=2, at=EARLIER),
        LessonCompletionRow(
            client_id=client_id, lesson="fund-nav", version="1", score=2, questions=3, completed_at=EARLIER
        ),
        SegmentMemberRow(segment_id=1, client_id=client_id),
        BindCodeRow(code_key=number.encode(), client_id=client_id, issued_at=EARLIER, expires_at=EARLIER),
    ]


def _statements(client_id: int) -> list[Base]:
    day, named = EARLIER.date(), {"client_id": client_id}
    priced = {"quantity": Decimal("100.5"), "price": Decimal("1.5"), "value_fen": 15075}
    return [
        HoldingRow(**named, on=day, instrument_id=1, **priced),
        TradeRow(**named, on=day, reference="t1", instrument_id=1, side=Side.BUY, **priced),
        BalanceRow(**named, on=day, cash_fen=7),
        ClientDayRow(**named, on=day, securities_fen=15075, cash_fen=7, assets_fen=15082),
        ClientFiguresRow(**named, on=day, assets_fen=15082, cash_fen=7, mean_fen=15082, reckoned_at=EARLIER),
        ClientClassRow(**named, asset_class=AssetClass.FUND, value_fen=15075),
        ChatDayRow(**named, on=day),
        FiguresDueRow(**named, since=day),
        HoldingClientDayRow(**named, on=day),
    ]


def _noted(unit: Unit, made: _Chat, staff: int) -> list[Base]:
    by: dict[str, Any] = {"client_id": made.client_id, "staff_id": staff, "at": EARLIER}
    note = unit.vault.seal(client_notes.TEXT, f"{made.number}的备注")
    before, after = (unit.vault.seal(client_record.CHANGE, f"{made.number}{word}") for word in ("原值", "新值"))
    return [
        ClientNoteRow(**by, text_sealed=note),
        ClientChangeRow(**by, field="phone", before_sealed=before, after_sealed=after),
    ]


def _add(unit: Unit, *rows: Base) -> None:
    unit.session.add_all(rows)
    unit.flush()
