import { sha256Hex } from '@tidemark/core'
import type { TestDatabase } from '@tidemark/test-servers'

/** A row of `schema_migrations`, completed with the checksum of its id by default. */
export interface RowOptions {
  readonly status?: 'pending' | 'running' | 'completed' | 'failed' | 'rolled_back'
  readonly checksum?: string
  readonly direction?: 'up' | 'down' | null
  readonly header?: object
  readonly schema?: string
}

/** Makes the columns that the first layout had, as `tracking.md` lists them. */
export async function createFirstLayout(database: TestDatabase, schema = 'public'): Promise<void> {
  await database.query(`
    CREATE SCHEMA IF NOT EXISTS "${schema}";
    CREATE TYPE "${schema}".migration_type AS ENUM ('create_table', 'custom_sql');
    CREATE TYPE "${schema}".migration_status AS ENUM ('pending', 'running', 'completed', 'failed', 'rolled_back');
    CREATE TABLE "${schema}".schema_migrations (
      id varchar(255) PRIMARY KEY, name varchar(255) NOT NULL, description text,
      migration_type "${schema}".migration_type NOT NULL, up_sql text NOT NULL, down_sql text,
      depends_on text[] NOT NULL DEFAULT '{}', status "${schema}".migration_status NOT NULL DEFAULT 'pending',
      applied_at timestamptz, execution_time_ms integer, checksum varchar(64) NOT NULL, error_message text);
    CREATE TABLE "${schema}".migration_history (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(), migration_id varchar(255) REFERENCES "${schema}".schema_migrations,
      executed_at timestamptz NOT NULL DEFAULT clock_timestamp(), status "${schema}".migration_status,
      execution_time_ms integer, error_message text, checksum varchar(64))`)
}

/** Makes the tables with every column that a gate looks at. */
export async function createTables(database: TestDatabase, schema = 'public'): Promise<void> {
  await createFirstLayout(database, schema)
  await database.query(`
    ALTER TABLE "${schema}".schema_migrations ADD header jsonb NOT NULL DEFAULT '{}', ADD direction text;
    ALTER TABLE "${schema}".migration_history ADD direction text`)
}

/** Writes a row. */
export async function record(database: TestDatabase, id: string, options: RowOptions = {}): Promise<void> {
  const {
    status = 'completed',
    checksum = sha256Hex(id),
    direction = null,
    header = {},
    schema = 'public',
  } = options
  await database.query(
    `INSERT INTO "${schema}".schema_migrations (id, name, migration_type, up_sql, status, checksum, direction, header)
     VALUES ($1, $1, 'custom_sql', '', $2::"${schema}".migration_status, $3, $4, $5)
     ON CONFLICT (id) DO UPDATE SET status = excluded.status, checksum = excluded.checksum,
       direction = excluded.direction, header = excluded.header`,
    [id, status, checksum, direction, JSON.stringify(header)],
  )
}

/** Writes an attempt. */
export async function attempt(
  database: TestDatabase,
  id: string,
  status: string,
  checksum: string,
): Promise<void> {
  await database.query(
    `INSERT INTO migration_history (migration_id, status, checksum, direction)
     VALUES ($1, $2::migration_status, $3, 'up')`,
    [id, status, checksum],
  )
}
