"""The effect under every reasonable specification at once."""

from causalrec.refutation.specification.curve import specification_curve
from causalrec.refutation.specification.specification_curve import Specification, SpecificationCurve

__all__ = ["Specification", "SpecificationCurve", "specification_curve"]
