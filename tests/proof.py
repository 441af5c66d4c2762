"""What a visitor's browser does for a form under attack."""

from itertools import count

from chalicelib.capture.proof_of_work import proves


def worked_for(mark: str, token: str) -> str:
    return next(str(number) for number in count() if proves(mark, token, str(number)))
