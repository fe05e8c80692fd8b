import { maskSecrets } from '@tidemark/core'
import type { ForeignSection } from '../foreign/foreign-project.ts'
import { wholeFile } from '../foreign/foreign-project.ts'
import type { RecordedStatement } from './recorded-statement.ts'

/** A section made of recorded statements. */
export interface RecordedSection {
  readonly section: ForeignSection
  /** `none`: at least one statement ran by itself. */
  readonly transaction: 'required' | 'none'
  /** Statements with a password or with options, without their values. */
  readonly secrets: readonly string[]
}

/** Where a section comes from. */
export interface SectionPlace {
  /** How messages name it. */
  readonly path: string
  /** The statements with secrets are left out, as in a file; or they are there, as in a proof. */
  readonly secrets: 'left_out' | 'kept'
}

/**
 * Writes statements as the text of a section. Settings that they depend on come before them; transactions are
 * marked where there is more than one.
 */
export function writeSection(
  statements: readonly RecordedStatement[],
  { path, secrets: wanted }: SectionPlace,
): RecordedSection {
  const secrets: string[] = []
  const blocks = groupByTransaction(statements)
  const transactions = blocks.filter(([first]) => first?.within !== 'alone')
  const isMarked = blocks.length > 1 && transactions.length > 0
  let settings: ReadonlyMap<string, string> = new Map()
  const lines = blocks.flatMap((block) => {
    const isTransaction = block[0]?.within !== 'alone'
    const written = block.flatMap((statement) => {
      const wantedSettings = new Map(
        [...statement.settings].filter(([name, value]) => !isDefault(name, value)),
      )
      const changes = describeSettings(settings, wantedSettings)
      settings = wantedSettings
      if (wanted === 'kept' || !isSecret(statement.text)) return [...changes, writeStatement(statement)]
      const masked = maskSecrets(statement.text)
      secrets.push(masked)
      return [...changes, '-- Left out, since it has a secret: write it by hand.']
    })
    return isMarked && isTransaction ? ['BEGIN;', ...written, 'COMMIT;'] : written
  })
  const text = lines.map((line) => `${line}\n`).join('')
  return {
    section: wholeFile({ name: path, path, text }),
    transaction: transactions.length < blocks.length ? 'none' : 'required',
    secrets,
  }
}

function groupByTransaction(
  statements: readonly RecordedStatement[],
): readonly (readonly RecordedStatement[])[] {
  const groups: RecordedStatement[][] = []
  for (const statement of statements) {
    const last = groups.at(-1)
    if (last !== undefined && last[0]?.transaction === statement.transaction) last.push(statement)
    else groups.push([statement])
  }
  return groups
}

/** A search_path that finds the same as the default one. */
function isDefault(name: string, value: string): boolean {
  return name === 'search_path' && /^(?:["']?\$user["']?\s*,\s*)?["']?public["']?$/.test(value)
}

function describeSettings(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const gone = [...before.keys()].filter((name) => !after.has(name))
  const changed = [...after].filter(([name, value]) => before.get(name) !== value)
  return [
    ...gone.map((name) => `RESET ${name};`),
    ...changed.map(([name, value]) => `SET ${name} = ${value};`),
  ]
}

function writeStatement({ text, data }: RecordedStatement): string {
  const isOpen = /--[^\n]*$/.test(text)
  const statement = `${text}${isOpen ? '\n' : ''};`
  if (data === undefined) return statement
  return `${statement}\n${data}${data === '' || data.endsWith('\n') ? '' : '\n'}\\.`
}

/** Passwords of roles, and options of foreign data, which hold passwords too. */
function isSecret(text: string): boolean {
  const code = text.replace(/--.*$|\/\*[\s\S]*?\*\//gm, ' ')
  return (
    (/\b(?:ROLE|USER|GROUP)\b[\s\S]*\bPASSWORD\s+(?!NULL\b)/i.test(code) &&
      /^\s*(?:CREATE|ALTER|DO)\b/i.test(code)) ||
    (/^\s*(?:CREATE|ALTER)\s+(?:SERVER|USER\s+MAPPING|FOREIGN)\b|^\s*IMPORT\s+FOREIGN\b/i.test(code) &&
      /\bOPTIONS\s*\(/i.test(code)) ||
    /^\s*(?:CREATE|ALTER)\s+SUBSCRIPTION\b[\s\S]*\bCONNECTION\b/i.test(code)
  )
}
