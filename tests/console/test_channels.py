"""The page of channels: what the last look saw, and looking now."""

from tests.console.conftest import SignIn, words
from tests.console.stand import ADMIN, RM, Stand


async def test_a_look_is_kept_and_shown_to_everybody_who_may_see(branch: Stand, sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN)
    assert "IP 白名单" not in words(await admin.get("/console/channels"))
    done = await admin.post("/console/channels/wechat/main/check")
    assert (done.status_code, done.headers["location"]) == (303, "/console/channels#wechat-main")
    shown = words(await (await sign_in("s01")).get("/console/channels"))
    assert "中断" in shown
    assert "平台看到的地址是 203.0.113.7" in shown
    assert "把 203.0.113.7 加入平台的白名单" in shown


async def test_what_is_well_is_shown_as_normal(branch: Stand, sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN)
    await admin.post("/console/channels/recording/main/check")
    shown = words(await admin.get("/console/channels"))
    assert "平台认可配置中的密钥" in shown
    assert "中断" not in shown


async def test_only_accounts_there_are_and_people_who_may(branch: Stand, sign_in: SignIn) -> None:
    assert (await (await sign_in(ADMIN)).post("/console/channels/wechat/none/check")).status_code == 404
    assert (await (await sign_in(RM)).post("/console/channels/wechat/main/check")).status_code == 403
