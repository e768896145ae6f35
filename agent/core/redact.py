from agent.core.texts import redact_text
from agent.core.urls import redact_url
