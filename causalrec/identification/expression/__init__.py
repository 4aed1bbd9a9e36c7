"""Expressions of the observed distribution: what they hold, how they print, what they give on data.

=============================================  ==============
what                                           module
=============================================  ==============
the tree                                       tree
saved and read                                 saved
sums, products, quotients built in short form  algebra
plain text and LaTeX                           printing
discrete distributions as tables               distribution
columns of which margins are counted           rows
values on a discrete distribution              evaluation
variable elimination                           elimination
formulas of adjustment and front door          formulas
densities of continuous variables              missing
=============================================  ==============
"""

from causalrec.identification.expression.distribution import Distribution
from causalrec.identification.expression.formulas import adjustment_expression, frontdoor_expression
from causalrec.identification.expression.tree import Expression, Probability, Product, Quotient, Sum

__all__ = [
    "Distribution",
    "Expression",
    "Probability",
    "Product",
    "Quotient",
    "Sum",
    "adjustment_expression",
    "frontdoor_expression",
]
