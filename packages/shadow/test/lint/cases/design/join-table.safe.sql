-- Rule: no-primary-key
-- before
SELECT 1;
-- @up
CREATE TABLE members (user_id bigint, team_id bigint);
ALTER TABLE members ADD PRIMARY KEY (user_id, team_id);
