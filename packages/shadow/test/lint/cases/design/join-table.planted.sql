-- Rule: no-primary-key
-- before
SELECT 1;
-- @up
CREATE TABLE members (user_id bigint, team_id bigint, UNIQUE (user_id, team_id));
