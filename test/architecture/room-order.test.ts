import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Import, listImports } from './list-imports.ts'

/**
 * The rooms of each folder, ground first: a room imports only from rooms that stand before it, types
 * included. What lies in the folder itself comes last, unless it is named.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'packages/core/src': [
    'result.ts',
    'text',
    'diagnostic',
    'checksum',
    'catalog',
    'trace',
    'sql',
    'migration',
    'graph',
    'plan',
    'ports',
    'runner',
    'node',
  ],
  'packages/core/src/catalog': ['model', 'query', 'read', 'compare', 'scope'],
  'packages/core/src/migration': ['model', 'variables', 'header', 'sections'],
  'packages/core/src/plan': [
    'history',
    'plan',
    'rollback',
    'pending',
    'changes',
    'apply',
    'record',
    'round-trip',
    'verify',
    'summary',
  ],
  'packages/pg-driver/src': [
    'hooks',
    'options',
    'connection',
    'statement',
    'tracking',
    'lock',
    'engine',
    'script',
    'telemetry',
    'failure',
    'save',
    'execute',
    'database',
    'backup',
  ],
  'packages/pg-driver/src/tracking': ['schema', 'read', 'write'],
  'packages/pg-driver/src/execute': [
    'outcome.ts',
    'recover.ts',
    'announce-run.ts',
    'watch',
    'pipelined',
    'streamed',
    'autocommit',
    'batched',
  ],
  'packages/embedded/src': [
    'embedded-url.ts',
    'worker-messages.ts',
    'extensions',
    'directory',
    'backend-worker.ts',
    'backend',
  ],
  'packages/fleet/src': ['target', 'wave', 'fleet-options.ts', 'server', 'summary', 'rollout', 'queue'],
  'packages/shadow/src': [
    'shadow-options.ts',
    'dump-files.ts',
    'stub-files.ts',
    'dump',
    'port',
    'prefix',
    'cache',
    'engine',
    'create-engine.ts',
    'identify-shadow.ts',
    'apply',
    'open-shadow.ts',
    'serve',
    'snapshot',
    'baseline',
    'drift',
    'check',
    'rehearse',
    'evolution',
  ],
  'packages/shadow/src/rehearse': ['target', 'copy', 'trace', 'report', 'queries'],
  'packages/shadow/src/check': [
    'trial',
    'reversibility',
    'order',
    'closure',
    'report',
    'observe',
    'verdicts',
    'check-in-plan-order.ts',
    'warm',
  ],
  'packages/lint/src': ['tree', 'catalog', 'subject', 'model', 'rules', 'allow'],
  'packages/gate/src': [
    'manifest',
    'status',
    'http',
    'options.ts',
    'request-gate.ts',
    'require-guard.ts',
    'check',
    'targets',
    'gate.ts',
    'pg',
  ],
  'packages/import/src': [
    'foreign',
    'history',
    'recorded',
    'sql',
    'convert',
    'import-format.ts',
    'formats',
    'formats.ts',
    'recognize-format.ts',
    'files',
  ],
  'apps/cli/src': [
    'schema',
    'text',
    'redact',
    'config',
    'terminal',
    'output',
    'log',
    'failure',
    'report',
    'cache',
    'project',
    'database',
    'shadow',
    'snapshot',
    'drift',
    'status',
    'plan',
    'rehearse',
    'run',
    'fleet',
    'project-report',
    'check',
    'studio',
    'dev',
    'graph',
    'completion',
    'doctor',
    'record',
    'import',
    'init',
    'manifest',
    'squash',
    'validate',
    'command',
    'commands',
    'main',
  ],
}

describe.each(Object.entries(ROOMS))('%s', (folder, rooms) => {
  const imports = listImports(folder).map((entry) => ({ ...entry, ...placesOf(folder, entry) }))

  test('has a place in the order for each room', () => {
    const found = new Set(imports.map(({ from }) => from).filter((room) => room !== 'root'))
    expect([...found].filter((room) => !rooms.includes(room))).toEqual([])
  })

  test('imports only from rooms that stand before', () => {
    const place = (room: string) => (room === 'root' ? rooms.length : rooms.indexOf(room))
    const inside = imports.filter(({ to }) => to !== 'outside')
    expect(inside.length).toBeGreaterThan(0)
    const backwards = inside.filter(({ from, to }) => from !== to && place(to) >= place(from))
    expect(backwards.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([])
  })
})

/**
 * Where an import comes from and leads to: a room of the folder, a file that is named like one, `root`, or
 * `outside`.
 */
function placesOf(
  folder: string,
  { file, specifier }: Import,
): { readonly from: string; readonly to: string } {
  const roomOf = (path: string) => {
    const [first = '', ...rest] = path.split('/')
    if (first === '..') return 'outside'
    return rest.length > 0 || ROOMS[folder]?.includes(first) ? first : 'root'
  }
  const to = specifier.startsWith('.')
    ? roomOf(posix.relative(folder, posix.join(posix.dirname(file), specifier)))
    : 'outside'
  return { from: roomOf(posix.relative(folder, file)), to }
}
