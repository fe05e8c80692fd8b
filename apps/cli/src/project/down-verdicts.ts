import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type DownVerdict,
  type Migration,
  type MigrationId,
  readDownVerdict,
  withDownVerdict,
} from '@tidemark/core'
import { makePrivateFolder, replaceFile } from '@tidemark/core/node'

interface KeptVerdict {
  /** See {@link listBases}. */
  readonly basis: string
  readonly known: DownVerdict
}

/**
 * Gives migrations with what checks on this machine showed of each `@down`, as long as neither its file nor one
 * that it depends on has changed since. What is given besides holds first.
 */
export async function addDownVerdicts(
  migrations: readonly Migration[],
  folder: string,
  given?: Readonly<Record<MigrationId, DownVerdict>>,
): Promise<readonly Migration[]> {
  const kept = await readKept(folder)
  if (kept.size === 0 && given === undefined) return migrations
  const bases = kept.size === 0 ? new Map<MigrationId, string>() : listBases(migrations)
  return migrations.map((migration) => {
    const { id } = migration
    const own = kept.get(id)
    const known = given?.[id] ?? (own?.basis === bases.get(id) ? own?.known : undefined)
    return known === undefined ? migration : withDownVerdict(migration, known)
  })
}

/**
 * Keeps what a check showed; of the migrations that it was not asked about, what is known stays. Where the folder
 * cannot be written, nothing is kept.
 *
 * @param found undefined of a migration of whose `@down` not enough is known.
 */
export async function keepDownVerdicts(
  migrations: readonly Migration[],
  folder: string,
  found: ReadonlyMap<MigrationId, DownVerdict | undefined>,
): Promise<void> {
  const kept = await readKept(folder)
  const bases = listBases(migrations)
  const entries = [...bases].flatMap(([id, basis]): readonly (readonly [MigrationId, KeptVerdict])[] => {
    const known = found.get(id)
    if (known !== undefined) return [[id, { basis, known }]]
    const old = found.has(id) ? undefined : kept.get(id)
    return old === undefined ? [] : [[id, old]]
  })
  const document = { formatVersion: 1, migrations: Object.fromEntries(entries) }
  try {
    await makePrivateFolder(join(folder, '.tidemark'))
    await replaceFile(pathIn(folder), `${JSON.stringify(document, null, 2)}\n`)
  } catch {
    // It is shown as never checked then.
  }
}

function pathIn(folder: string): string {
  return join(folder, '.tidemark', 'verdicts.json')
}

/** Nothing where there is no such file, or where it is none of ours. */
async function readKept(folder: string): Promise<ReadonlyMap<MigrationId, KeptVerdict>> {
  const text = await readFile(pathIn(folder), 'utf8').catch(() => undefined)
  if (text === undefined) return new Map()
  try {
    const document: { readonly formatVersion?: unknown; readonly migrations?: unknown } = JSON.parse(text)
    if (document.formatVersion !== 1 || typeof document.migrations !== 'object') return new Map()
    return new Map(
      Object.entries(document.migrations ?? {}).flatMap(([id, value]) => {
        const kept: { readonly basis?: unknown; readonly known?: unknown } = value ?? {}
        const known = readDownVerdict(kept.known)
        return typeof kept.basis !== 'string' || known === undefined
          ? []
          : [[id, { basis: kept.basis, known }] as const]
      }),
    )
  } catch {
    return new Map()
  }
}

/** What a verdict rests on: the file, and all that it depends on, of which each is part of the next. */
function listBases(migrations: readonly Migration[]): ReadonlyMap<MigrationId, string> {
  const byId = new Map(migrations.map((migration) => [migration.id, migration]))
  const bases = new Map<MigrationId, string>()
  const open = migrations.map(({ id }) => id)
  const begun = new Set<MigrationId>()
  for (let id = open.at(-1); id !== undefined; id = open.at(-1)) {
    const migration = byId.get(id)
    const missing = (migration?.header.dependsOn ?? []).filter((one) => byId.has(one) && !begun.has(one))
    begun.add(id)
    if (missing.length > 0) {
      open.push(...missing)
      continue
    }
    open.pop()
    if (migration === undefined || bases.has(id)) continue
    const below = [...migration.header.dependsOn].sort().map((one) => bases.get(one) ?? one)
    bases.set(id, hash([id, migration.checksum, ...below].join('\n')))
  }
  return bases
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
