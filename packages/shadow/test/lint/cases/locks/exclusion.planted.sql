-- Rule: constraint-builds-index
-- before
CREATE TABLE bookings (id bigint PRIMARY KEY, during tsrange);
-- @up
ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&);
