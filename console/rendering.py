"""Pages from `templates/console/`: escaped, strict about missing names."""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.clock import branch_date
from bot.texts import TEMPLATES
from console import badges, masking
from services.lessons import library
from services.masking import name as masked_name
from services.media.kinds import is_picture


@cache
def environment() -> Environment:
    """The environment of all pages."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES / "console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["looks"] = {
        "delivery": badges.DELIVERY,
        "ticket": badges.TICKET,
        "owner": badges.OWNER,
        "upload": badges.UPLOAD,
        "level": badges.LEVEL,
        "broadcast": badges.BROADCAST,
        "edition": badges.EDITION,
        "outlook": badges.OUTLOOK,
        "verdict": badges.VERDICT,
        "grade": badges.GRADE,
    }
    made.globals["channel_icons"] = badges.CHANNEL_ICONS
    made.globals["branch_date"] = branch_date
    made.tests["picture"] = is_picture
    made.filters["mask_name"] = masked_name
    made.filters["mask_phone"] = masking.phone
    made.filters["mask_email"] = masking.email
    made.filters["mask_account"] = masking.account
    made.filters["mask_text"] = masking.text
    made.filters["lesson_title"] = library.title
    made.filters["tail"] = masking.tail
    return made
