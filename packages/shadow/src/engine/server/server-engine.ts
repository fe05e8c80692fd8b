import { type Diagnostic, TidemarkError } from '@tidemark/core'
import { type EmbeddedProfile, supabaseProfileSql } from '@tidemark/embedded'
import { createServerDatabase } from '@tidemark/pg-driver'
import { type Connection, connectToServer, explainConnectFailure, openWire } from '@tidemark/pg-driver/engine'
import { createPathSchemas } from '../create-schemas.ts'
import type { ScratchDatabase, ShadowEngine } from '../shadow-engine.ts'
import { reachesBeyondDatabase } from './cluster-wide.ts'
import { checkServer, readServerFacts } from './server-facts.ts'
import { takeTurn } from './server-turn.ts'
import { createShadowDatabases, type ShadowDatabases } from './shadow-databases.ts'
import { createShadowRoles } from './shadow-roles.ts'

/** What the engine on a server is made from. */
export interface ServerEngineOptions {
  readonly url: string
  /** The server is there for shadows alone: what reaches beyond one database may run. */
  readonly disposable: boolean
  /** The schema of the tracking tables. */
  readonly schema: string
  readonly searchPath: readonly string[] | undefined
  readonly profile: EmbeddedProfile
  /** The system identifier of the database that the migrations are for. */
  readonly targetIdentifier: string | undefined
  /** Whether databases are kept for the next time. */
  readonly keeps: boolean
}

const APPLICATION = 'tidemark shadow'
const TIMEOUT_MS = 10_000

/**
 * Makes the engine whose databases are on a server: created from templates, dropped when they are closed.
 *
 * @throws TidemarkError TM5001 when the server cannot be reached, TM5050 when it is refused.
 */
export async function createServerEngine(options: ServerEngineOptions): Promise<ShadowEngine> {
  const { url, disposable, schema, searchPath, profile, keeps } = options
  const admin = await connect(url)
  let leaveTurn = async (): Promise<void> => {}
  try {
    const facts = await readServerFacts(admin)
    checkServer(facts, options)
    if (profile === 'supabase' && !disposable) throw profileRefused()
    if (disposable) leaveTurn = await takeTurn(url, () => connect(url))
    const usual = profile === 'supabase' ? ['$user', 'public', 'extensions'] : ['$user', 'public']
    const databases = createShadowDatabases(admin, searchPath ?? usual)
    const noted = await databases.sweep()
    const roles = disposable ? createShadowRoles(admin, databases) : undefined
    for (const note of noted) await roles?.recover(note)
    const notes: Diagnostic[] = []
    const start = (name: string) => startScratch({ name, url, schema, searchPath, databases, keeps, notes })
    return {
      kind: 'server',
      schema,
      identity: ['server', facts.version, facts.role, profile, schema, ...(searchPath ?? [])].join('\n'),
      mayCreateRoles: disposable,
      lacksPrivileges: !facts.isSuperuser,
      startsEmpty: profile === 'plain',
      notes,
      refuse: (migration) => reachesBeyondDatabase(migration, disposable ? 'shadows' : 'shared'),
      find: async (keys) => (keeps ? databases.find(keys) : undefined),
      forget: (key) => databases.forget(key),
      freeRole: async (role, key) => (await roles?.free(role, key)) ?? false,
      async open(key) {
        const known = await roles?.watch()
        const name = await databases.create(key === undefined ? undefined : { key })
        if (known !== undefined) await databases.note(name, known)
        if (key === undefined && profile === 'supabase') await applyProfile(addressOf(url, name))
        const scratch = start(name)
        if (key === undefined) await createPathSchemas(scratch.connect, searchPath)
        return scratch
      },
      async close() {
        await roles?.leave()
        await admin.close()
        await leaveTurn()
      },
    }
  } catch (error) {
    await admin.close()
    await leaveTurn()
    throw error
  }
}

interface ScratchParts {
  readonly name: string
  readonly url: string
  readonly schema: string
  readonly searchPath: readonly string[] | undefined
  readonly databases: ShadowDatabases
  readonly keeps: boolean
  readonly notes: Diagnostic[]
}

function startScratch(parts: ScratchParts): ScratchDatabase {
  const { name, url, schema, searchPath, databases, keeps, notes } = parts
  const address = addressOf(url, name)
  return {
    database: createServerDatabase({ database: address, schema, searchPath, createSchema: true }),
    connect: () => connect(address),
    openWire: () => openWire({ url: address, applicationName: APPLICATION, timeoutMs: TIMEOUT_MS }),
    async keep(key, facts) {
      if (!keeps || notes.length > 0) return
      try {
        await databases.keep(name, key, facts)
      } catch (error) {
        notes.push(keepNote(error))
      }
    },
    copy: async () => startScratch({ ...parts, name: await databases.create({ name }) }),
    close: () => databases.drop(name),
  }
}

async function connect(url: string): Promise<Connection> {
  try {
    return await connectToServer({ url, applicationName: APPLICATION, timeoutMs: TIMEOUT_MS })
  } catch (error) {
    throw explainConnectFailure(error, url, TIMEOUT_MS)
  }
}

/** The last of two equal parameters wins. */
function addressOf(url: string, name: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}dbname=${name}`
}

async function applyProfile(url: string): Promise<void> {
  const connection = await connect(url)
  try {
    await connection.query(supabaseProfileSql)
  } finally {
    await connection.close()
  }
}

function profileRefused(): TidemarkError {
  return new TidemarkError({
    code: 'TM5050',
    message:
      'the shadow server is refused: the profile "supabase" creates roles, which reach beyond one database',
    help: 'set `shadowDisposable` to true if the server is there for shadows alone, or leave `shadow` out',
  })
}

function keepNote(error: unknown): Diagnostic {
  return {
    code: 'TM5051',
    severity: 'warning',
    message: `the shadow is not kept on its server: ${error instanceof Error ? error.message : String(error)}`,
    help: 'the result is the same, only slower',
  }
}
