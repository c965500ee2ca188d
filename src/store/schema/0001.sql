-- The store of cordon, version 1. docs/store.md says what its tables mean; times are nanoseconds since 1970, UTC.

CREATE TABLE meta (
	key TEXT PRIMARY KEY,
	value
) WITHOUT ROWID;

-- One id that the engine gave; those with the same `device` followed one another and are one device.
CREATE TABLE identities (
	number INTEGER PRIMARY KEY AUTOINCREMENT,
	device INTEGER NOT NULL,
	id TEXT NOT NULL UNIQUE,
	life INTEGER NOT NULL,
	rank INTEGER NOT NULL,
	hour INTEGER NOT NULL,
	alone INTEGER NOT NULL DEFAULT 0,
	gone INTEGER NOT NULL DEFAULT 0,
	join_ns INTEGER NOT NULL DEFAULT 0,
	local INTEGER NOT NULL,
	mac TEXT,
	via TEXT,
	backing TEXT NOT NULL,
	began_ns INTEGER NOT NULL,
	first_ns INTEGER NOT NULL,
	last_ns INTEGER NOT NULL,
	packets INTEGER NOT NULL,
	unicast INTEGER NOT NULL,
	packets_before INTEGER NOT NULL DEFAULT 0,
	unicast_before INTEGER NOT NULL DEFAULT 0,
	two_way INTEGER NOT NULL,
	judged INTEGER NOT NULL,
	maker TEXT,
	brand TEXT,
	product TEXT,
	model TEXT,
	firmware TEXT,
	built TEXT,
	known_by INTEGER NOT NULL DEFAULT 99,
	lease TEXT,
	undecided TEXT,
	verdict TEXT NOT NULL,
	confidence TEXT NOT NULL,
	why TEXT,
	stages TEXT,
	families TEXT,
	steps TEXT,
	since TEXT,
	sign_ns INTEGER NOT NULL,
	stands TEXT NOT NULL DEFAULT 'clear',
	stands_confidence TEXT NOT NULL DEFAULT 'none',
	older INTEGER NOT NULL DEFAULT 0,
	claims_hash INTEGER NOT NULL DEFAULT 0,
	exposures_hash INTEGER NOT NULL DEFAULT 0,
	findings_hash INTEGER NOT NULL DEFAULT 0,
	spans_hash INTEGER NOT NULL DEFAULT 0,
	rates BLOB
);
CREATE INDEX identities_device ON identities (device);
CREATE INDEX identities_rank ON identities (rank, hour);

-- When it had which address, and called itself what.
CREATE TABLE spans (
	identity INTEGER NOT NULL REFERENCES identities ON DELETE CASCADE,
	what TEXT NOT NULL,
	value TEXT NOT NULL COLLATE NOCASE,
	place INTEGER NOT NULL,
	first_ns INTEGER NOT NULL,
	last_ns INTEGER NOT NULL,
	PRIMARY KEY (identity, what, value)
) WITHOUT ROWID;
CREATE INDEX spans_value ON spans (value, what);

-- What says who made it, what it is and which firmware it runs; best first.
CREATE TABLE claims (
	identity INTEGER NOT NULL REFERENCES identities ON DELETE CASCADE,
	place INTEGER NOT NULL,
	signal TEXT NOT NULL,
	value TEXT NOT NULL,
	says TEXT NOT NULL,
	against INTEGER NOT NULL,
	input INTEGER NOT NULL,
	packet INTEGER NOT NULL,
	PRIMARY KEY (identity, place)
) WITHOUT ROWID;

-- How it could be taken.
CREATE TABLE exposures (
	number INTEGER PRIMARY KEY,
	identity INTEGER NOT NULL REFERENCES identities ON DELETE CASCADE,
	place INTEGER NOT NULL,
	life INTEGER NOT NULL,
	kind TEXT NOT NULL,
	service TEXT,
	detail TEXT,
	basis TEXT NOT NULL,
	time_ns INTEGER NOT NULL,
	first_ns INTEGER NOT NULL,
	last_ns INTEGER NOT NULL,
	input INTEGER NOT NULL,
	packet INTEGER NOT NULL
);
CREATE INDEX exposures_identity ON exposures (identity);

-- What it did, or what was done to it.
CREATE TABLE findings (
	number INTEGER PRIMARY KEY,
	identity INTEGER NOT NULL REFERENCES identities ON DELETE CASCADE,
	place INTEGER NOT NULL,
	life INTEGER NOT NULL,
	detector TEXT NOT NULL,
	code TEXT NOT NULL,
	weight TEXT NOT NULL,
	stage TEXT,
	family TEXT,
	role TEXT,
	inward INTEGER NOT NULL,
	sender TEXT,
	peer TEXT,
	port INTEGER NOT NULL,
	caller_port INTEGER NOT NULL,
	first_ns INTEGER NOT NULL,
	last_ns INTEGER NOT NULL,
	count INTEGER NOT NULL,
	count_before INTEGER NOT NULL DEFAULT 0,
	text TEXT NOT NULL,
	packets TEXT NOT NULL
);
CREATE INDEX findings_identity ON findings (identity);

-- The worst that earlier lives said, one row for each verdict; it stands until its last sign is too old.
CREATE TABLE floors (
	identity INTEGER NOT NULL REFERENCES identities ON DELETE CASCADE,
	verdict TEXT NOT NULL,
	confidence TEXT NOT NULL,
	why TEXT,
	stages TEXT,
	families TEXT,
	steps TEXT,
	sign_ns INTEGER NOT NULL,
	PRIMARY KEY (identity, verdict)
) WITHOUT ROWID;

-- The verdict from a time on.
CREATE TABLE verdicts (
	number INTEGER PRIMARY KEY,
	identity INTEGER NOT NULL REFERENCES identities ON DELETE CASCADE,
	time_ns INTEGER NOT NULL,
	verdict TEXT NOT NULL,
	confidence TEXT NOT NULL,
	why TEXT,
	stages TEXT,
	families TEXT
);
CREATE INDEX verdicts_identity ON verdicts (identity);

CREATE TABLE attacks (
	number INTEGER PRIMARY KEY,
	life INTEGER NOT NULL,
	vector TEXT NOT NULL,
	target TEXT NOT NULL,
	port INTEGER NOT NULL,
	direction TEXT NOT NULL,
	began_ns INTEGER NOT NULL,
	first_ns INTEGER NOT NULL,
	last_ns INTEGER NOT NULL,
	packets INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	packets_before INTEGER NOT NULL DEFAULT 0,
	bytes_before INTEGER NOT NULL DEFAULT 0,
	peak_pps INTEGER NOT NULL,
	sources INTEGER NOT NULL,
	spoofed INTEGER NOT NULL,
	detail TEXT,
	cited TEXT,
	source_hashes BLOB,
	rates BLOB
);
CREATE INDEX attacks_target ON attacks (target, vector);
CREATE INDEX attacks_last ON attacks (last_ns);
CREATE TABLE attack_devices (
	attack INTEGER NOT NULL REFERENCES attacks ON DELETE CASCADE,
	id TEXT NOT NULL,
	PRIMARY KEY (attack, id)
) WITHOUT ROWID;

CREATE TABLE recalls (
	number INTEGER PRIMARY KEY,
	maker TEXT NOT NULL,
	advisory TEXT NOT NULL,
	action TEXT,
	UNIQUE (maker, advisory)
);
CREATE TABLE recall_devices (
	recall INTEGER NOT NULL REFERENCES recalls ON DELETE CASCADE,
	id TEXT NOT NULL,
	decided INTEGER NOT NULL,
	PRIMARY KEY (recall, id)
) WITHOUT ROWID;

CREATE TABLE inputs (
	number INTEGER PRIMARY KEY,
	position INTEGER NOT NULL,
	life INTEGER NOT NULL,
	path TEXT NOT NULL UNIQUE,
	format TEXT,
	packets INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	packets_before INTEGER NOT NULL DEFAULT 0,
	bytes_before INTEGER NOT NULL DEFAULT 0,
	first_ns INTEGER NOT NULL,
	last_ns INTEGER NOT NULL,
	damage_offset INTEGER NOT NULL,
	damage_reason TEXT
);

CREATE TABLE counters (
	number INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	life INTEGER NOT NULL,
	value INTEGER NOT NULL
);
CREATE TABLE minutes (
	counter INTEGER NOT NULL REFERENCES counters ON DELETE CASCADE,
	time_ns INTEGER NOT NULL,
	growth INTEGER NOT NULL,
	PRIMARY KEY (counter, time_ns)
) WITHOUT ROWID;

-- Lines of events that are not yet written for good.
CREATE TABLE waiting (
	number INTEGER PRIMARY KEY AUTOINCREMENT,
	line TEXT NOT NULL
);

-- Every change of a device in the order of time: `SELECT * FROM history ORDER BY time_ns`.
CREATE VIEW history AS
SELECT began_ns AS time_ns, number AS identity, 'seen' AS kind, 'seen first as ' || id AS text
	FROM identities
UNION ALL
SELECT first_ns, identity, what,
	CASE what WHEN 'name' THEN 'calls itself ' ELSE 'uses ' END || value
	FROM spans WHERE what IN ('address', 'name')
UNION ALL
SELECT time_ns, identity, 'verdict', verdict ||
	CASE WHEN confidence = 'none' THEN '' ELSE ' (' || confidence || ')' END ||
	CASE WHEN why IS NULL THEN '' ELSE ': ' || why END
	FROM verdicts
UNION ALL
SELECT first_ns, identity, 'exposure',
	kind || coalesce(' at ' || service, '') || coalesce(': ' || detail, '')
	FROM exposures
UNION ALL
SELECT first_ns, identity, 'finding', code || ': ' || text
	FROM findings
UNION ALL
SELECT a.first_ns, i.number, 'attack', 'takes part in a ' || a.vector || ' flood of ' || a.target
	FROM attacks a JOIN attack_devices d ON d.attack = a.number JOIN identities i ON i.id = d.id
UNION ALL
SELECT last_ns, number, 'gone', 'not seen since'
	FROM identities
	WHERE last_ns < (SELECT value FROM meta WHERE key = 'now_ns') - 86400000000000;
