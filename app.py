"""The Chalice app: the same for Lambda and for the embedded server."""

from chalicelib.handlers import http_api, http_assets, http_console, http_public
from chalicelib.handlers.gateway import LeadlineApp

app = LeadlineApp(app_name="leadline")
app.api.binary_types = ["multipart/form-data", "application/octet-stream", "application/pdf", "image/png", "font/woff2"]
for module in (http_public, http_assets, http_api, http_console):
    for blueprint in module.blueprints:
        app.register_blueprint(blueprint)
