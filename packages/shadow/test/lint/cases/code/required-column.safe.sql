-- Rule: required-column
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY);
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.plan := 'free'; RETURN NEW; END $$; CREATE TRIGGER fill BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION fill();
-- @up
ALTER TABLE accounts ADD plan text NOT NULL;
