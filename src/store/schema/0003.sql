-- Version 3: how a device's services were logged in to last, which the first-use gate asks for; and what it is.

ALTER TABLE identities ADD COLUMN known INTEGER NOT NULL DEFAULT 0;
ALTER TABLE identities ADD COLUMN thing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE identities ADD COLUMN unfixable INTEGER NOT NULL DEFAULT 0;
ALTER TABLE identities ADD COLUMN accesses_hash INTEGER NOT NULL DEFAULT 0;

-- One service: kind is none, factory, hidden or own. time_ns is that of the login, 0 when none was seen; last_ns that of the last
-- round that told of it.
CREATE TABLE accesses (
	identity INTEGER NOT NULL REFERENCES identities ON DELETE CASCADE,
	service TEXT NOT NULL,
	kind TEXT NOT NULL,
	unchangeable INTEGER NOT NULL,
	life INTEGER NOT NULL,
	last_ns INTEGER NOT NULL,
	time_ns INTEGER NOT NULL,
	input INTEGER NOT NULL,
	packet INTEGER NOT NULL,
	PRIMARY KEY (identity, service)
) WITHOUT ROWID;
