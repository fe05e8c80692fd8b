-- Rule: function-unresolved
-- before
CREATE TABLE items (id bigint PRIMARY KEY);
-- @up
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE n int; BEGIN SELECT count(*) INTO n FROM public.item WHERE id = NEW.id; IF n > 0 THEN DELETE FROM items WHERE id = NEW.id; END IF; RETURN NEW; END $$;
