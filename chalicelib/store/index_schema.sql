PRAGMA journal_mode=WAL;
-- FULL: the feed's cursor is durable, so what it has passed must be here as well.
PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS lead (
  lead_id TEXT PRIMARY KEY, full_name TEXT, company TEXT, email TEXT, country TEXT, status TEXT, score INTEGER,
  owner_id TEXT, touches INTEGER, updated_at TEXT, reachable INTEGER, version INTEGER,
  contact_by TEXT, snoozed_until TEXT, snoozed_by TEXT, snoozed_at TEXT, company_key TEXT, status_reason TEXT,
  emails TEXT, phones TEXT, created_at TEXT, text_id INTEGER);
CREATE INDEX IF NOT EXISTS lead_newest ON lead (updated_at DESC, lead_id);
CREATE INDEX IF NOT EXISTS lead_score ON lead (score DESC, lead_id);
CREATE INDEX IF NOT EXISTS lead_name ON lead (full_name COLLATE NOCASE, lead_id);
CREATE INDEX IF NOT EXISTS lead_company_name ON lead (company COLLATE NOCASE, lead_id);
CREATE INDEX IF NOT EXISTS lead_owner ON lead (owner_id, status);
-- The words people are found by come folded; `facts` are whose the lead is and how it stands. rowid is lead.text_id.
CREATE VIRTUAL TABLE IF NOT EXISTS lead_words USING fts5 (
  name, company, email, phone, product, facts, tokenize = "unicode61 remove_diacritics 0", prefix = '2 3');
CREATE VIRTUAL TABLE IF NOT EXISTS lead_word USING fts5vocab (lead_words, row);
CREATE TABLE IF NOT EXISTS touch (
  lead_id TEXT, touch_id TEXT, occurred_at TEXT, campaign_id TEXT, channel TEXT, kind TEXT, form_id TEXT,
  import_id TEXT, version INTEGER, PRIMARY KEY (lead_id, touch_id));
CREATE INDEX IF NOT EXISTS touch_campaign ON touch (campaign_id, lead_id);
CREATE INDEX IF NOT EXISTS touch_import ON touch (import_id, lead_id);
CREATE TABLE IF NOT EXISTS opportunity (
  lead_id TEXT, opportunity_id TEXT, stage TEXT, amount INTEGER, currency TEXT, margin INTEGER, closed_at TEXT,
  created_at TEXT, version INTEGER, PRIMARY KEY (lead_id, opportunity_id));
CREATE TABLE IF NOT EXISTS message (
  lead_id TEXT, message_id TEXT, state TEXT, kind TEXT, created_at TEXT, import_id TEXT, version INTEGER,
  PRIMARY KEY (lead_id, message_id));
CREATE INDEX IF NOT EXISTS message_state ON message (state, created_at);
CREATE INDEX IF NOT EXISTS message_import ON message (import_id, state);
CREATE TABLE IF NOT EXISTS request (
  lead_id TEXT, request_id TEXT, state TEXT, owner_id TEXT, respond_by TEXT, received_at TEXT, version INTEGER,
  answered_at TEXT, limit_at TEXT,
  PRIMARY KEY (lead_id, request_id));
CREATE INDEX IF NOT EXISTS request_state ON request (state, respond_by);
CREATE TABLE IF NOT EXISTS promise (
  lead_id TEXT, promise_id TEXT, customer TEXT, promised_by TEXT, state TEXT, due_at TEXT, version INTEGER,
  PRIMARY KEY (lead_id, promise_id));
CREATE INDEX IF NOT EXISTS promise_due ON promise (state, due_at);
CREATE INDEX IF NOT EXISTS promise_customer ON promise (customer);
CREATE TABLE IF NOT EXISTS quote (
  lead_id TEXT, quote_id TEXT, customer TEXT, made_by TEXT, state TEXT, made_at TEXT, version INTEGER,
  PRIMARY KEY (lead_id, quote_id));
CREATE INDEX IF NOT EXISTS quote_state ON quote (state, made_at);
CREATE INDEX IF NOT EXISTS quote_customer ON quote (customer);
CREATE TABLE IF NOT EXISTS task (
  lead_id TEXT, task_id TEXT, owner_id TEXT, source TEXT, open INTEGER, due_at TEXT, version INTEGER,
  PRIMARY KEY (lead_id, task_id));
CREATE INDEX IF NOT EXISTS task_owner ON task (owner_id, open, due_at);
CREATE INDEX IF NOT EXISTS task_due ON task (open, due_at);
CREATE TABLE IF NOT EXISTS receipt (token TEXT PRIMARY KEY, outcome TEXT, version INTEGER);
CREATE TABLE IF NOT EXISTS kept (
  kept_id TEXT PRIMARY KEY, outcome TEXT, state TEXT, received_at TEXT, version INTEGER);
CREATE INDEX IF NOT EXISTS kept_newest ON kept (state, received_at DESC);
CREATE TABLE IF NOT EXISTS audit (
  place TEXT, audit_id TEXT, at TEXT, acted_by TEXT, kinds TEXT, version INTEGER, PRIMARY KEY (place, audit_id));
CREATE INDEX IF NOT EXISTS audit_newest ON audit (audit_id);
-- What was deleted, when that was seen, and when it was seen to be there again: whoever read it before is late.
CREATE TABLE IF NOT EXISTS gone (
  kind TEXT, ids TEXT, gone_at TEXT, back_at TEXT, PRIMARY KEY (kind, ids)) WITHOUT ROWID;
