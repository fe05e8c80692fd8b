-- Rule: index-not-concurrent
-- before
CREATE TABLE events (id bigint, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- @up
CREATE INDEX events_day_idx ON events (day);
