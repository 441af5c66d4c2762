"""Leadline: which marketing money brought which lead, who answers it, and what was promised."""

__version__ = "0.1.0"
