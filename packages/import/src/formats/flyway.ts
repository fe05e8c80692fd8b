import type { Diagnostic } from '@tidemark/core'
import { findVariables } from '../foreign/find-variables.ts'
import { notCarriedOver } from '../foreign/findings.ts'
import {
  baseName,
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { type OneWayFile, pairFiles } from '../foreign/pair-files.ts'
import { compareText, findSharedVersions } from '../foreign/version-order.ts'
import { hasName, type ImportFormat } from '../import-format.ts'
import { flywayChecksum } from './flyway/flyway-checksum.ts'
import { judgeFlywayHistory } from './flyway/flyway-history.ts'
import { compareFlywayVersions, normalizeFlywayVersion } from './flyway/flyway-version.ts'

const VERSIONED = /^([VU])(\d+(?:[._]\d+)*)(?:__(.*))?\.sql$/
const REPEATABLE = /^R__(.*)\.sql$/
const BASELINE = /^B\d+(?:[._]\d+)*(?:__.*)?\.sql$/
const CODE = /^[VURB][\d_.]*__.*\.(java|class|kt|groovy|scala|py|ps1|sh|bat|cmd)$/
const CALLBACK =
  /^(before|after)(Each)?(Migrate|Clean|Info|Validate|Baseline|Repair|Undo|Versioned|Repeatables|Connect|Version|Statement)\w*(__.*)?\.\w+$|^(createSchema|beforeConnect)(__.*)?\.\w+$/
const PLACEHOLDER = /\$\{[^}\n]*\}/g

/**
 * Flyway: versioned files with their undo files, then repeatable ones (`Run: on_change`) in the order of
 * their descriptions.
 */
export const flyway: ImportFormat = {
  title: 'Flyway',
  folders: ['src/main/resources/db/migration', 'db/migration', 'sql', 'migrations', 'flyway/sql'],
  signs: ['flyway.toml', 'flyway.conf', 'conf/flyway.conf'],
  reads: /\.sql\.conf$/,
  keeps: /\.sql\.conf$/,
  recognizes: (folder) => hasName(folder, /(^|\/)(V\d+([._]\d+)*|R)__[^/]*\.sql$/),
  read,
  history: {
    table: {
      schema: 'public',
      name: 'flyway_schema_history',
      columns: ['installed_rank', 'version', 'script', 'type', 'success', 'checksum'],
    },
    judge: judgeFlywayHistory,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const texts = files.filter(hasText)
  const versions = listVersioned(texts, 'V')
  const undo = listVersioned(texts, 'U')
  const pairs = pairFiles(versions, undo)
  const withoutTransaction = new Set(
    texts.filter(isConfigWithoutTransaction).map(({ name }) => name.slice(0, -'.conf'.length)),
  )
  const transactionOf = ({ name }: ForeignText) =>
    withoutTransaction.has(name) ? ('none' as const) : ('required' as const)
  const once = versions
    .sort((a, b) => compareFlywayVersions(a.version, b.version) || compareText(a.file.name, b.file.name))
    .map(({ file, version, description }): ForeignMigration => {
      const down = pairs.get(file)
      return {
        version,
        name: baseName(file.name).slice(0, -'.sql'.length),
        description: inWords(description),
        up: wholeFile(file),
        down: down === undefined ? undefined : wholeFile(down),
        transaction: transactionOf(file),
        run: 'once',
        fingerprint: flywayChecksum(file.text),
      }
    })
  const repeatable = texts
    .filter(({ name }) => REPEATABLE.test(baseName(name)))
    .sort((a, b) => compareText(baseName(a.name), baseName(b.name)))
    .map(
      (file): ForeignMigration => ({
        version: '',
        name: baseName(file.name).slice(0, -'.sql'.length),
        description: inWords(REPEATABLE.exec(baseName(file.name))?.[1] ?? ''),
        up: wholeFile(file),
        down: undefined,
        transaction: transactionOf(file),
        run: 'on_change',
        fingerprint: flywayChecksum(file.text),
      }),
    )
  const migrations = [...once, ...repeatable]
  return {
    migrations,
    findings: [
      ...files.flatMap(describeOther),
      ...findOrphanedUndo(undo, new Set(pairs.values())),
      ...findSharedVersions(once, normalizeFlywayVersion),
      ...migrations.flatMap(findPlaceholders),
    ],
  }
}

function isConfigWithoutTransaction({ name, text }: ForeignText): boolean {
  return name.endsWith('.sql.conf') && /^\s*executeInTransaction\s*=\s*false\s*$/m.test(text)
}

function findPlaceholders({ up, down }: ForeignMigration): readonly Diagnostic[] {
  return [up, ...(down === undefined ? [] : [down])].flatMap(({ source, span }) =>
    findVariables(source, span, PLACEHOLDER, 'Flyway replaced this placeholder'),
  )
}

interface VersionedFile extends OneWayFile {
  readonly version: string
  readonly description: string
}

function listVersioned(texts: readonly ForeignText[], wanted: 'V' | 'U'): VersionedFile[] {
  return texts.flatMap((file) => {
    const [, kind, version = '', description = ''] = VERSIONED.exec(baseName(file.name)) ?? []
    if (kind !== wanted) return []
    const number = normalizeFlywayVersion(version)
    return [{ file, version, description, stem: `${number}__${description}`, number }]
  })
}

function findOrphanedUndo(
  undo: readonly VersionedFile[],
  paired: ReadonlySet<ForeignText>,
): readonly Diagnostic[] {
  return undo
    .filter(({ file }) => !paired.has(file))
    .map(({ file }) =>
      notCarriedOver(
        file.path,
        'an undo file without its versioned file',
        'nothing depends on it: remove it',
      ),
    )
}

function describeOther({ name, path }: ForeignFile): readonly Diagnostic[] {
  const base = baseName(name)
  if (BASELINE.test(base)) {
    const help =
      'the versions before it are imported; to have one file instead of them, use `tidemark squash` afterwards'
    return [notCarriedOver(path, 'a baseline migration', help)]
  }
  if (CODE.test(base)) {
    const help =
      'write its change as SQL with `tidemark new`, and let the imported file after it depend on it'
    return [notCarriedOver(path, 'a migration in code', help)]
  }
  if (CALLBACK.test(base)) {
    return [
      notCarriedOver(
        path,
        'a callback',
        'run it from the script that runs `tidemark up`, or make it a migration with `Run: on_change`',
      ),
    ]
  }
  if (!base.endsWith('.sql') || VERSIONED.test(base) || REPEATABLE.test(base)) return []
  const message = 'ignored by Flyway: the name is not V1__name.sql, U1__name.sql or R__name.sql'
  return [notCarriedOver(path, message, 'add it with `tidemark new` if it belongs here')]
}

function inWords(description: string): string | undefined {
  const words = description.replace(/_+/g, ' ').trim()
  return words === '' ? undefined : words
}
