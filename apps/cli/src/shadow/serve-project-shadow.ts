import { type ServedShadow, type Shadow, serveShadow } from '@tidemark/shadow'
import type { Settings } from '../config/settings.ts'
import { readProject } from '../project/read-project.ts'
import { openProjectShadow } from './open-project-shadow.ts'
import { refuseNotChecked } from './refuse-not-checked.ts'

/** The shadow of a project, to which programs connect. */
export interface ServedProject extends Omit<ServedShadow, 'close'> {
  readonly shadow: Pick<Shadow, 'engine' | 'serverVersion' | 'applied'>
  /** Ends all connections and the shadow; nothing of it is left. */
  close(): Promise<void>
}

/** Options of {@link serveProjectShadow}. */
export interface ServeProjectOptions {
  readonly port: number | undefined
  readonly signal: AbortSignal
  /** Called when a client ended the shadow, and there is another one. */
  readonly onReplaced: () => void
}

/**
 * Serves the shadow of all migrations on 127.0.0.1.
 *
 * @throws {TidemarkError} for wrong files, TM5052 where the shadow lacks something, TM7012 for the port, and whatever
 *   `openShadow` throws.
 */
export async function serveProjectShadow(
  settings: Settings,
  { port, signal, onReplaced }: ServeProjectOptions,
): Promise<ServedProject> {
  const { graph } = await readProject(settings)
  const migrations = graph.nodes.map(({ migration }) => migration)
  const keeper = await keepShadow(() => openProjectShadow(settings, migrations, { signal }), onReplaced)
  try {
    signal.throwIfAborted()
    const { close, ...served } = await serveShadow(keeper.first, { port, current: keeper.current })
    return {
      ...served,
      shadow: keeper.first,
      async close() {
        await close()
        await keeper.close()
      },
    }
  } catch (error) {
    await keeper.close()
    throw error
  }
}

interface ShadowKeeper {
  readonly first: Shadow
  /** Gives the shadow, or another one where it was lost: a client that leaves within a statement ends PGlite. */
  readonly current: () => Promise<Shadow>
  readonly close: () => Promise<void>
}

async function keepShadow(openNew: () => Promise<Shadow>, onReplaced: () => void): Promise<ShadowKeeper> {
  const open = async () => {
    const shadow = await openNew()
    try {
      refuseNotChecked(shadow)
      return shadow
    } catch (error) {
      await shadow.close()
      throw error
    }
  }
  const first = await open()
  let opened = Promise.resolve(first)
  let turn: Promise<unknown> = opened
  const replaceLost = async (): Promise<Shadow> => {
    const shadow = await opened
    const isAlive = await answers(shadow)
    if (isAlive) return shadow
    await shadow.close()
    opened = open()
    await opened
    onReplaced()
    return opened
  }
  return {
    first,
    // One client after the other, so that two do not replace it twice.
    current: () => {
      const next = turn.then(replaceLost, replaceLost)
      turn = next
      return next
    },
    close: async () => (await opened).close(),
  }
}

async function answers(shadow: Shadow): Promise<boolean> {
  if (shadow.engine === 'server') return true
  try {
    await (await shadow.connect()).close()
    return true
  } catch {
    return false
  }
}
