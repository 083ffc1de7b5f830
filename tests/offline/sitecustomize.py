"""Python imports this at start when the folder is on PYTHONPATH: the tests put it there for what they start."""

from importlib import import_module

# By name: the folder itself is on the path here, while the tests import the same module as part of their package.
import_module("loopback").install()
