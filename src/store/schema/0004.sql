-- Version 4: where devices stand at the first-use gate (`cordon gate`), one row for an identity that came to it.

CREATE TABLE gates (
	identity INTEGER PRIMARY KEY REFERENCES identities ON DELETE CASCADE,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	service TEXT,
	since_ns INTEGER NOT NULL,
	word TEXT NOT NULL,
	word_ns INTEGER NOT NULL,
	by TEXT,
	before INTEGER NOT NULL
);
