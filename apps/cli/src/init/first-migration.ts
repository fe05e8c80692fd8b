/** The migration that `init` writes: small, complete, and applied by the first `up`. */
export const FIRST_MIGRATION = {
  id: '001_create_notes',
  text: `-- Migration: 001_create_notes
-- Description: A first table, to see how it works
-- Type: create_table
-- Depends on: []

-- @up
CREATE TABLE notes (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  body       text NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE notes ENABLE ROW LEVEL SECURITY;

-- @down
DROP TABLE notes;

-- @verify
SELECT relrowsecurity FROM pg_class WHERE oid = 'notes'::regclass;
`,
} as const
