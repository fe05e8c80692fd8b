import { execFile } from 'node:child_process'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { applyHere } from '../apply-here.ts'
import { type Arena, type ArenaDatabase, openArena } from '../arena.ts'
import { expectNothing, FaultError, type Scenario, type ScenarioContext } from '../scenario.ts'

const execute = promisify(execFile)
const MEGABYTE = 1024 * 1024

/** Fills the server's disk, so that a run meets its end at a random place (I2, I5). */
export const diskScenario: Scenario = {
  name: 'disk',
  about: 'the disk of the server runs full under a run (a small tmpfs)',
  count: 15,
  async run(context) {
    const disk = await mountSmallDisk()
    if ('skipped' in disk) return disk
    try {
      const arena = await openArena({
        storage: { folder: disk.folder },
        settings: { fsync: 'on', max_wal_size: '64MB', min_wal_size: '32MB', shared_buffers: '16MB' },
      })
      try {
        return await fillAgainAndAgain(arena, disk.folder, context)
      } finally {
        await arena.close()
      }
    } finally {
      await disk.unmount()
    }
  },
}

async function fillAgainAndAgain(arena: Arena, folder: string, context: ScenarioContext) {
  const tally = { fills: 0, 'runs that failed': 0, 'servers that stopped': 0 }
  for (; tally.fills < context.count && !context.isOver(); tally.fills += 1) {
    const database = await arena.createDatabase()
    const ballast = join(folder, 'ballast')
    const { bavail, bsize } = await statfs(folder)
    const left = context.random.integer(0, 4 * MEGABYTE)
    await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left)))
    const { told, error } = await applyHere({ database: database.url, migrations: arena.folder })
    await rm(ballast)
    if (error !== undefined) tally['runs that failed'] += 1
    if (await restartWhenStopped(arena, database)) tally['servers that stopped'] += 1
    expectNothing('said applied, but is not', await database.listUntrue(told))
    const again = await applyHere({ database: database.url, migrations: arena.folder })
    if (again.error !== undefined) {
      throw new FaultError('does not go on with room on the disk', [again.error.message])
    }
    expectNothing(`with ${left} bytes left`, await database.judge())
    await database.drop()
  }
  return tally
}

/** PostgreSQL stops itself (PANIC) when it cannot write its log. */
async function restartWhenStopped({ server }: Arena, database: ArenaDatabase): Promise<boolean> {
  const answers = await database.query('SELECT 1').then(
    () => true,
    () => false,
  )
  if (answers) return false
  await server.stop('immediate')
  await server.start()
  return true
}

type SmallDisk =
  | { readonly folder: string; readonly unmount: () => Promise<void> }
  | { readonly skipped: string }

async function mountSmallDisk(): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-disk-'))
  try {
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=260m,mode=0777', 'tmpfs', folder])
  } catch (error) {
    await rm(folder, { recursive: true })
    const reason = error instanceof Error ? error.message.trim() : String(error)
    return { skipped: `a tmpfs cannot be mounted here: ${reason}` }
  }
  return {
    folder,
    async unmount() {
      await execute('umount', [folder])
      await rm(folder, { recursive: true })
    },
  }
}
