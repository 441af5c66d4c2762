"""The Chalice app: the same for Lambda and for the embedded server."""

import gc

# What a start loads stays: looking through it for garbage again and again is a tenth of a cold start. When all of it is
# there (below) it is put aside for good.
gc.set_threshold(50_000, 20, 50)

from chalicelib.handlers.dispatch import register_routes  # noqa: E402
from chalicelib.handlers.functions import register as register_functions  # noqa: E402
from chalicelib.handlers.gateway import LeadlineApp  # noqa: E402

app = LeadlineApp(app_name="leadline")
# Chalice answers a type of this list to those alone whose Accept names it; bytes go out as `web.Download` says.
app.api.binary_types = []
register_routes(app)
register_functions(app)
gc.freeze()
