-- Rule: scan-under-lock
-- before
CREATE TABLE events (id bigint, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE events_2026 (id bigint, day date NOT NULL CHECK (day >= '2026-01-01' AND day < '2027-01-01'));
-- @up
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
