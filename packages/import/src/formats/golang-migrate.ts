import type { Diagnostic } from '@tidemark/core'
import { notCarriedOver } from '../foreign/findings.ts'
import {
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { compareDigits, compareText, findSharedVersions } from '../foreign/version-order.ts'

const FILE = /^(\d+)_(.*)\.(up|down)\.(.+)$/

/** Reads golang-migrate: pairs `NUMBER_name.up.sql` and `.down.sql`, in the order of their numbers. */
export function readGolangMigrate(files: readonly ForeignFile[]): ForeignProject {
  const parts = files.flatMap((file) => {
    const match = FILE.exec(file.name)
    return match === null ? [] : [{ file, version: match[1] ?? '0', way: match[3], extension: match[4] }]
  })
  const sql = (way: 'up' | 'down') =>
    parts.flatMap((part) =>
      part.way === way && part.extension === 'sql' && hasText(part.file)
        ? [{ ...part, file: part.file }]
        : [],
    )
  const downs = new Map(sql('down').map(({ version, file }) => [String(BigInt(version)), file]))
  const ups = sql('up').sort(
    (a, b) => compareDigits(a.version, b.version) || compareText(a.file.name, b.file.name),
  )
  const migrations = ups.map(({ file, version }) => pair(file, version, downs.get(String(BigInt(version)))))
  const known = new Set(ups.map(({ version }) => String(BigInt(version))))
  const findings: readonly Diagnostic[] = [
    ...parts
      .filter(({ version, way }) => way === 'down' && !known.has(String(BigInt(version))))
      .map(({ file }) =>
        notCarriedOver(file.path, 'a way back without a way there', 'nothing depends on it: remove it'),
      ),
    ...files
      .filter(({ name }) => name.endsWith('.sql') && !FILE.test(name) && !name.includes('/'))
      .map(({ path }) =>
        notCarriedOver(
          path,
          'golang-migrate passes it over: the name is not NUMBER_name.up.sql',
          'add it with `tidemark new` if it belongs here',
        ),
      ),
    ...parts
      .filter(({ extension, way }) => extension !== 'sql' && way === 'up')
      .map(({ file }) =>
        notCarriedOver(file.path, 'it is not SQL', 'write its change as SQL with `tidemark new`'),
      ),
  ]
  return {
    migrations,
    findings: [...findings, ...findSharedVersions(migrations, (version) => String(BigInt(version)))],
  }
}

function pair(up: ForeignText, version: string, down: ForeignText | undefined): ForeignMigration {
  return {
    version,
    name: up.name.slice(0, -'.up.sql'.length),
    description: undefined,
    up: wholeFile(up),
    down: down === undefined ? undefined : wholeFile(down),
    transaction: 'required',
    run: 'once',
  }
}
