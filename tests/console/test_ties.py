"""Staff tie a chat in which its client cannot write to us: a contact of a member on WeCom."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.vocabulary import ChannelKind, ConsentPurpose
from services import dialogs
from services.identity import Identity, Order
from storage.models import AuditRow, BindCodeRow, ChatAccountRow, ConsentRow
from tests.console.conftest import SignIn, words
from tests.console.stand import COMPLIANCE, HEAD, RM, SERVICE, Stand

TAIL = "0011"


@pytest.fixture
def desk_url(database_url: str) -> str:
    return database_url


async def contact(branch: Stand) -> str:
    """The address of the page of somebody who added a member."""
    number = await branch.chat("[add_external_contact]", None, ChannelKind.WECOM)
    return f"/console/conversations/{number}"


async def owner(branch: Stand) -> int | None:
    return await branch.database.read(lambda unit: unit.session.scalars(select(ChatAccountRow.client_id)).one())


async def came_by_code(branch: Stand, path: str) -> None:
    """The contact brought a code of C1's, with a consent."""
    number, until = int(path.rsplit("/", 1)[1]), branch.clock.now() + timedelta(days=7)
    order = Order(branch.clients["C1"], None, [ConsentPurpose.CARE], branch.clock.now(), timedelta(days=7))
    identity = Identity(branch.console.rules)
    await branch.database.write(lambda unit: identity.issue(unit, order))
    code = await branch.database.read(lambda unit: unit.session.scalars(select(BindCodeRow.id)).one())
    await branch.database.write(lambda unit: dialogs.remember(unit, number, dialogs.BINDING, until, code=code))


async def test_a_contact_becomes_a_client_s_by_staff_who_saw_the_id(branch: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await contact(branch)
    assert "客户编号" in words(await person.get(path))
    assert (await person.post(f"{path}/tie", client="C1", tail=TAIL)).status_code == 303
    assert await owner(branch) == branch.clients["C1"]
    wanted = select(AuditRow.action, AuditRow.staff_id).where(AuditRow.object.like("client:%"))
    deeds = await branch.database.read(lambda unit: unit.session.execute(wanted).all())
    assert [tuple(deed) for deed in deeds] == [("chat.bind", branch.staff[SERVICE])]
    assert "证件号后四位" not in words(await person.get(path))


async def test_the_code_it_came_with_names_the_client_and_brings_the_consents(branch: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await contact(branch)
    await came_by_code(branch, path)
    assert 'name="client" value="C1"' in (await person.get(path)).text
    assert (await person.post(f"{path}/tie", client="C1", tail=TAIL)).status_code == 303
    purposes = await branch.database.read(lambda unit: unit.session.scalars(select(ConsentRow.purpose)).all())
    used = await branch.database.read(lambda unit: unit.session.scalars(select(BindCodeRow.used_at)).one())
    assert (purposes, used is not None) == ([ConsentPurpose.CARE], True)


async def test_the_code_of_one_client_gives_no_consent_of_another(branch: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await contact(branch)
    await came_by_code(branch, path)
    assert (await person.post(f"{path}/tie", client="C2", tail="0012")).status_code == 303
    assert await owner(branch) == branch.clients["C2"]
    assert await branch.database.read(lambda unit: unit.session.scalars(select(ConsentRow.purpose)).all()) == []


async def test_wrong_signs_are_counted_and_then_it_is_paused(branch: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await contact(branch)
    said = [words(await person.post(f"{path}/tie", key=f"k{n}", client="C1", tail="9999")) for n in range(3)]
    assert ["还可以再试 2 次" in said[0], "还可以再试 1 次" in said[1], "绑定已暂停" in said[2]] == [True] * 3
    assert (await person.post(f"{path}/tie", key="k4", client="C1", tail=TAIL)).status_code == 422
    assert await owner(branch) is None


@pytest.mark.parametrize(("client", "said"), [("C9", "没有这位在册客户"), ("", "没有这位在册客户")])
async def test_nobody_is_nobody_s(branch: Stand, sign_in: SignIn, client: str, said: str) -> None:
    person, path = await sign_in(HEAD), await contact(branch)
    answer = await person.post(f"{path}/tie", client=client, tail=TAIL)
    assert (answer.status_code, said in words(answer)) == (422, True)


async def test_a_chat_that_can_answer_is_tied_by_its_client(branch: Stand, sign_in: SignIn) -> None:
    path = f"/console/conversations/{await branch.chat('你好', None)}"
    person = await sign_in(SERVICE)
    assert "证件号后四位" not in words(await person.get(path))
    assert (await person.post(f"{path}/tie", client="C1", tail=TAIL)).status_code == 404
    assert await owner(branch) is None


@pytest.mark.parametrize(("number", "status"), [(COMPLIANCE, 403), (RM, 404)])
async def test_who_may_not(branch: Stand, sign_in: SignIn, number: str, status: int) -> None:
    person, path = await sign_in(number), await contact(branch)
    assert (await person.post(f"{path}/tie", client="C1", tail=TAIL)).status_code == status
    assert await owner(branch) is None
