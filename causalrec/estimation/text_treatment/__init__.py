"""Text as a treatment: what in headlines moves clicks, within randomised experiments.

============================================  ============================================  ============
what                                          paper                                         module
============================================  ============================================  ============
codes that need no training                                                                 text_codes
words that somebody rated, by name            Hutto, Gilbert 2014, ICWSM                    lexicon
codes that people labelled, with their error  Carroll et al. 2006                           probe
effects within experiments, all at once       Hausman, Hall, Griliches 1984                 code_effects
tests that hold together                      Holm 1979; Romano, Wolf 2005                  multiplicity
treatments that nobody named                  Egami, Fong, Grimmer, Roberts, Stewart 2022   discovery
effects by kind of reader                     missing
============================================  ============================================  ============
"""

from causalrec.estimation.text_treatment.appeal import Appeal
from causalrec.estimation.text_treatment.code_effects import code_effects
from causalrec.estimation.text_treatment.discovery import DiscoveredTreatments, discover_text_treatments
from causalrec.estimation.text_treatment.effect_table import CodeEffects
from causalrec.estimation.text_treatment.lexicon import Lexicon, vader_lexicon
from causalrec.estimation.text_treatment.probe import ProbedCode, ProbeError, probe_codes
from causalrec.estimation.text_treatment.text_codes import TextCodes, text_codes
from causalrec.estimation.text_treatment.word_classes import WordClass

__all__ = [
    "Appeal",
    "CodeEffects",
    "DiscoveredTreatments",
    "Lexicon",
    "ProbeError",
    "ProbedCode",
    "TextCodes",
    "WordClass",
    "code_effects",
    "discover_text_treatments",
    "probe_codes",
    "text_codes",
    "vader_lexicon",
]
