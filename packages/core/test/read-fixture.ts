import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Diagnostic } from '../src/diagnostic/diagnostic.ts'
import { sortDiagnostics } from '../src/diagnostic/sort-diagnostics.ts'
import { buildGraph } from '../src/graph/build-graph.ts'
import { findCaseTwins } from '../src/graph/find-case-twins.ts'
import { findPublicNames } from '../src/migration/find-public-names.ts'
import { findTypeContradiction } from '../src/migration/find-type-contradiction.ts'
import { findUnknownEnvironments } from '../src/migration/find-unknown-environments.ts'
import { createDirectoryReader } from '../src/node/read-directory.ts'
import { planApply } from '../src/plan/apply/plan-apply.ts'

const ROOT = fileURLToPath(new URL('./fixtures/diagnostics/', import.meta.url))

/** The environments of the configuration that the fixtures have. */
const ENVIRONMENTS = ['development', 'production']

/** Lists the codes that have a fixture. */
export function listFixtures(): readonly string[] {
  return readdirSync(ROOT).sort()
}

/** Does with a fixture's files what a run does before it connects, and gives every diagnostic on the way. */
export async function diagnoseFixture(code: string): Promise<readonly Diagnostic[]> {
  const base = `${ROOT}${code}`
  const read = await createDirectoryReader({ directory: `${base}/migrations`, base }).readMigrations()
  if (!read.ok) return read.error
  const { migrations, notes } = read.value
  const graph = buildGraph(migrations)
  if (!graph.ok) return graph.error
  const twins = findCaseTwins(migrations)
  const contradictions = migrations.flatMap((migration) => findTypeContradiction(migration) ?? [])
  const history = { kind: 'absent' } as const
  const plan = planApply({ graph: graph.value, history, options: readOptions(base) })
  const found = plan.ok ? plan.value.findings : plan.error
  const unknown = migrations.flatMap((migration) => findUnknownEnvironments(migration, ENVIRONMENTS))
  const isOfTenants = 'searchPath' in readOptions(base)
  const inPublic = isOfTenants ? migrations.flatMap(findPublicNames) : []
  return sortDiagnostics(
    new Set([...notes, ...twins, ...contradictions, ...unknown, ...inPublic, ...graph.value.notes, ...found]),
  )
}

/** Reads the text that a fixture's diagnostics print as. */
export function readExpectedText(code: string): string {
  return readFileSync(`${ROOT}${code}/expected.txt`, 'utf8').trimEnd()
}

function readOptions(base: string): object {
  const path = `${base}/options.json`
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
}
