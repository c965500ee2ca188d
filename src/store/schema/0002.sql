-- Version 2: what the owner ordered of a device, and how long it was held (`cordon contain`).

-- The owner's last word on a device.
CREATE TABLE orders (
	identity INTEGER PRIMARY KEY REFERENCES identities ON DELETE CASCADE,
	what TEXT NOT NULL,
	given_ns INTEGER NOT NULL,
	until_ns INTEGER NOT NULL,
	by TEXT NOT NULL
);

-- One time that a device was held: open while ended_ns is NULL.
CREATE TABLE holds (
	number INTEGER PRIMARY KEY,
	identity INTEGER NOT NULL REFERENCES identities ON DELETE CASCADE,
	hold TEXT NOT NULL,
	reason TEXT NOT NULL,
	by TEXT NOT NULL,
	began_ns INTEGER NOT NULL,
	until_ns INTEGER NOT NULL,
	ended_ns INTEGER,
	ended TEXT,
	packets INTEGER NOT NULL DEFAULT 0,
	bytes INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX holds_identity ON holds (identity);

DROP VIEW history;
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
SELECT began_ns, identity, 'hold', hold || ' by ' || by || ': ' || reason
	FROM holds
UNION ALL
SELECT ended_ns, identity, 'hold', 'released: ' || ended || '; ' || packets || ' packets of it were dropped'
	FROM holds WHERE ended_ns IS NOT NULL
UNION ALL
SELECT last_ns, number, 'gone', 'not seen since'
	FROM identities
	WHERE last_ns < (SELECT value FROM meta WHERE key = 'now_ns') - 86400000000000;
