"""`python -m tests.doubles`: the platforms as a process of their own, steered over HTTP under `/_double/`."""

import argparse
import asyncio
import signal
import sys
from contextlib import AsyncExitStack

from tests.doubles.server import running
from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.doubles.wechat import AES_KEY, APP_ID, Mode, WechatDouble
from tests.doubles.wecom import OPEN_KFID, SECRETS, WecomDouble


def options(arguments: list[str]) -> argparse.Namespace:
    """The command line; port 0 takes any free port."""
    parser = argparse.ArgumentParser(prog="python -m tests.doubles", description=__doc__)
    parser.add_argument("--wechat-port", type=int, default=8101)
    parser.add_argument("--telegram-port", type=int, default=8102)
    parser.add_argument("--wecom-port", type=int, default=8103)
    parser.add_argument("--wecom-hook", default="http://127.0.0.1:8000/hooks/wecom")
    parser.add_argument("--wechat-hook", default="http://127.0.0.1:8000/hooks/wechat")
    parser.add_argument("--wechat-mode", type=Mode, choices=list(Mode), default=Mode.SAFE)
    parser.add_argument("--open-door", action="store_true", help="any recipient counts as reachable")
    parser.add_argument("--no-rates", action="store_true", help="no flood control on Telegram")
    return parser.parse_args(arguments)


def settings(wechat: WechatDouble, telegram: TelegramDouble, wecom: WecomDouble) -> list[str]:
    """The environment that points a server at the doubles."""
    return [
        f"QUANFU_TELEGRAM__API_ROOT={telegram.root}",
        f"QUANFU_TELEGRAM__TOKEN={telegram.token}",
        f"QUANFU_WECHAT__API_ROOT={wechat.root}",
        f"QUANFU_WECHAT__APP_ID={wechat.app_id}",
        f"QUANFU_WECHAT__SECRET={wechat.secret}",
        f"QUANFU_WECHAT__TOKEN={wechat.token}",
        *wecom_settings(wecom),
        f"QUANFU_WECHAT__AES_KEY={wechat.aes_key}",
    ]


def wecom_settings(wecom: WecomDouble) -> list[str]:
    """The environment that points a server at the corp."""
    app, kf, contacts = SECRETS
    return [
        f"QUANFU_WECOM__API_ROOT={wecom.root}",
        f"QUANFU_WECOM__CORP_ID={wecom.corp_id}",
        f"QUANFU_WECOM__TOKEN={wecom.token}",
        f"QUANFU_WECOM__AES_KEY={wecom.aes_key}",
        f"QUANFU_WECOM__AGENT_ID={wecom.office.agent_id}",
        f"QUANFU_WECOM__SECRET={app}",
        f"QUANFU_WECOM__KF_IDS={OPEN_KFID}",
        f"QUANFU_WECOM__CONTACT_SECRET={contacts}",
        f"QUANFU_WECOM__KF_SECRET={kf}",
    ]


async def serve(given: argparse.Namespace) -> None:
    """All doubles until the process is told to end."""
    ended = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, ended.set)
    wechat = WechatDouble(mode=given.wechat_mode, hook=given.wechat_hook, app_id=APP_ID, aes_key=AES_KEY)
    telegram = TelegramDouble(token=TOKEN)
    wecom = WecomDouble(hook=given.wecom_hook)
    wechat.account.open_door = telegram.state.open_door = given.open_door
    telegram.rates.enabled = not given.no_rates
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(wechat, given.wechat_port))
        await stack.enter_async_context(running(telegram, given.telegram_port))
        await stack.enter_async_context(running(wecom, given.wecom_port))
        roots = {"WeChat": wechat.root, "Telegram": telegram.root, "WeCom": wecom.root}
        pages = [f"# {name:8}  {root}/_double/" for name, root in roots.items()]
        sys.stdout.write("\n".join([*pages, *settings(wechat, telegram, wecom)]) + "\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve(options(sys.argv[1:])))
