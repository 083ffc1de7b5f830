"""A server that speaks OpenAI's interface: embeddings and chat completions, for `QUANFU_SEMANTIC__URL` and the like."""

from tests.doubles.openai.double import KEY, OpenAIDouble
from tests.doubles.openai.embedding import embedded

__all__ = ["KEY", "OpenAIDouble", "embedded"]
