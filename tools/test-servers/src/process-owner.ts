import { readFileSync } from 'node:fs'

/** A system user that a server runs as. */
export interface ProcessOwner {
  readonly uid: number
  readonly gid: number
}

/** The unprivileged user to start a server as when this process is root; undefined when it is not. */
export function processOwner(): ProcessOwner | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((fields) => fields[0] === name) ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody')
}
