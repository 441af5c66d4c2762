"""The port `SearchWords`: what the read model is given to write people down by and to read searches with."""

from chalicelib.identify.found_by import document
from chalicelib.identify.sought import asked

__all__ = ["asked", "document"]
