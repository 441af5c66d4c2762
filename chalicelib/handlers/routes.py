"""Every address of the service: which view answers it, and who may ask. The one place where access is said.

A view is named, not imported: a cold start that takes a form post loads that one handler. `dispatch` checks the access
before it loads the view, and gives a console view the person and an API view the key."""

from dataclasses import dataclass

from chalicelib.records.arrival import Entry
from chalicelib.records.rep import Role

PUBLIC, PEOPLE, PROGRAMS = "public", "people", "programs"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask: everybody (the token in the address, where there is one, is the view's to check), people of some
    roles, or programs whose key has the scope. Which of the records a person sees is `assign.visibility`'s to say.
    `limited`: public posts are counted by address; not an objection, which a mail provider sends for all its people.
    `anywhere`: scripts of any site may ask (CORS). `idle`: a page asks by itself, and nobody is at work by that: the
    session ends when it would have ended."""

    who: str
    roles: frozenset[Role] = frozenset()
    scope: str = ""
    limited: bool = True
    anywhere: bool = False
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """`view` is "module:function" below handlers; it is called with the request, who asks, and the path's ids. What
    comes in by an `entry` is a submission, which is kept when it cannot be stored."""

    method: str
    path: str
    view: str
    access: Access
    entry: Entry | None = None


def _people(*roles: Role) -> Access:
    return Access(PEOPLE, frozenset(roles))


def _scope(scope: str) -> Access:
    return Access(PROGRAMS, scope=scope)


MARKETER, REP, MANAGER, FINANCE, ADMIN = Role.MARKETER, Role.REP, Role.MANAGER, Role.FINANCE, Role.ADMIN
EVERYBODY = Access(PUBLIC)
ANY_SITE = Access(PUBLIC, anywhere=True)
WHOEVER_OBJECTS = Access(PUBLIC, limited=False)
# By a rule of its own, which takes nothing from the forms that are sent from the same address.
COUNTED_APART = Access(PUBLIC, limited=False)
# Of Segment's libraries: servers and pages of any site, by a rule of their own too.
EVENTS = Access(PUBLIC, limited=False, anywhere=True)
SEGMENT = ("identify", "track", "page", "screen", "group", "alias", "batch")
SIGNED_IN = _people(*Role)
LOOKING_ON = Access(PEOPLE, frozenset(Role), idle=True)
SALES = _people(REP, MANAGER, MARKETER, ADMIN)
MARKETING = _people(MARKETER, MANAGER, ADMIN)
PLANS = _people(MARKETER, ADMIN)
SPENDING = _people(MARKETER, FINANCE, ADMIN)
MONEY = _people(MARKETER, MANAGER, FINANCE, ADMIN)
LEADING = _people(MANAGER, ADMIN)
OWNER = _people(ADMIN)

_TABLE: tuple[tuple[str, str, str, Access], ...] = (
    ("GET", "/", "http_public:home", EVERYBODY),
    ("GET", "/healthz", "http_public:healthz", EVERYBODY),
    ("GET POST PUT PATCH DELETE OPTIONS", "/not-found", "http_public:not_found", EVERYBODY),
    ("POST", "/language", "http_public:choose_language", EVERYBODY),
    ("GET", "/assets/{name}", "http_assets:asset", EVERYBODY),
    ("GET", "/assets/lib/{name}", "http_assets:library", EVERYBODY),
    ("GET", "/brand.css", "http_brand:stylesheet", EVERYBODY),
    ("GET", "/brand/logo", "http_brand:logo", EVERYBODY),
    ("GET", "/f/{form}", "http_form:show_form", EVERYBODY),
    ("POST", "/f/{form}", "http_form:post_form", EVERYBODY),
    ("POST", "/servlet/servlet.WebToLead", "http_intakes:post_web_to_lead", EVERYBODY),
    ("POST", "/submissions/v3/integration/submit/{portal}/{form}", "http_intakes:post_hubspot", ANY_SITE),
    ("OPTIONS", "/submissions/v3/integration/submit/{portal}/{form}", "http_door:allow", ANY_SITE),
    ("POST", "/intakes/google/{intake}", "http_intakes:post_google", EVERYBODY),
    *(("POST", f"/v1/{kind}", f"http_segment:{'post_batch' if kind == 'batch' else 'post_one'}", EVENTS)
      for kind in SEGMENT),
    *(("OPTIONS", f"/v1/{kind}", "http_door:allow", EVENTS) for kind in SEGMENT),
    ("GET", "/embed.js", "http_embed:script", EVERYBODY),
    ("GET", "/t.js", "http_visits:script", EVERYBODY),
    ("GET", "/t-visits.js", "http_visits:visits_script", EVERYBODY),
    ("POST", "/t", "http_visits:post_visit", COUNTED_APART),
    ("GET", "/embed/{form}", "http_embed:show_form", EVERYBODY),
    ("POST", "/embed/{form}", "http_embed:post_form", EVERYBODY),
    ("GET", "/embed/{form}/s/{token}", "http_embed:show_sent", EVERYBODY),
    ("GET", "/s/{token}", "http_public:show_status", EVERYBODY),
    ("POST", "/s/{token}/proof", "http_proof:post_proof", EVERYBODY),
    ("POST", "/s/{token}/wish", "http_public:post_wish", EVERYBODY),
    ("GET", "/e/{token}", "http_public:show_registration", EVERYBODY),
    ("POST", "/e/{token}/cancel", "http_public:cancel_registration", EVERYBODY),
    ("GET", "/e/{token}/seminar.ics", "http_public:registration_calendar", EVERYBODY),
    ("GET", "/o/{token}", "http_quotes:show_offer", EVERYBODY),
    ("GET", "/u/{token}", "http_public:show_preferences", EVERYBODY),
    ("POST", "/u/{token}", "http_public:post_preferences", WHOEVER_OBJECTS),
    ("GET", "/v1/openapi.json", "http_api:openapi", EVERYBODY),
    ("GET", "/docs/api", "http_api_page:show_reference", EVERYBODY),
    ("GET", "/v1/leads", "http_api_leads:find_leads", _scope("leads:read")),
    ("POST", "/v1/leads", "http_api:post_lead", _scope("leads:write")),
    ("GET", "/v1/leads/{lead_id}", "http_api_leads:get_lead", _scope("leads:read")),
    ("POST", "/v1/scans", "http_api:post_scan", _scope("scans:write")),
    ("GET", "/v1/imports", "http_api_lists:list_imports", _scope("imports:write")),
    ("POST", "/v1/imports", "http_imports:post_import", _scope("imports:write")),
    ("GET", "/v1/imports/{import_id}", "http_imports:get_import", _scope("imports:write")),
    ("POST", "/v1/imports/{import_id}/undo", "http_imports:post_undo", _scope("imports:write")),
    ("POST", "/v1/imports/{import_id}/put-back", "http_imports:post_put_back", _scope("imports:write")),
    ("GET", "/v1/attribution", "http_api:get_attribution", _scope("reports:read")),
    ("GET", "/v1/campaigns", "http_api_lists:list_campaigns", _scope("campaigns:read")),
    ("POST", "/v1/campaigns", "http_api:post_campaign", _scope("campaigns:write")),
    ("GET", "/v1/campaigns/{campaign_id}", "http_api_lists:get_campaign", _scope("campaigns:read")),
    ("GET", "/v1/spend", "http_api_lists:list_spend", _scope("spend:read")),
    ("POST", "/v1/spend", "http_api:post_spend", _scope("spend:write")),
    ("GET", "/v1/opportunities", "http_api_deals:list_opportunities", _scope("opportunities:read")),
    ("POST", "/v1/opportunities", "http_api_deals:post_opportunity", _scope("opportunities:write")),
    ("GET", "/v1/opportunities/{lead_id}/{opportunity_id}", "http_api_deals:get_opportunity",
     _scope("opportunities:read")),
    ("PATCH", "/v1/opportunities/{lead_id}/{opportunity_id}", "http_api_deals:patch_opportunity",
     _scope("opportunities:write")),
    ("GET", "/app/sign-in", "http_sign_in:show_sign_in", EVERYBODY),
    ("POST", "/app/sign-in", "http_sign_in:post_sign_in", EVERYBODY),
    ("POST", "/app/sign-in/link", "http_sign_in_link:post_request", EVERYBODY),
    ("GET", "/app/sign-in/sent", "http_sign_in_link:show_sent", EVERYBODY),
    ("GET", "/app/sign-in/link/{token}", "http_sign_in_link:show_link", EVERYBODY),
    ("POST", "/app/sign-in/link/{token}", "http_sign_in_link:post_link", EVERYBODY),
    ("GET", "/app/sign-in/oidc", "http_sign_in_oidc:start", EVERYBODY),
    ("GET", "/app/sign-in/oidc/callback", "http_sign_in_oidc:callback", EVERYBODY),
    ("POST", "/app/sign-out", "http_sign_in:post_sign_out", EVERYBODY),
    ("GET", "/app/sessions", "http_sessions:list_sessions", SIGNED_IN),
    ("POST", "/app/sessions/end-others", "http_sessions:post_end_others", SIGNED_IN),
    ("POST", "/app/sessions/{session}/end", "http_sessions:post_end", SIGNED_IN),
    ("GET", "/app", "http_leads:show_home", SIGNED_IN),
    ("GET", "/app/board", "http_board:show_board", LEADING),
    ("GET", "/app/board/{figure}", "http_board:show_figure", LEADING),
    ("GET", "/app/inbox", "http_inbox:show_inbox", SALES),
    ("POST", "/app/inbox/{lead_id}", "http_inbox:post_step", SALES),
    ("POST", "/app/inbox/{lead_id}/undo", "http_inbox:post_undo", SALES),
    ("GET", "/app/search", "http_search:show_search", SIGNED_IN),
    ("GET", "/app/search/suggest", "http_search:suggest", SIGNED_IN),
    ("GET", "/app/requests", "http_leads:show_requests", SIGNED_IN),
    ("GET", "/app/kept", "http_kept:list_all", MARKETING),
    ("GET", "/app/kept/{kept_id}", "http_kept:show_one", MARKETING),
    ("POST", "/app/kept/{kept_id}/let-in", "http_kept:post_let_in", MARKETING),
    ("POST", "/app/kept/{kept_id}/drop", "http_kept:post_drop", MARKETING),
    ("GET", "/app/review", "http_review:list_all", MARKETING),
    ("POST", "/app/review/{pair_id}/apart", "http_review:post_apart", MARKETING),
    ("POST", "/app/review/{pair_id}/later", "http_review:post_later", MARKETING),
    ("POST", "/app/review/{pair_id}/merge", "http_review:post_merge", MARKETING),
    ("GET", "/app/leads", "http_lead_list:show_leads", SIGNED_IN),
    ("GET", "/app/leads.csv", "http_lead_list:download_leads", SIGNED_IN),
    ("GET", "/app/leads/{lead_id}", "http_lead:show_lead", SIGNED_IN),
    ("GET", "/app/leads/{lead_id}/now.json", "http_now:show_now", LOOKING_ON),
    ("POST", "/app/leads/{lead_id}/status", "http_lead:post_status", SALES),
    ("POST", "/app/leads/{lead_id}/note", "http_lead:post_note", SALES),
    ("POST", "/app/leads/{lead_id}/owner", "http_lead:post_owner", SALES),
    ("GET", "/app/leads/{lead_id}/company", "http_company:show_company", SIGNED_IN),
    ("POST", "/app/leads/{lead_id}/company", "http_company:post_company", SALES),
    ("GET", "/app/leads/{lead_id}/erase", "http_erasure:show_erasure", OWNER),
    ("POST", "/app/leads/{lead_id}/erase", "http_erasure:post_erasure", OWNER),
    ("GET", "/app/leads/{lead_id}/stored.json", "http_erasure:download_stored", OWNER),
    ("GET", "/app/leads/{lead_id}/merge", "http_merge:show_merge", SALES),
    ("POST", "/app/leads/{lead_id}/merge", "http_merge:post_merge", SALES),
    ("POST", "/app/leads/{lead_id}/part", "http_merge:post_part", SALES),
    ("POST", "/app/leads/{lead_id}/address", "http_lead:post_address", SALES),
    ("POST", "/app/leads/{lead_id}/deals", "http_lead:post_deal", SALES),
    ("POST", "/app/leads/{lead_id}/deals/{deal_id}", "http_lead:post_deal_stage", SALES),
    ("POST", "/app/leads/{lead_id}/tasks", "http_tasks:post_task", SALES),
    ("POST", "/app/leads/{lead_id}/tasks/{task_id}", "http_tasks:post_step", SALES),
    ("POST", "/app/leads/{lead_id}/promises/{promise_id}", "http_promises:post_step", SALES),
    ("GET", "/app/leads/{lead_id}/quotes/new", "http_quotes:new_quote", SALES),
    ("POST", "/app/leads/{lead_id}/quotes", "http_quotes:post_quote", SALES),
    ("GET", "/app/leads/{lead_id}/quotes/{quote_id}", "http_quotes:show_quote", SIGNED_IN),
    ("POST", "/app/leads/{lead_id}/quotes/{quote_id}/decision", "http_quotes:post_decision", LEADING),
    ("POST", "/app/leads/{lead_id}/quotes/{quote_id}/end", "http_quotes:post_end", SALES),
    ("GET", "/app/quotes", "http_quotes:show_quotes", SIGNED_IN),
    ("GET", "/app/products", "http_products:list_products", SIGNED_IN),
    ("POST", "/app/products", "http_products:post_product", LEADING),
    ("GET", "/app/products/new", "http_products:new_product", LEADING),
    ("GET", "/app/products/{product_id}", "http_products:show_product", LEADING),
    ("POST", "/app/products/{product_id}", "http_products:post_product_changes", LEADING),
    ("GET", "/app/promises", "http_promises:show_promises", SALES),
    ("GET", "/app/uploads", "http_uploads:list_uploads", MARKETING),
    ("POST", "/app/uploads", "http_uploads:post_upload", MARKETING),
    ("GET", "/app/uploads/new", "http_uploads:new_upload", MARKETING),
    ("POST", "/app/uploads/prepare", "http_imports:post_prepare", MARKETING),
    ("GET", "/app/uploads/drafts/{draft}", "http_uploads:show_draft", MARKETING),
    ("POST", "/app/uploads/drafts/{draft}", "http_uploads:post_draft", MARKETING),
    ("GET", "/app/uploads/{import_id}", "http_uploads:show_upload", MARKETING),
    ("GET", "/app/uploads/{import_id}/progress.json", "http_uploads:upload_progress", MARKETING),
    ("GET", "/app/uploads/{import_id}/errors.csv", "http_uploads:upload_errors", SIGNED_IN),
    ("POST", "/app/uploads/{import_id}/stop", "http_uploads:post_stop", MARKETING),
    ("POST", "/app/uploads/{import_id}/resume", "http_uploads:post_resume", MARKETING),
    ("POST", "/app/uploads/{import_id}/undo", "http_uploads:post_undo", MARKETING),
    ("POST", "/app/uploads/{import_id}/basis", "http_uploads:post_basis", MARKETING),
    ("GET", "/app/campaigns", "http_campaigns:list_campaigns", MONEY),
    ("POST", "/app/campaigns", "http_campaigns:post_campaign", PLANS),
    ("GET", "/app/campaigns/{campaign_id}", "http_campaigns:show_campaign", MONEY),
    ("POST", "/app/campaigns/{campaign_id}/spend", "http_campaigns:post_spend", SPENDING),
    ("POST", "/app/campaigns/{campaign_id}/spend/{spend_id}/remove", "http_campaigns:post_spend_removal", SPENDING),
    ("POST", "/app/campaigns/{campaign_id}/spend/import", "http_campaigns:post_spend_file", SPENDING),
    ("GET", "/app/returns", "http_returns:show_returns", MONEY),
    ("GET", "/app/returns/rows", "http_returns:show_rows", MONEY),
    ("GET", "/app/returns.csv", "http_returns:download_returns", MONEY),
    ("POST", "/app/returns/refresh", "http_returns:refresh_returns", MONEY),
    ("GET", "/app/mailbox", "http_mailbox:show_mailbox", MARKETING),
    ("GET", "/app/mailbox/{mail_id}", "http_mailbox:show_mail", MARKETING),
    ("GET", "/app/mailbox/{mail_id}/html", "http_mailbox:mail_html", MARKETING),
    ("GET", "/app/mailbox/{mail_id}/attachments/{number}", "http_mailbox:mail_attachment", MARKETING),
    ("GET", "/app/brand", "http_brand_page:show_brand", PLANS),
    ("POST", "/app/brand", "http_brand_page:post_logo", PLANS),
    ("POST", "/app/brand/remove", "http_brand_page:post_remove", PLANS),
    ("GET", "/app/forms", "http_forms:list_forms", MARKETING),
    ("GET", "/app/forms/new", "http_form_builder:new_form", PLANS),
    ("POST", "/app/forms", "http_form_builder:post_form", PLANS),
    ("POST", "/app/forms/preview", "http_form_builder:preview", PLANS),
    ("GET", "/app/forms/website", "http_website_pages:show_website", MARKETING),
    ("POST", "/app/forms/website", "http_website_pages:post_website", PLANS),
    ("POST", "/app/forms/website/{host}/remove", "http_website_pages:post_removal", PLANS),
    ("GET", "/app/forms/intakes", "http_intake_pages:list_intakes", MARKETING),
    ("POST", "/app/forms/intakes", "http_intake_pages:post_intake", PLANS),
    ("GET", "/app/forms/intakes/{intake_id}", "http_intake_pages:show_intake", MARKETING),
    ("POST", "/app/forms/intakes/{intake_id}", "http_intake_pages:post_intake_changes", PLANS),
    ("POST", "/app/forms/intakes/{intake_id}/withdraw", "http_intake_pages:post_withdraw", PLANS),
    ("POST", "/app/forms/intakes/{intake_id}/open", "http_intake_pages:post_open", PLANS),
    ("GET", "/app/forms/{form_id}", "http_forms:show_form_page", MARKETING),
    ("GET", "/app/forms/{form_id}/code", "http_form_code:show_sheet", MARKETING),
    ("GET", "/app/forms/{form_id}/code.svg", "http_form_code:download_svg", MARKETING),
    ("GET", "/app/forms/{form_id}/code.png", "http_form_code:download_png", MARKETING),
    ("GET", "/app/forms/{form_id}/edit", "http_form_builder:edit_form", PLANS),
    ("POST", "/app/forms/{form_id}", "http_form_builder:post_changes", PLANS),
    ("POST", "/app/forms/{form_id}/close", "http_form_builder:post_close", PLANS),
    ("POST", "/app/forms/{form_id}/open", "http_form_builder:post_open", PLANS),
    ("GET", "/app/seminars", "http_forms:list_seminars", MARKETING),
    ("POST", "/app/seminars", "http_forms:post_seminar", MARKETING),
    ("GET", "/app/seminars/new", "http_forms:new_seminar", MARKETING),
    ("GET", "/app/seminars/{event_id}", "http_forms:show_seminar", MARKETING),
    ("POST", "/app/seminars/{event_id}", "http_forms:post_seminar_changes", MARKETING),
    ("GET", "/app/reps", "http_people:list_reps", LEADING),
    ("POST", "/app/reps", "http_people:post_rep", LEADING),
    ("GET", "/app/reps/new", "http_people:new_rep", LEADING),
    ("GET", "/app/reps/{rep_id}", "http_people:show_rep", LEADING),
    ("POST", "/app/reps/{rep_id}", "http_people:post_rep_changes", LEADING),
    ("POST", "/app/reps/{rep_id}/deactivate", "http_people:post_deactivate", LEADING),
    ("POST", "/app/reps/{rep_id}/activate", "http_people:post_activate", LEADING),
    ("POST", "/app/reps/{rep_id}/sessions/end", "http_sessions:post_end_of_person", OWNER),
    ("GET", "/app/styleguide", "http_styleguide:show_styleguide", SIGNED_IN),
    ("GET", "/app/operations", "http_operations:show_operations", LEADING),
    ("GET", "/app/audit", "http_audit:show_audit", LEADING),
    ("GET", "/app/restore", "http_restore:show_restore", OWNER),
    ("POST", "/app/restore/release", "http_restore:post_release", OWNER),
    ("GET", "/app/operations/mail", "http_mail_trouble:show_trouble", LEADING),
    ("POST", "/app/operations/mail/{lead_id}/{message_id}", "http_mail_trouble:post_decision", LEADING),
    ("POST", "/app/operations/addresses/{digest}/lift", "http_mail_trouble:post_lift", LEADING),
    ("GET", "/app/operations/waiting", "http_waiting:show_waiting", LEADING),
    ("POST", "/app/operations/waiting/replay", "http_waiting:post_replay", LEADING),
    ("GET", "/app/api-keys", "http_operations:list_keys", OWNER),
    ("POST", "/app/api-keys", "http_operations:post_key", OWNER),
    ("POST", "/app/api-keys/{digest}/withdraw", "http_operations:post_withdraw", OWNER),
)  # fmt: skip

_ENTRIES = {
    "http_form:post_form": Entry.FORM,
    "http_embed:post_form": Entry.FORM,
    "http_intakes:post_web_to_lead": Entry.WEB_TO_LEAD,
    "http_intakes:post_hubspot": Entry.HUBSPOT,
    "http_intakes:post_google": Entry.GOOGLE,
    "http_api:post_lead": Entry.LEAD,
    "http_api:post_scan": Entry.SCAN,
}
ROUTES = tuple(
    Route(method, path, view, access, _ENTRIES.get(view))
    for methods, path, view, access in _TABLE
    for method in methods.split()
)
_BY_PLACE = {(route.method, route.path): route for route in ROUTES}


def may_open(role: Role, path: str, method: str = "GET") -> bool:
    """Whether people of that role may open an address without ids: what a page may offer them."""
    route = _BY_PLACE.get((method, path))
    return route is not None and (route.access.who == PUBLIC or role in route.access.roles)
