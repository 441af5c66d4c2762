"""Bands of the score, for lists and reports."""

from chalicelib.qualify.rules import load_rules


def band(points: int) -> str:
    """ "hot", "warm" or "cold" by the thresholds of the rules file; the lower bound belongs to the band."""
    return next((name for name, lowest in load_rules().bands if points >= lowest), "cold")
