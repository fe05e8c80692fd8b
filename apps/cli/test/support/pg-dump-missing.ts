import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Why a backup of a server of PostgreSQL 15 cannot be made here; empty when it can. */
export const pgDumpMissing = await promisify(execFile)('pg_dump', ['--version']).then(
  ({ stdout }) => {
    const version = Number(/\b(\d+)\.\d+/.exec(stdout)?.[1])
    return version < 15 ? `pg_dump ${version} is too old` : ''
  },
  () => 'pg_dump is not on PATH',
)
