import type { Diagnostic, Span } from '@tidemark/core'
import { findVariables } from '../foreign/find-variables.ts'
import { needsReview, notCarriedOver } from '../foreign/findings.ts'
import {
  baseName,
  emptySection,
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignSection,
  type ForeignText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { joinParts } from '../foreign/join-parts.ts'
import { splitAtDelimiter } from '../foreign/split-delimiter.ts'
import { hasSql, type ImportFormat } from '../import-format.ts'
import { describeConditions, environmentsOf, isForPostgres } from './liquibase/conditions.ts'
import { changesetVersion, judgeLiquibaseHistory } from './liquibase/liquibase-history.ts'
import { CHANGELOG, orderChangelogs } from './liquibase/order-changelogs.ts'
import { type Changeset, readAttributes, readChangesets } from './liquibase/read-changesets.ts'

const PARAMETER = /\$\{[^}\n]*\}/g

/**
 * Liquibase: the changesets of formatted SQL files, each a migration, in the order of the changelogs that
 * include the files, else of their names. Simple contexts become `Environments`.
 */
export const liquibase: ImportFormat = {
  title: 'Liquibase',
  folders: [
    'src/main/resources/db/changelog',
    'db/changelog',
    'changelog',
    'liquibase',
    'src/main/resources/db',
  ],
  signs: ['liquibase.properties'],
  reads: CHANGELOG,
  keeps: CHANGELOG,
  recognizes: (folder) =>
    hasSql(folder, /^[ \t]*--[ \t]*(?:liquibase[ \t]+formatted[ \t]+sql|changeset[ \t]+\S+:)/im),
  looksLike: ['plain'],
  read,
  history: {
    table: {
      schema: 'public',
      name: 'databasechangelog',
      columns: ['orderexecuted', 'id', 'author', 'filename'],
    },
    judge: judgeLiquibaseHistory,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const { files: texts, others, withChangesets } = orderChangelogs(files)
  const properties = listProperties(texts)
  const parts = texts.map((file) => readFile(file, properties))
  return {
    migrations: parts.flatMap(({ migrations }) => migrations),
    findings: [
      ...parts.flatMap(({ findings }) => findings),
      ...others.map(({ path }) =>
        notCarriedOver(
          path,
          'ignored by Liquibase: no changelog includes it',
          'add it with `tidemark new` if it belongs here',
        ),
      ),
      ...withChangesets.map(({ path }) =>
        notCarriedOver(
          path,
          'changesets in XML, YAML and JSON are not imported',
          'write their SQL (`liquibase update-sql`) with `tidemark new`',
        ),
      ),
    ],
  }
}

interface ReadFile {
  readonly migrations: readonly ForeignMigration[]
  readonly findings: readonly Diagnostic[]
}

type Properties = ReadonlyMap<string, string>

/** The first value of a name wins, as with Liquibase. */
function listProperties(texts: readonly ForeignText[]): Properties {
  const found = texts.flatMap(({ text }) =>
    [...text.matchAll(/^[ \t]*--[ \t]*property[ \t]+(.*)$/gim)].map(([, line = '']) => readAttributes(line)),
  )
  const usable = found.filter((attributes) => isForPostgres(attributes.get('dbms')))
  return new Map(usable.map((one) => [one.get('name') ?? '', one.get('value') ?? ''] as const).reverse())
}

function readFile(file: ForeignText, properties: Properties): ReadFile {
  const stem = baseName(file.name).slice(0, -'.sql'.length)
  const changesets = readChangesets(file.text)
  if (changesets === undefined) {
    const section = withProperties(wholeFile(file), properties)
    return {
      migrations: [
        {
          version: changesetVersion('includeAll', 'raw', file.name),
          name: stem,
          description: undefined,
          up: section,
          down: undefined,
          transaction: 'required',
          run: 'once',
        },
      ],
      findings: findParameters(section, properties),
    }
  }
  const parts = changesets.map((changeset) => readChangeset(file, changeset, { stem, properties }))
  return {
    migrations: parts.flatMap(({ migration }) => migration ?? []),
    findings: parts.flatMap(({ findings }) => findings),
  }
}

function readChangeset(
  file: ForeignText,
  changeset: Changeset,
  { stem, properties }: { readonly stem: string; readonly properties: Properties },
): { readonly migration: ForeignMigration | undefined; readonly findings: readonly Diagnostic[] } {
  const { author, id, attributes, span, lines } = changeset
  const whole = wholeFile(file)
  const head = lines.find(({ kind }) => kind === 'changeset')
  if (!isForPostgres(attributes.get('dbms')) || attributes.get('ignore')?.toLowerCase() === 'true') {
    const why = attributes.has('dbms') ? `is for ${attributes.get('dbms')}` : 'is ignored'
    const message = `the changeset ${author}:${id} ${why}: it is not imported`
    const help = 'nothing to do if it has no meaning for PostgreSQL'
    return { migration: undefined, findings: [needsReview(whole.source, head, message, help)] }
  }
  const delimiter = attributes.get('enddelimiter')
  const split = (section: ForeignSection): ForeignSection =>
    splitAtDelimiter(withProperties(section, properties), delimiter)
  const up = split({ ...whole, span, directives: lines })
  const { section: down, findings: rollback } = readRollback(file, changeset, split)
  const comments = lines.filter(({ kind, value }) => kind === 'comment' && value !== '')
  return {
    migration: {
      version: changesetVersion(author, id, attributes.get('logicalfilepath') ?? file.name),
      name: id.startsWith(stem) ? id : `${stem}_${id}`,
      description: comments.length === 0 ? undefined : comments.map(({ value }) => value).join(' '),
      up,
      down,
      environments: environmentsOf(attributes),
      transaction: attributes.get('runintransaction')?.toLowerCase() === 'false' ? 'none' : 'required',
      run: isTrue(attributes, 'runonchange') || isTrue(attributes, 'runalways') ? 'on_change' : 'once',
    },
    findings: [
      ...describeConditions(whole.source, changeset, head),
      ...rollback,
      ...findParameters(up, properties),
      ...(down === undefined ? [] : findParameters(down, properties)),
    ],
  }
}

function isTrue(attributes: ReadonlyMap<string, string>, name: string): boolean {
  return attributes.get(name)?.toLowerCase() === 'true'
}

/** Without a rollback Liquibase cannot take formatted SQL back; an empty one does nothing. */
function readRollback(
  file: ForeignText,
  { lines }: Changeset,
  split: (section: ForeignSection) => ForeignSection,
): { readonly section: ForeignSection | undefined; readonly findings: readonly Diagnostic[] } {
  const { source } = wholeFile(file)
  const rollbacks = lines.filter(({ kind }) => kind === 'rollback')
  const [first] = rollbacks
  if (first === undefined) return { section: undefined, findings: [] }
  if (rollbacks.every(({ value }) => /^(?:|empty|not required)$/i.test(value)))
    return { section: emptySection(file), findings: [] }
  if (/^changesetid:/i.test(first.value)) {
    const message = `its rollback is another changeset: ${first.value}`
    const help = 'copy the SQL of that changeset under "-- @down"'
    return { section: undefined, findings: [needsReview(source, first, message, help)] }
  }
  const parts = rollbacks.map(({ value, valueStart }): Span => {
    const start = file.text.indexOf(value, valueStart)
    return { start, end: start + value.length }
  })
  return { section: split(joinParts(source, parts)), findings: [] }
}

/** Puts in the values of properties that the files themselves set. */
function withProperties(section: ForeignSection, properties: Properties): ForeignSection {
  const { source, span } = section
  const replacements = [...source.text.slice(span.start, span.end).matchAll(PARAMETER)].flatMap(
    ({ 0: word, index }) => {
      const value = properties.get(word.slice(2, -1).trim())
      const start = span.start + index
      return value === undefined ? [] : [{ start, end: start + word.length, text: value }]
    },
  )
  return replacements.length === 0 ? section : { ...section, replacements }
}

function findParameters({ source, span }: ForeignSection, properties: Properties): readonly Diagnostic[] {
  const unknown = [...source.text.slice(span.start, span.end).matchAll(PARAMETER)]
    .map(([word]) => word)
    .filter((word) => !properties.has(word.slice(2, -1).trim()))
  if (unknown.length === 0) return []
  const escaped = [...new Set(unknown)].map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return findVariables(source, span, new RegExp(escaped.join('|'), 'g'), 'Liquibase replaced this parameter')
}
