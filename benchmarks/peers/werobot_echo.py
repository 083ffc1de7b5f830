"""A bare WeRoBot that gives back what it hears, without its sessions (a file of its own slows it down)."""

from werobot import WeRoBot
from werobot.messages.messages import TextMessage

from benchmarks.pushes import TOKEN

robot = WeRoBot(token=TOKEN, enable_session=False)


@robot.text  # type: ignore[untyped-decorator]
def echo(message: TextMessage) -> str:
    """The text itself."""
    return str(message.content)


app = robot.wsgi
