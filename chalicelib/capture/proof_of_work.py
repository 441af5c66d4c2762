"""A proof that a browser has worked for a post: asked for while a form is under attack, and of nobody else.

The page's mark (`suspicion.opening_mark`, signed and with its time) and the post's one-time token are what is worked
on: SHA-256 of "mark:token:number" has to begin with so many zero bits. Nothing is kept for it: the mark is checked by
its signature and is good for a while, and with the same token the post is the same submission, so that one proof is
good for one. Half a second for one post, a day for a hundred thousand."""

from datetime import timedelta
from hashlib import sha256

# What the page's script fills in.
PROOF = "proof"
BITS = 17
GOOD_FOR = timedelta(hours=4)
UNPROVEN = "no proof of work while the form was under attack"
_LONGEST = 20


def proves(mark: str, token: str, proof: str, bits: int = BITS) -> bool:
    """Whether the number that was found fits the mark and the token. Of the mark itself nothing is said."""
    if not (token and proof.isascii() and proof.isdigit() and len(proof) <= _LONGEST):
        return False
    digest = sha256(f"{mark}:{token}:{proof}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - bits) == 0


def is_good(mark: str, open_for: timedelta | None, token: str, proof: str) -> bool:
    """`open_for` is how long ago the mark was made, None for one that is not ours (`suspicion.open_since`)."""
    return open_for is not None and timedelta(0) <= open_for <= GOOD_FOR and proves(mark, token, proof)
