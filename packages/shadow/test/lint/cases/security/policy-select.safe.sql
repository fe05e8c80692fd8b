-- Rule: policy-without-index
-- before
CREATE TABLE notes (id bigint PRIMARY KEY, is_public boolean);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
-- @up
CREATE POLICY public_notes ON notes FOR SELECT USING (is_public = true);
