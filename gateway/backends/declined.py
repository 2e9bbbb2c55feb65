"""Whether a model declined in words of its own: Ollama, llama.cpp and vLLM have no field for it.

What one provider declines is not carried to another behind its back, so this is no answer that merely cannot
be read. Asked only of a text that is not statements; taken too often, the caller hears of a refusal.
"""

import re2

_BEGINNING = 240
"""Characters: those who decline say so at once."""

_DECLINES = re2.compile(
    r"(?i)^\W*(?:"
    r"(?:(?:i['’]m|i am) (?:very |really )?sorry|sorry|my apologies|i apologi[sz]e[^.,]*|unfortunately"
    r"|as an? (?:ai|language model|assistant)[^.,]*)?[,.;:\s]*(?:but |however,? )?"
    r"(?:i|we)(?: am|['’]m| are)? ?(?:can['’]?t|can ?not|could not|not able|unable|won['’]t|will not"
    r"|must decline|have to decline|decline|(?:do not|don['’]t) feel comfortable)\b"
    r"|(?:es )?tut mir (?:sehr )?leid|leider kann ich|ich kann\b[^.]*\bnicht\b"
    r"|(?:je suis )?(?:vraiment )?d[ée]sol[ée]|je ne (?:peux|suis) pas"
    r"|lo siento|lamentablemente,? no puedo|no puedo\b"
    r")"
)


def is_declined(text: str) -> bool:
    beginning = text[:_BEGINNING].encode("utf-8", "replace").decode()  # patterns refuse lone surrogates
    return "{" not in beginning and _DECLINES.search(beginning) is not None
