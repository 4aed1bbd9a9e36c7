"""Words of a text, and the classes of them that need no lexicon."""

from __future__ import annotations

import re

__all__ = ["FIRST_PERSON", "SECOND_PERSON", "cased_words", "text_words"]

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'"})
FIRST_PERSON = frozenset(
    ("i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves", "i'm", "i've", "i'd", "i'll", "we're",
     "we've", "we'd", "we'll", "let's")
)  # fmt: skip
SECOND_PERSON = frozenset(
    ("you", "your", "yours", "yourself", "yourselves", "you're", "you've", "you'd", "you'll", "y'all")
)


def cased_words(text: str) -> list[str]:
    """Runs of letters and digits, apostrophes within them kept, as they are written.

    >>> cased_words("You’re the US's 2nd!")
    ["You're", 'the', "US's", '2nd']
    """
    return WORD.findall(text.translate(QUOTES))


def text_words(text: str) -> list[str]:
    """The same in small letters.

    >>> text_words("What Did SHE Say?")
    ['what', 'did', 'she', 'say']
    """
    return [word.lower() for word in cased_words(text)]
