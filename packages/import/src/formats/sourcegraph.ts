import type { Diagnostic } from '@tidemark/core'
import { needsReview } from '../foreign/findings.ts'
import { type FolderPair, listFolderPairs } from '../foreign/folder-pairs.ts'
import {
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { compareText } from '../foreign/version-order.ts'
import type { HistoryRow, JudgeHistory } from '../history/history.ts'
import { judgeVersions } from '../history/judge-by-version.ts'
import { hasName, type ImportFormat } from '../import-format.ts'

const FOLDER = /^(\d+)(?:_[^/]*)?$/
const METADATA = /^\d+(?:_[^/]*)?\/metadata\.ya?ml$/

/** The latest row of a version decides, among those of the schema that the files belong to. */
const judge: JudgeHistory = (rows, migrations) => {
  const versions = new Set(migrations.map(({ version }) => version))
  const schemas = new Map<string, HistoryRow[]>()
  for (const row of rows) {
    const schema = row['schema'] ?? ''
    schemas.set(schema, [...(schemas.get(schema) ?? []), row])
  }
  const known = (found: readonly HistoryRow[]): number =>
    found.filter((row) => versions.has(row['version'] ?? '')).length
  const [own = []] = [...schemas.values()].sort((a, b) => known(b) - known(a))
  const latest = new Map(own.map((row) => [row['version'] ?? '', row]))
  const failed = [...latest.values()].find((row) => row['success'] !== 'true')
  const applied = [...latest].filter(([, row]) => row['up'] === 'true').map(([version]) => version)
  return {
    ...judgeVersions(new Set(applied), migrations),
    refusal: failed && {
      message: `version ${failed['version']} did not succeed`,
      help: 'fix the database by hand, run `migrator add-log`, and import again',
    },
  }
}

/** Sourcegraph: a folder a migration; `metadata.yaml` names its parents, which become `Depends on`. */
export const sourcegraph: ImportFormat = {
  title: 'Sourcegraph',
  folders: ['migrations', 'migrations/frontend', 'migrations/codeintel', 'migrations/codeinsights'],
  reads: METADATA,
  keeps: METADATA,
  recognizes: (folder) => hasName(folder, METADATA) && hasName(folder, /\/up\.sql$/),
  hasDirections: true,
  read,
  history: {
    table: {
      schema: 'public',
      name: 'migration_logs',
      columns: ['id', 'schema', 'version', 'up', 'success'],
    },
    judge,
  },
}

interface Node {
  readonly id: string
  readonly migration: ForeignMigration
  readonly parents: readonly string[]
  readonly source: ForeignMigration['up']['source']
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const metadata = new Map(
    files.filter(hasText).map((file) => [file.name.replace(/\/metadata\.ya?ml$/, ''), file]),
  )
  const nodes = listFolderPairs(files)
    .filter(({ folder }) => FOLDER.test(folder))
    .map((pair) => readNode(pair, metadata.get(pair.folder)))
    .sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)) || compareText(a.migration.name, b.migration.name))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const migrations = sortByParents(nodes, byId).map(({ migration, parents }) => ({
    ...migration,
    dependsOn: parents.flatMap((id) => byId.get(id)?.migration.name ?? []),
  }))
  return { migrations, findings: nodes.flatMap((node) => findMissing(node, byId)) }
}

function readNode({ folder, up, down }: FolderPair, file: ForeignText | undefined): Node {
  const text = file?.text ?? ''
  const [, name] = /^name:[ \t]*['"]?(.*?)['"]?[ \t]*$/m.exec(text) ?? []
  const without = /^createIndexConcurrently:[ \t]*true\b/m.test(text)
  const id = FOLDER.exec(folder)?.[1] ?? '0'
  return {
    id: String(BigInt(id)),
    parents: readParents(text),
    source: file === undefined ? wholeFile(up).source : { path: file.path, text },
    migration: {
      version: String(BigInt(id)),
      name: folder,
      description: name === '' ? undefined : name,
      up: wholeFile(up),
      down: down && wholeFile(down),
      transaction: without ? 'none' : 'required',
      run: 'once',
    },
  }
}

/** `parents: [1, 2]`, or a list with a dash a line, or `parent: 1` of older files. */
function readParents(text: string): readonly string[] {
  const list = /^parents?:[ \t]*(?:\[([^\]]*)\]|(\d+)|((?:\n[ \t]*-[ \t]*\d+)+))/m.exec(text)
  const numbers = `${list?.[1] ?? ''} ${list?.[2] ?? ''} ${list?.[3] ?? ''}`.match(/\d+/g) ?? []
  return numbers.map((number) => String(BigInt(number)))
}

/** Parents first, numbers in order where they leave it open. What is in a cycle comes last. */
function sortByParents(nodes: readonly Node[], byId: ReadonlyMap<string, Node>): readonly Node[] {
  const sorted = new Set<Node>()
  const isReady = ({ parents }: Node): boolean =>
    parents.every((id) => {
      const parent = byId.get(id)
      return parent === undefined || sorted.has(parent)
    })
  for (let rest = nodes; rest.length > 0; ) {
    const next = rest.find(isReady) ?? rest[0]
    if (next === undefined) break
    sorted.add(next)
    rest = rest.filter((node) => node !== next)
  }
  return [...sorted]
}

function findMissing({ parents, source }: Node, byId: ReadonlyMap<string, Node>): readonly Diagnostic[] {
  return parents
    .filter((id) => !byId.has(id))
    .map((id) =>
      needsReview(
        source,
        undefined,
        `its parent ${id} has no folder`,
        `bring back the folder of ${id}, or make sure that the imported file needs nothing of it`,
      ),
    )
}
