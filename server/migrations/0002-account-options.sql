-- Settings that only some kinds of upstream have (the region or project of a cloud), as a JSON object of strings.
ALTER TABLE upstream_accounts ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
