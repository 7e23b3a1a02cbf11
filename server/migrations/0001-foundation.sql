-- Tenants, credentials and the account book. Money is INTEGER nano-USD; times are INTEGER milliseconds since 1970.
-- The book (calls, call_kinds, ledger_transactions, ledger_entries, price_versions) is append-only: triggers abort any
-- UPDATE or DELETE.

CREATE TABLE IF NOT EXISTS organizations (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS members (
  id              TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  name            TEXT NOT NULL,
  role            TEXT NOT NULL,
  created_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS relay_keys (
  id                  TEXT PRIMARY KEY,
  organization_id     TEXT NOT NULL REFERENCES organizations (id),
  name                TEXT NOT NULL,
  hash                TEXT NOT NULL UNIQUE,
  preview             TEXT NOT NULL,
  created_at          INTEGER NOT NULL,
  expires_at          INTEGER,
  disabled_at         INTEGER,
  allowed_models      TEXT,
  allowed_addresses   TEXT,
  requests_per_minute INTEGER,
  tokens_per_minute   INTEGER,
  concurrency         INTEGER,
  is_strict           INTEGER NOT NULL CHECK (is_strict IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS relay_keys_by_organization ON relay_keys (organization_id, created_at);

-- A removed account keeps its row, for the names in old calls, but not its credential.
CREATE TABLE IF NOT EXISTS upstream_accounts (
  id                TEXT PRIMARY KEY,
  name              TEXT NOT NULL,
  kind              TEXT NOT NULL,
  preset            TEXT,
  base_url          TEXT,
  sealed_credential BLOB NOT NULL,
  models            TEXT,
  model_map         TEXT NOT NULL,
  sealed_proxy      BLOB,
  region            TEXT,
  priority          INTEGER NOT NULL,
  unpriced          TEXT NOT NULL CHECK (unpriced IN ('refuse', 'free')),
  created_at        INTEGER NOT NULL,
  disabled_at       INTEGER,
  removed_at        INTEGER,
  -- Settings that only some kinds of upstream have (the region or project of a cloud), as a JSON object of strings.
  options           TEXT NOT NULL DEFAULT '{}'
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS upstream_accounts_by_name ON upstream_accounts (name) WHERE removed_at IS NULL;

-- A balance is what came in less what went out: a wallet is positive while the organization has money, and all
-- balances together are zero.
CREATE TABLE IF NOT EXISTS ledger_accounts (
  id              INTEGER PRIMARY KEY,
  kind            TEXT NOT NULL CHECK (kind IN
                    ('revenue', 'upstream-cost', 'upstream-payable', 'adjustments', 'cash', 'wallet')),
  organization_id TEXT REFERENCES organizations (id),
  CHECK ((kind = 'wallet') = (organization_id IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS ledger_accounts_by_owner ON ledger_accounts (kind, ifnull(organization_id, ''));
INSERT OR IGNORE INTO ledger_accounts (id, kind) VALUES
  (1, 'revenue'), (2, 'upstream-cost'), (3, 'upstream-payable'), (4, 'adjustments'), (5, 'cash');

CREATE TABLE IF NOT EXISTS wallets (
  organization_id TEXT PRIMARY KEY REFERENCES organizations (id),
  account_id      INTEGER NOT NULL UNIQUE REFERENCES ledger_accounts (id),
  mode            TEXT NOT NULL CHECK (mode IN ('prepaid', 'unmetered')),
  credit_line     INTEGER NOT NULL CHECK (credit_line >= 0)
) STRICT, WITHOUT ROWID;

-- A settlement has the id of its call row, which is unique by call id; every other kind has a business key of its own
-- (`top-up:` and its reference). So no booking can happen twice.
CREATE TABLE IF NOT EXISTS ledger_transactions (
  id           INTEGER PRIMARY KEY,
  -- One by one: for a list of more than two SQLite builds a table anew for every row.
  kind         TEXT NOT NULL CHECK
                 (kind = 'settlement' OR kind = 'top-up' OR kind = 'refund' OR kind = 'adjustment'),
  business_key TEXT,
  created_at   INTEGER NOT NULL,
  CHECK ((kind = 'settlement') = (business_key IS NULL))
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS ledger_transactions_by_key ON ledger_transactions (business_key)
  WHERE business_key IS NOT NULL;

-- An entry moves an amount from one ledger account to another, so it cannot be out of balance.
-- Charge: wallet to revenue. Cost: upstream-payable to upstream-cost. Top-up: cash to wallet.
CREATE TABLE IF NOT EXISTS ledger_entries (
  transaction_id INTEGER NOT NULL REFERENCES ledger_transactions (id),
  line           INTEGER NOT NULL,
  from_account   INTEGER NOT NULL REFERENCES ledger_accounts (id),
  to_account     INTEGER NOT NULL REFERENCES ledger_accounts (id),
  amount         INTEGER NOT NULL CHECK (amount > 0),
  PRIMARY KEY (transaction_id, line),
  CHECK (from_account <> to_account)
) STRICT, WITHOUT ROWID;

-- Derived from ledger_entries in the same SQL transaction; the audit derives it again and compares.
CREATE TABLE IF NOT EXISTS ledger_balances (
  account_id INTEGER PRIMARY KEY REFERENCES ledger_accounts (id),
  balance    INTEGER NOT NULL
) STRICT;

-- What many calls have in common, once. A kind that comes twice does no harm.
CREATE TABLE IF NOT EXISTS call_kinds (
  id               INTEGER PRIMARY KEY,
  key_id           TEXT NOT NULL,
  protocol         TEXT NOT NULL,
  operation        TEXT NOT NULL,
  offered_model    TEXT NOT NULL,
  served_model     TEXT,
  is_stream        INTEGER NOT NULL,
  outcome          TEXT NOT NULL,
  status           INTEGER NOT NULL,
  error_code       TEXT,
  usage_source     TEXT NOT NULL,
  flags            TEXT,
  price_version_id TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS call_kinds_by_key ON call_kinds (key_id, offered_model);

-- The id is taken from the same sequence as those of ledger_transactions.
CREATE TABLE IF NOT EXISTS calls (
  id                 INTEGER PRIMARY KEY,
  call_id            TEXT NOT NULL UNIQUE,
  organization_id    TEXT NOT NULL,
  kind_id            INTEGER NOT NULL REFERENCES call_kinds (id),
  started_at         INTEGER NOT NULL,
  duration_ms        REAL NOT NULL,
  first_byte_ms      REAL,
  attempts           TEXT NOT NULL,
  input_tokens       INTEGER NOT NULL,
  cache_read_tokens  INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  output_tokens      INTEGER NOT NULL,
  usage_detail       TEXT,
  charge             INTEGER NOT NULL,
  cost               INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS calls_by_organization ON calls (organization_id, started_at);
CREATE VIEW IF NOT EXISTS whole_calls AS
  SELECT c.*, k.key_id, k.protocol, k.operation, k.offered_model, k.served_model, k.is_stream, k.outcome, k.status,
    k.error_code, k.usage_source, k.flags, k.price_version_id
  FROM calls c JOIN call_kinds k ON k.id = c.kind_id;

-- Marks of long calls in flight. A mark whose owner is dead becomes a `relay-died` call at the next start.
CREATE TABLE IF NOT EXISTS open_calls (
  call_id         TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  started_at      INTEGER NOT NULL,
  owner           TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- `sequence` orders versions of the same model and start: the later row holds.
CREATE TABLE IF NOT EXISTS price_versions (
  sequence    INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  model       TEXT NOT NULL,
  valid_from  INTEGER NOT NULL,
  source      TEXT NOT NULL CHECK (source IN ('catalogue', 'operator')),
  recorded_at INTEGER NOT NULL,
  body        TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS ledger_transactions_keep BEFORE UPDATE ON ledger_transactions
  BEGIN SELECT RAISE(ABORT, 'ledger_transactions is append-only'); END;
CREATE TRIGGER IF NOT EXISTS ledger_transactions_stay BEFORE DELETE ON ledger_transactions
  BEGIN SELECT RAISE(ABORT, 'ledger_transactions is append-only'); END;
CREATE TRIGGER IF NOT EXISTS ledger_entries_keep BEFORE UPDATE ON ledger_entries
  BEGIN SELECT RAISE(ABORT, 'ledger_entries is append-only'); END;
CREATE TRIGGER IF NOT EXISTS ledger_entries_stay BEFORE DELETE ON ledger_entries
  BEGIN SELECT RAISE(ABORT, 'ledger_entries is append-only'); END;
CREATE TRIGGER IF NOT EXISTS price_versions_keep BEFORE UPDATE ON price_versions
  BEGIN SELECT RAISE(ABORT, 'price_versions is append-only'); END;
CREATE TRIGGER IF NOT EXISTS price_versions_stay BEFORE DELETE ON price_versions
  BEGIN SELECT RAISE(ABORT, 'price_versions is append-only'); END;
CREATE TRIGGER IF NOT EXISTS calls_keep BEFORE UPDATE ON calls
  BEGIN SELECT RAISE(ABORT, 'calls is append-only'); END;
CREATE TRIGGER IF NOT EXISTS call_kinds_keep BEFORE UPDATE ON call_kinds
  BEGIN SELECT RAISE(ABORT, 'call_kinds is append-only'); END;
CREATE TRIGGER IF NOT EXISTS call_kinds_stay BEFORE DELETE ON call_kinds
  BEGIN SELECT RAISE(ABORT, 'call_kinds is append-only'); END;
CREATE TRIGGER IF NOT EXISTS calls_stay BEFORE DELETE ON calls
  BEGIN SELECT RAISE(ABORT, 'calls is append-only'); END;
