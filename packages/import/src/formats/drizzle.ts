import { type Diagnostic, sha256Hex } from '@tidemark/core'
import * as z from 'zod'
import { needsReview, notCarriedOver } from '../foreign/findings.ts'
import {
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { compareText } from '../foreign/version-order.ts'
import type { JudgeHistory } from '../history/history.ts'
import { changedSince } from '../history/judge-by-version.ts'
import { type ForeignFolder, hasName, type ImportFormat } from '../import-format.ts'

const JOURNAL = /^meta\/_journal\.json$/
const FOLDER = /^([^/]+)\/migration\.sql$/
const BREAKPOINT = /-->[ \t]*statement-breakpoint/g

const JournalSchema = z.object({
  dialect: z.string().optional(),
  entries: z.array(z.object({ tag: z.string(), when: z.number() })),
})

/** What is not newer than the latest row is applied: Drizzle looks at nothing else. */
const judge: JudgeHistory = (rows, migrations) => {
  const hashes = new Set(rows.map((row) => row['hash'] ?? ''))
  const latest = Math.max(-1, ...rows.map((row) => Number(row['created_at'] ?? -1)))
  const applied = migrations.map(({ version, fingerprint = '' }) =>
    /^\d+$/.test(version) ? Number(version) <= latest : hashes.has(fingerprint),
  )
  const findings = migrations.flatMap(({ up, fingerprint = '' }, index) =>
    applied[index] === true && !hashes.has(fingerprint) ? [changedSince(up.source, 'Drizzle')] : [],
  )
  return { applied, unknown: [], findings, refusal: undefined }
}

/**
 * Drizzle: what its journal lists, in the order of the journal; or, without a journal, a folder a migration.
 */
export const drizzle: ImportFormat = {
  title: 'Drizzle',
  folders: [
    'drizzle',
    'drizzle/migrations',
    'migrations',
    'src/db/migrations',
    'src/drizzle',
    'db/migrations',
  ],
  signs: ['drizzle.config.ts', 'drizzle.config.js', 'drizzle.config.mjs', 'drizzle.config.json'],
  findFolder: (config) => /["']?\bout["']?\s*:\s*["'`]([^"'`]+)["'`]/.exec(config)?.[1],
  reads: JOURNAL,
  keeps: /^meta\/[^/]+\.json$|^[^/]+\/snapshot\.json$/,
  recognizes,
  read,
  history: {
    table: { schema: 'drizzle', name: '__drizzle_migrations', columns: ['id', 'created_at', 'hash'] },
    judge,
  },
}

/** Prisma's folders have the same names, without the snapshots. */
function recognizes(folder: ForeignFolder): boolean {
  const hasSnapshots = () => hasName(folder, /^[^/]+\/snapshot\.json$/)
  return hasName(folder, JOURNAL) || (hasName(folder, FOLDER) && hasSnapshots())
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const texts = files.filter(hasText)
  const journal = texts.find(({ name }) => JOURNAL.test(name))
  return journal === undefined ? readFolders(texts) : readJournal(journal, texts)
}

function readFolders(texts: readonly ForeignText[]): ForeignProject {
  const migrations = texts
    .filter(({ name }) => FOLDER.test(name))
    .sort((a, b) => compareText(a.name, b.name))
    .map((file) => {
      const folder = FOLDER.exec(file.name)?.[1] ?? file.name
      return readFile(file, folder, folder)
    })
  return { migrations, findings: [] }
}

function readJournal(journal: ForeignText, texts: readonly ForeignText[]): ForeignProject {
  const source = { path: journal.path, text: journal.text }
  const parsed = JournalSchema.safeParse(parseJson(journal.text))
  if (!parsed.success) {
    const message = 'not a valid Drizzle journal'
    return {
      migrations: [],
      findings: [
        needsReview(source, undefined, message, 'name the folder that `out` of drizzle.config names'),
      ],
    }
  }
  const { entries, dialect } = parsed.data
  const byName = new Map(texts.map((file) => [file.name, file]))
  const listed = new Set(entries.map(({ tag }) => `${tag}.sql`))
  const migrations = entries.flatMap(({ tag, when }) => {
    const file = byName.get(`${tag}.sql`)
    return file === undefined ? [] : [readFile(file, tag, String(when))]
  })
  const findings: readonly Diagnostic[] = [
    ...(dialect === undefined || /^(pg|postgresql)$/.test(dialect)
      ? []
      : [
          needsReview(
            source,
            undefined,
            `the migrations are for ${dialect}`,
            'Tidemark is for PostgreSQL: translate them',
          ),
        ]),
    ...entries
      .filter(({ tag }) => !byName.has(`${tag}.sql`))
      .map(({ tag }) =>
        needsReview(
          source,
          undefined,
          `it lists "${tag}", which has no file`,
          `bring back "${tag}.sql" before importing`,
        ),
      ),
    ...texts
      .filter(({ name }) => name.endsWith('.sql') && !name.includes('/') && !listed.has(name))
      .map(({ path }) =>
        notCarriedOver(
          path,
          'ignored by Drizzle: its journal does not list it',
          'add it with `tidemark new` if it belongs here',
        ),
      ),
  ]
  return { migrations, findings }
}

function readFile(file: ForeignText, name: string, version: string): ForeignMigration {
  const whole = wholeFile(file)
  const directives = [...file.text.matchAll(BREAKPOINT)].map(({ 0: word, index }) => ({
    start: index,
    end: index + word.length,
  }))
  return {
    version,
    name,
    description: undefined,
    up: { ...whole, directives, boundaries: directives.map(({ start }) => start) },
    down: undefined,
    transaction: 'required',
    run: 'once',
    fingerprint: sha256Hex(file.text),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
