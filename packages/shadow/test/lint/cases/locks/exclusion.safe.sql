-- Rule: constraint-builds-index
-- before
SELECT 1;
-- @up
CREATE TABLE bookings (id bigint PRIMARY KEY, during tsrange, CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&));
