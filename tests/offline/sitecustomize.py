"""Python imports this at start when the folder is on PYTHONPATH: the tests put it there for what they start."""

import loopback

loopback.install()
