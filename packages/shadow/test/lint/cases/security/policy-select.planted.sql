-- Rule: policy-without-index
-- before
CREATE TABLE notes (id bigint PRIMARY KEY, team bigint);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
-- @up
CREATE POLICY team_notes ON notes FOR SELECT USING (team = (SELECT current_setting('app.team')::bigint));
