import { expect } from 'vitest'
import { openProject, type Project } from './project.ts'

/** Two migrations, the second of which changes the search path. */
export const TENANT_FILES = {
  'migrations/001_orders.sql': `-- @up
CREATE TYPE state AS ENUM ('new', 'paid');
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state state NOT NULL DEFAULT 'new');
-- @verify
SELECT count(*) >= 0 FROM orders;
-- @down
DROP TABLE orders;
DROP TYPE state;
`,
  'migrations/002_totals.sql': `-- Depends on: [001_orders]
-- @up
SET search_path = public;
RESET search_path;
ALTER TABLE orders ADD total int;
-- @down
ALTER TABLE orders DROP total;
`,
}

/** The flags of one tenant. */
export const tenant = (name: string) => ['--search-path', `${name},public`, '--schema', name]

/** A project that is applied to schemas of one database. */
export async function openTenants(...names: readonly string[]): Promise<Project> {
  const project = await openProject(TENANT_FILES, 'server')
  for (const name of names)
    expect((await project.run(['up', ...tenant(name), '--create-schema'])).code).toBe(0)
  return project
}
