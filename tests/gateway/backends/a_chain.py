"""What an operator's module with runnables may look like."""

import os

from langchain_core.language_models import FakeListChatModel
from langchain_core.runnables import RunnableLambda

from tests.gateway.backends.asking import GOOD_ANSWER

SEEN_AT_IMPORT = {name: value for name, value in os.environ.items() if name.startswith("LANG")}

chain = FakeListChatModel(responses=[GOOD_ANSWER])
plain = RunnableLambda(lambda asked: GOOD_ANSWER)
no_runnable = 7
