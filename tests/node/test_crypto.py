"""What two crypto libraries of others seal is opened by our addresses, and what we seal is opened by them."""

from dataclasses import dataclass

import xmltodict

from tests.bot.addresses import addressed
from tests.channels import wechat, wecom
from tests.doubles.wechat import AES_KEY, APP_ID
from tests.doubles.wechat.cipher import MessageCipher, signature
from tests.doubles.wechat.xml import write_xml
from tests.doubles.wecom import CORP_ID
from tests.node.asking import ask, asked_one, needs_node

pytestmark = needs_node
NONCE = "1320562132"
WECHAT = {"token": wechat.TOKEN, "aes_key": AES_KEY, "id": APP_ID}
WORDS = "几点开盘？ 👍 ]]> & <b>"


@dataclass(frozen=True)
class Sealed:
    """A push as a library of others sealed it."""

    encrypted: str
    signature: str

    @property
    def query(self) -> dict[str, str]:
        """What goes into the address."""
        return {"msg_signature": self.signature, "timestamp": str(wechat.NOW), "nonce": NONCE}

    @property
    def body(self) -> str:
        """What is posted."""
        return write_xml({"ToUserName": "to", "Encrypt": self.encrypted})


async def sealed_for_wechat(plain: str) -> Sealed:
    """By wechat-crypto."""
    encrypted = str(await asked_one("wechat-crypto", WECHAT, "encrypt", plain))
    return Sealed(encrypted, await signed_for_wechat(encrypted))


async def signed_for_wechat(*parts: str) -> str:
    """The signature of the fixed time and nonce, and of a cipher text."""
    return str(await asked_one("wechat-crypto", WECHAT, "getSignature", str(wechat.NOW), NONCE, *parts))


async def sealed_for_wecom(plain: str) -> Sealed:
    """By @wecom/crypto."""
    encrypted = str(await asked_one("@wecom/crypto", {}, "encrypt", AES_KEY, plain, CORP_ID))
    signing = ("getSignature", wecom.TOKEN, str(wecom.NOW), NONCE, encrypted)
    return Sealed(encrypted, str(await asked_one("@wecom/crypto", {}, *signing)))


async def test_wechat_in_safe_mode(sqlite_url: str) -> None:
    sealed = await sealed_for_wechat(write_xml({**wechat.TEXT, "Content": WORDS}))
    query = {**sealed.query, "signature": await signed_for_wechat(), "encrypt_type": "aes"}
    async with addressed(sqlite_url, wechat.channel()) as (stand, client):
        answer = await client.post("/hooks/wechat", params=query, content=sealed.body)
        forged = await client.post("/hooks/wechat", params=query | {"msg_signature": "0" * 40}, content=sealed.body)
        assert await stand.inbox() == [("handled", WORDS)]
    assert (answer.status_code, forged.status_code) == (200, 403)
    outer = xmltodict.parse(answer.text)["xml"]
    stamp = (outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
    opened, signature = await ask("wechat-crypto", WECHAT, ("decrypt", outer["Encrypt"]), ("getSignature", *stamp))
    assert signature.value == outer["MsgSignature"]
    assert isinstance(opened.value, dict)
    assert opened.value["id"] == APP_ID
    reply = xmltodict.parse(opened.value["message"])["xml"]
    assert (reply["Content"], reply["ToUserName"]) == (WORDS, wechat.OPENID)


async def test_a_corps_address_is_checked(sqlite_url: str) -> None:
    sealed = await sealed_for_wecom("5838479218127813673")
    async with addressed(sqlite_url, wecom.channel()) as (_, client):
        answer = await client.get("/hooks/wecom", params=sealed.query | {"echostr": sealed.encrypted})
        forged = await client.get("/hooks/wecom", params=sealed.query | {"echostr": sealed.encrypted[:-4]})
    assert (answer.status_code, answer.text, forged.status_code) == (200, "5838479218127813673", 403)


async def test_a_member_writes_to_the_corps_app(sqlite_url: str) -> None:
    said = {**wecom.HEAD, "FromUserName": wecom.MEMBER, "MsgType": "text", "Content": WORDS, "MsgId": 815}
    sealed = await sealed_for_wecom(write_xml(said))
    async with addressed(sqlite_url, wecom.channel()) as (stand, client):
        answer = await client.post("/hooks/wecom", params=sealed.query, content=sealed.body)
        assert (answer.status_code, [text for _, text in await stand.inbox()]) == (200, [WORDS])


async def test_the_doubles_seal_as_others_do() -> None:
    """The double of the platform is written from the same description; somebody else opens what it seals."""
    [of_wechat] = await ask("wechat-crypto", WECHAT, ("decrypt", MessageCipher(AES_KEY, APP_ID).encrypt(WORDS)))
    [of_wecom] = await ask("@wecom/crypto", {}, ("decrypt", AES_KEY, MessageCipher(AES_KEY, CORP_ID).encrypt(WORDS)))
    assert of_wechat.value == {"message": WORDS, "id": APP_ID}
    assert isinstance(of_wecom.value, dict)
    assert (of_wecom.value["message"], of_wecom.value["id"]) == (WORDS, CORP_ID)
    sealed = await sealed_for_wecom(WORDS)
    assert MessageCipher(AES_KEY, CORP_ID).decrypt(sealed.encrypted) == WORDS
    assert sealed.signature == signature(wecom.TOKEN, str(wecom.NOW), NONCE, sealed.encrypted)
