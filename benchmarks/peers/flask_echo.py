"""A bare wechatpy in Flask that gives back what it hears."""

from flask import Flask, abort, request
from wechatpy import create_reply, parse_message
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import check_signature

from benchmarks.pushes import TOKEN

app = Flask(__name__)


@app.post("/")
def echo() -> str:
    """The text itself."""
    stamp = [request.args.get(name, "") for name in ("signature", "timestamp", "nonce")]
    try:
        check_signature(TOKEN, *stamp)
    except InvalidSignatureException:
        abort(403)
    message = parse_message(request.data)
    return str(create_reply(message.content, message=message).render())
