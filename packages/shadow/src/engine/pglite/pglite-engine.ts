import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Diagnostic, Migration } from '@tidemark/core'
import {
  createEmbeddedDatabase,
  type EmbeddedProfile,
  type ExtensionArchives,
  findCreatedExtensions,
  findMissingExtensions,
  packageOf,
  pgliteVersion,
} from '@tidemark/embedded'
import { cacheNote } from '../../cache/cache-note.ts'
import type { KeptFacts } from '../../cache/kept-facts.ts'
import { openPrefixCache, type PrefixCache } from '../../cache/prefix-cache.ts'
import { markedName } from '../../cache/process-mark.ts'
import { removeAbandoned } from '../../cache/remove-abandoned.ts'
import { createPathSchemas } from '../create-schemas.ts'
import type { ScratchDatabase, ShadowEngine } from '../shadow-engine.ts'
import { findProjectExtensions } from './project-extensions.ts'

/** What the engine on PGlite is made from. */
export interface PgliteEngineOptions {
  /** The schema of the tracking tables. */
  readonly schema: string
  readonly searchPath: readonly string[] | undefined
  readonly profile: EmbeddedProfile
  /** Where packages with extensions of PGlite are looked for. */
  readonly projectFolder: string
  readonly cache: { readonly folder: string; readonly maxBytes: number } | undefined
}

/** Makes the engine whose databases run in this process, in memory: PostgreSQL as WebAssembly. */
export async function createPgliteEngine(options: PgliteEngineOptions): Promise<ShadowEngine> {
  const { schema, searchPath, profile, projectFolder } = options
  const extensions = findProjectExtensions(projectFolder)
  const notes: Diagnostic[] = []
  await removeAbandoned(tmpdir(), COPY)
  const cache = await openCache(options, notes)
  const start = (templatePath?: string) =>
    startScratch(
      { schema, searchPath, profile, extensions: extensions.archives, templatePath },
      { cache, notes },
    )
  return {
    kind: 'pglite',
    schema,
    identity: ['pglite', pgliteVersion(), profile, schema, extensions.identity, ...(searchPath ?? [])].join(
      '\n',
    ),
    mayCreateRoles: true,
    lacksPrivileges: false,
    startsEmpty: profile === 'plain',
    notes,
    refuse: (migration) => whyNot(migration, extensions.archives),
    find: async (keys) => cache?.find(keys),
    async open(key) {
      const scratch = await start(key === undefined ? undefined : cache?.path(key))
      if (key === undefined) await createPathSchemas(scratch.connect, searchPath)
      return scratch
    },
    freeRole: async () => false,
    forget: async (key) => cache?.forget(key),
    close: async () => {},
  }
}

async function openCache(
  { cache }: PgliteEngineOptions,
  notes: Diagnostic[],
): Promise<PrefixCache | undefined> {
  if (cache === undefined) return undefined
  try {
    return await openPrefixCache(join(cache.folder, 'pglite'), cache.maxBytes)
  } catch (error) {
    notes.push(cacheNote(cache.folder, error))
    return undefined
  }
}

/** Names the file through which a database is copied, in the folder for temporary files. */
const COPY = 'tidemark_shadow_copy'

interface ScratchSettings {
  readonly schema: string
  readonly searchPath: readonly string[] | undefined
  readonly profile: EmbeddedProfile
  readonly extensions: ExtensionArchives
  /** What it starts from; the template of an empty database where none is named. */
  readonly templatePath: string | undefined
}

interface Keeping {
  readonly cache: PrefixCache | undefined
  readonly notes: Diagnostic[]
}

async function startScratch(settings: ScratchSettings, keeping: Keeping): Promise<ScratchDatabase> {
  const database = createEmbeddedDatabase({ database: 'pglite:memory', createSchema: true, ...settings })
  return {
    database,
    connect: () => database.connect('tidemark shadow'),
    openWire: () => database.openWire('tidemark shadow'),
    keep: (key, facts) => keep(keeping, (path) => database.save(path), { key, facts }),
    async copy() {
      const path = join(tmpdir(), `${await markedName(COPY)}.tar.gz`)
      try {
        await database.save(path)
        const copy = await startScratch({ ...settings, templatePath: path }, keeping)
        // It reads its template when it starts.
        await (await copy.connect()).close()
        return copy
      } finally {
        await rm(path, { force: true })
      }
    },
    close: () => database.close(),
  }
}

async function keep(
  { cache, notes }: Keeping,
  save: (path: string) => Promise<void>,
  { key, facts }: { readonly key: string; readonly facts: KeptFacts },
): Promise<void> {
  if (cache === undefined || notes.length > 0) return
  try {
    await cache.keep(key, facts, save)
  } catch (error) {
    notes.push(cacheNote(dirname(cache.path(key)), error))
  }
}

function whyNot(migration: Migration, extensions: ExtensionArchives): string | undefined {
  const [missing] = findMissingExtensions(migration, extensions)
  if (missing?.source === undefined || missing.span === undefined) return undefined
  const { start, end } = missing.span
  const [name = ''] = findCreatedExtensions(missing.source.text.slice(start, end))
  const packageName = packageOf(name)
  const remedy = packageName === undefined ? '' : ` (the package "${packageName}" has it)`
  return `needs the extension "${name}", which this shadow does not have${remedy}`
}
