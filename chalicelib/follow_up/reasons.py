"""Why a message does not go, in the words its row keeps: those that more than one rule gives."""

NO_ADDRESS = "there is no e-mail address"
# Somebody sends our forms with this address again and again.
ENOUGH = "enough confirmations went to this address within a day"
UNDELIVERABLE = "mail to this address came back"
