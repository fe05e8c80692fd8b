import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { onTestFinished } from 'vitest'
import { type Outcome, type RunOptions, runTidemark } from './run-tidemark.ts'

/** The engines that every test of a command runs on. */
export const ENGINES = ['embedded', 'server'] as const

/** A folder with files, and a database of its own. */
export interface Project {
  readonly folder: string
  readonly database: string
  /** The server's database, when there is one. */
  readonly server: TestDatabase | undefined
  write(path: string, text: string): Promise<void>
  /**
   * Runs a command in the folder against the database; the output is normalised: no times, no paths, no
   * ports.
   */
  run(args: readonly string[], options?: Partial<RunOptions>): Promise<Outcome>
  remove(): Promise<void>
}

/** Creates a project. Paths of files are relative; `none` is a project that names no database. */
export async function createProject(
  files: Readonly<Record<string, string>>,
  engine: (typeof ENGINES)[number] | 'none' = 'none',
): Promise<Project> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tidemark-cli-')))
  const server = engine === 'server' ? await createTestDatabase() : undefined
  const database = server?.url ?? (engine === 'embedded' ? 'pglite:data' : '')
  const project: Project = {
    folder,
    database,
    server,
    write: async (path, text) => {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    },
    run: async (args, options = {}) => {
      const env = { ...(database === '' ? {} : { TIDEMARK_DATABASE_URL: database }), ...options.env }
      const outcome = await runTidemark(args, { cwd: folder, ...options, env })
      return {
        code: outcome.code,
        stdout: normalise(outcome.stdout, project),
        stderr: normalise(outcome.stderr, project),
      }
    },
    remove: async () => {
      await server?.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  for (const [path, text] of Object.entries(files)) await project.write(path, text)
  return project
}

/** Creates a project that is removed when the test that runs is over. */
export async function openProject(...args: Parameters<typeof createProject>): Promise<Project> {
  const project = await createProject(...args)
  onTestFinished(() => project.remove())
  return project
}

function normalise(text: string, { folder, database }: Project): string {
  const target = database.startsWith('postgres') ? targetOf(database) : 'pglite:data'
  return text
    .replaceAll(target, '<database>')
    .replace(/ \S+ \S+Z by \S+ in run [0-9a-f]{8}$/gm, ' <moment> by <user> in run <run>')
    .replaceAll(folder, '<folder>')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, '<moment>')
    .replaceAll(/ +(\d+ ms|\d+\.\d s)(?=$|[\n,; ])/g, ' <time>')
}

function targetOf(url: string): string {
  const { username, hostname, port, pathname } = new URL(url)
  return `${decodeURIComponent(username)}@${hostname}:${port}${pathname}`
}

/** Three migrations: users, posts that depend on them, and an index that needs no transaction. */
export const SHOP: Readonly<Record<string, string>> = {
  'migrations/001_users.sql': `-- Migration: 001_users
-- Type: create_table

-- @up
CREATE TABLE users (id int PRIMARY KEY);

-- @down
DROP TABLE users;
`,
  'migrations/002_posts.sql': `-- Migration: 002_posts
-- Type: create_table
-- Depends on: [001_users]

-- @up
CREATE TABLE posts (id int PRIMARY KEY, author int REFERENCES users);

-- @down
DROP TABLE posts;
`,
  'migrations/003_posts_author.sql': `-- Migration: 003_posts_author
-- Type: create_index
-- Depends on: [002_posts]
-- Transaction: none

-- @up
CREATE INDEX CONCURRENTLY posts_author ON posts (author);

-- @down
DROP INDEX CONCURRENTLY posts_author;
`,
}
