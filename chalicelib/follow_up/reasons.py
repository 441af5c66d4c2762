"""Why a message does not go, in the words its row keeps: those that more than one rule gives."""

NO_ADDRESS = "there is no e-mail address"
UNDELIVERABLE = "mail to this address came back"
