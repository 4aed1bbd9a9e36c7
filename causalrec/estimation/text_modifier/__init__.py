"""Text as an effect modifier: for which kinds of item a treatment works."""

from causalrec.estimation.text_modifier.text_modifier import TextModifier, text_modifier

__all__ = ["TextModifier", "text_modifier"]
