-- Rule: definer-search-path
-- before
CREATE TABLE notes (id bigint PRIMARY KEY);
-- @up
CREATE FUNCTION note_count() RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN /* not SECURITY DEFINER */ RETURN (SELECT count(*) FROM public.notes); END $$;
