import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender, Prepared } from './contender.ts'
import { runOnce } from './measure.ts'

/** Another tool: what to install, the files it wants, and its `up`. */
export interface Peer {
  readonly name: string
  readonly packages: readonly string[]
  readonly bin: string
  readonly args: readonly string[]
  /** Further files, by path; those of the migrations come from `write`. */
  readonly files: Readonly<Record<string, string>>
  readonly write: (index: number, sql: string) => readonly [path: string, text: string]
}

const stamp = (index: number): string => String(20_200_101_000_000 + index * 100)

/** Those that are command lines of their own. */
export const PEERS: readonly Peer[] = [
  {
    name: 'dbmate',
    packages: ['dbmate'],
    bin: 'dbmate',
    args: ['--no-dump-schema', '--migrations-dir', 'migrations', 'migrate'],
    files: {},
    write: (index, sql) => [`migrations/${stamp(index)}_m.sql`, `-- migrate:up\n${sql}\n-- migrate:down\n`],
  },
  {
    name: 'node-pg-migrate',
    packages: ['node-pg-migrate', 'pg'],
    bin: 'node-pg-migrate',
    args: ['up', '-m', 'migrations'],
    files: {},
    write: (index, sql) => [`migrations/${1_600_000_000_000 + index}_m.sql`, `-- Up Migration\n${sql}\n`],
  },
  {
    name: 'knex',
    packages: ['knex', 'pg'],
    bin: 'knex',
    args: ['migrate:latest', '--knexfile', 'knexfile.cjs'],
    files: {
      'knexfile.cjs':
        "module.exports = { client: 'pg', connection: process.env.DATABASE_URL, migrations: { directory: 'migrations' } }\n",
    },
    write: (index, sql) => [
      `migrations/${stamp(index)}_m.cjs`,
      `exports.up = (knex) => knex.raw(${JSON.stringify(sql)})\nexports.down = async () => {}\n`,
    ],
  },
  {
    name: 'drizzle-kit',
    packages: ['drizzle-kit', 'drizzle-orm', 'pg'],
    bin: 'drizzle-kit',
    args: ['migrate'],
    files: {
      'drizzle.config.js':
        "export default { dialect: 'postgresql', out: './migrations', dbCredentials: { url: process.env.DATABASE_URL } }\n",
    },
    write: (index, sql) => [`migrations/${String(index).padStart(4, '0')}_m.sql`, `${sql}\n`],
  },
]

/**
 * Installs each peer from npm in a folder of its own and applies the migrations; one that cannot is skipped
 * with the reason.
 */
export function preparePeers(
  folder: string,
  statements: readonly string[],
  createDatabase: (name: string) => string,
): readonly Prepared[] {
  const prepared = PEERS.map((peer) => prepare(peer, join(folder, peer.name), statements, createDatabase))
  const reason = 'its npm package has no program in it and downloads one from elsewhere'
  return [...prepared, { kind: 'skipped', skipped: { name: 'supabase', reason } }]
}

function prepare(
  peer: Peer,
  cwd: string,
  statements: readonly string[],
  createDatabase: (name: string) => string,
): Prepared {
  try {
    const contender = installPeer(peer, cwd, statements, createDatabase(peer.name.replaceAll('-', '_')))
    runOnce(contender)
    return { kind: 'ready', contenders: [{ ...contender, name: `${peer.name}, nothing to do` }] }
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return { kind: 'skipped', skipped: { name: peer.name, reason } }
  }
}

/**
 * Installs one peer from npm into a folder, unless it is there, and writes the migrations as it wants them.
 *
 * @throws Error when it cannot be installed.
 */
export function installPeer(
  peer: Peer,
  cwd: string,
  statements: readonly string[],
  databaseUrl: string,
): Contender {
  rmSync(join(cwd, 'migrations'), { recursive: true, force: true })
  mkdirSync(join(cwd, 'migrations', 'meta'), { recursive: true })
  writeFileSync(join(cwd, 'package.json'), '{ "private": true, "type": "module" }\n')
  if (!existsSync(join(cwd, 'node_modules'))) {
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...peer.packages], {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 240_000,
    })
  }
  for (const [path, text] of Object.entries(peer.files)) writeFileSync(join(cwd, path), text)
  const files = statements.map((sql, index) => peer.write(index, sql))
  for (const [path, text] of files) writeFileSync(join(cwd, path), text)
  if (peer.name.startsWith('drizzle')) writeJournal(cwd, statements.length)
  return {
    name: peer.name,
    command: peer.bin === 'node' ? process.execPath : join(cwd, 'node_modules', '.bin', peer.bin),
    args: peer.args,
    cwd,
    env: { DATABASE_URL: databaseUrl, NODE_ENV: 'production' },
  }
}

function writeJournal(cwd: string, count: number): void {
  const entries = Array.from({ length: count }, (_, idx) => ({
    idx,
    version: '7',
    when: 1_600_000_000_000 + idx,
    tag: `${String(idx).padStart(4, '0')}_m`,
    breakpoints: true,
  }))
  const journal = { version: '7', dialect: 'postgresql', entries }
  writeFileSync(join(cwd, 'migrations', 'meta', '_journal.json'), JSON.stringify(journal))
}
