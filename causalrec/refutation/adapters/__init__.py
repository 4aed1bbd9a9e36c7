"""Attacks of other libraries, each giving back a `Refutation`."""

from causalrec.refutation.adapters.dowhy import dowhy_refutation

__all__ = ["dowhy_refutation"]
