-- Made by schema 1, as cordon 0.1.0 released it. It is never made anew: the test opens it.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE meta (
	key TEXT PRIMARY KEY,
	value
) WITHOUT ROWID;
INSERT INTO meta VALUES('keep_ns',604800000000000);
INSERT INTO meta VALUES('knowledge','0123456789abcdef');
INSERT INTO meta VALUES('life',1);
INSERT INTO meta VALUES('local','192.0.2.0/24');
INSERT INTO meta VALUES('made_by','0.1.0');
INSERT INTO meta VALUES('note',NULL);
INSERT INTO meta VALUES('now_ns',1477047871000000000);
INSERT INTO meta VALUES('place','lan');
INSERT INTO meta VALUES('version','0.1.0');
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
INSERT INTO identities VALUES(1,1,'mac:00:00:5e:00:53:01',1,4,410291,0,0,0,1,'00:00:5e:00:53:01',NULL,'two-way',1477047871000000000,1477047871000000000,1477047931000000000,10,5,0,0,1,1,'Xiongmai',NULL,'camera',NULL,NULL,NULL,0,'1,3,6,15 udhcp 1.24.1',NULL,'infected','sure','it scans as a bot does','scanning',NULL,NULL,NULL,1477047931000000000,'infected','sure',0,-4866026449237977463,0,84015869685981873,3355900720564252575,NULL);
INSERT INTO identities VALUES(2,2,'mac:00:00:5e:00:53:02',1,4,410291,0,0,0,1,'00:00:5e:00:53:02',NULL,'two-way',1477047871000000000,1477047871000000000,1477047931000000000,10,5,0,0,1,1,NULL,NULL,NULL,NULL,NULL,NULL,99,NULL,NULL,'exposed','sure','it could be taken over',NULL,NULL,NULL,NULL,1477047931000000000,'exposed','sure',0,0,-4513548376053575363,0,4942445299453690169,NULL);
CREATE TABLE spans (
	identity INTEGER NOT NULL REFERENCES identities ON DELETE CASCADE,
	what TEXT NOT NULL,
	value TEXT NOT NULL COLLATE NOCASE,
	place INTEGER NOT NULL,
	first_ns INTEGER NOT NULL,
	last_ns INTEGER NOT NULL,
	PRIMARY KEY (identity, what, value)
) WITHOUT ROWID;
INSERT INTO spans VALUES(1,'address','192.0.2.7',0,1477047871000000000,1477047931000000000);
INSERT INTO spans VALUES(1,'name','front-door',0,1477047871000000000,1477047931000000000);
INSERT INTO spans VALUES(2,'address','192.0.2.8',0,1477047871000000000,1477047931000000000);
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
INSERT INTO claims VALUES(1,0,'xm-version','V4.02.R11','Xiongmai firmware V4.02.R11',0,0,7);
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
INSERT INTO exposures VALUES(1,2,0,1,'open-telnet','telnet/23','a shell answers','seen',1477047871000000000,1477047871000000000,1477047931000000000,0,9);
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
INSERT INTO findings VALUES(1,1,0,1,'mirai-scan','C-0001','proof','scanning','mirai',NULL,0,'192.0.2.7',NULL,23,0,1477047871000000000,1477047931000000000,3,0,'scans','0:7');
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
INSERT INTO verdicts VALUES(1,1,1477047871000000000,'infected','sure','it scans as a bot does','scanning',NULL);
INSERT INTO verdicts VALUES(2,2,1477047871000000000,'exposed','sure','it could be taken over',NULL,NULL);
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
INSERT INTO attacks VALUES(1,1,'udp','203.0.113.80',-1,'outbound',1477047871000000000,1477047871000000000,1477047931000000000,1000,60000,0,0,50,1,0,NULL,NULL,NULL,NULL);
CREATE TABLE attack_devices (
	attack INTEGER NOT NULL REFERENCES attacks ON DELETE CASCADE,
	id TEXT NOT NULL,
	PRIMARY KEY (attack, id)
) WITHOUT ROWID;
INSERT INTO attack_devices VALUES(1,'mac:00:00:5e:00:53:01');
CREATE TABLE recalls (
	number INTEGER PRIMARY KEY,
	maker TEXT NOT NULL,
	advisory TEXT NOT NULL,
	action TEXT,
	UNIQUE (maker, advisory)
);
INSERT INTO recalls VALUES(1,'Xiongmai','XM 2016','return it to its maker');
CREATE TABLE recall_devices (
	recall INTEGER NOT NULL REFERENCES recalls ON DELETE CASCADE,
	id TEXT NOT NULL,
	decided INTEGER NOT NULL,
	PRIMARY KEY (recall, id)
) WITHOUT ROWID;
INSERT INTO recall_devices VALUES(1,'mac:00:00:5e:00:53:01',0);
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
INSERT INTO inputs VALUES(0,0,1,'br-lan',NULL,100,6000,0,0,1477047871000000000,1477047931000000000,-1,NULL);
CREATE TABLE counters (
	number INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	life INTEGER NOT NULL,
	value INTEGER NOT NULL
);
INSERT INTO counters VALUES(1,'packets.br-lan',1,100);
CREATE TABLE minutes (
	counter INTEGER NOT NULL REFERENCES counters ON DELETE CASCADE,
	time_ns INTEGER NOT NULL,
	growth INTEGER NOT NULL,
	PRIMARY KEY (counter, time_ns)
) WITHOUT ROWID;
INSERT INTO minutes VALUES(1,1477047840000000000,100);
CREATE TABLE waiting (
	number INTEGER PRIMARY KEY AUTOINCREMENT,
	line TEXT NOT NULL
);
INSERT INTO waiting VALUES(1,'{"event_type":"health"}');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('identities',2);
INSERT INTO sqlite_sequence VALUES('waiting',1);
CREATE INDEX identities_device ON identities (device);
CREATE INDEX identities_rank ON identities (rank, hour);
CREATE INDEX spans_value ON spans (value, what);
CREATE INDEX exposures_identity ON exposures (identity);
CREATE INDEX findings_identity ON findings (identity);
CREATE INDEX verdicts_identity ON verdicts (identity);
CREATE INDEX attacks_target ON attacks (target, vector);
CREATE INDEX attacks_last ON attacks (last_ns);
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
COMMIT;
PRAGMA user_version=1;
