-- Rule: definer-search-path
-- before
CREATE TABLE notes (id bigint PRIMARY KEY);
-- @up
CREATE FUNCTION note_count() RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$ BEGIN RETURN (SELECT count(*) FROM public.notes); END $$;
