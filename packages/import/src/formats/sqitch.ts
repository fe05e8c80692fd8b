import type { Diagnostic, SourceFile } from '@tidemark/core'
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
import { hashText } from '../history/hash-text.ts'
import type { JudgeHistory } from '../history/history.ts'
import { findChangedSince } from '../history/judge-by-version.ts'
import { hasName, type ImportFormat } from '../import-format.ts'
import { findPlaceholders } from '../sql/find-placeholders.ts'
import { type PlannedChange, readPlan, resolveDependency, type SqitchPlan } from './sqitch/read-plan.ts'
import { readVerify } from './sqitch/read-verify.ts'

const PLAN = /^sqitch\.plan$/
const OWN = /^sqitch\.(?:plan|conf)$/

/** A row for each deployed change; a reworked change has one for each time. */
const judge: JudgeHistory = (rows, migrations) => {
  const [project = ''] = migrations[0]?.version.split(':') ?? []
  const deployed = new Map<string, string[]>()
  for (const row of rows) {
    if ((row['project'] ?? '') !== project) continue
    const version = `${project}:${row['change']}`
    deployed.set(version, [...(deployed.get(version) ?? []), row['script_hash'] ?? ''])
  }
  const seen = new Map<string, number>()
  const hashes = migrations.map(({ version }) => {
    const times = seen.get(version) ?? 0
    seen.set(version, times + 1)
    return deployed.get(version)?.[times]
  })
  return {
    applied: hashes.map((hash) => hash !== undefined),
    unknown: [...deployed.keys()]
      .filter((version) => !seen.has(version))
      .map((version) => version.slice(project.length + 1)),
    findings: migrations.flatMap((migration, index) => findChangedSince(migration, hashes[index], 'Sqitch')),
    refusal: undefined,
  }
}

/**
 * Sqitch: the changes in the order of `sqitch.plan`, with their deploy, revert and verify scripts. Tags become
 * `Tags`, what a change requires is in `Depends on` beside the change before it.
 */
export const sqitch: ImportFormat = {
  title: 'Sqitch',
  folders: ['sqitch', 'db', 'migrations', 'sql'],
  signs: ['sqitch.conf', 'sqitch.plan'],
  findFolder: (config) => /^\s*top_dir\s*=\s*(\S+)/m.exec(config)?.[1] ?? '.',
  amid: { sign: 'sqitch.plan', belongs: /^(?:sqitch\.(?:plan|conf)|deploy|revert|verify)$/ },
  reads: OWN,
  keeps: OWN,
  recognizes: (folder) => hasName(folder, PLAN),
  hasDirections: true,
  read,
  history: {
    table: {
      schema: 'sqitch',
      name: 'changes',
      columns: ['committed_at', 'project', 'change', 'script_hash'],
    },
    judge,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const texts = files.filter(hasText)
  const file = texts.find(({ name }) => PLAN.test(name))
  if (file === undefined) return { migrations: [], findings: [] }
  const source = { path: file.path, text: file.text }
  const plan = readPlan(file.text)
  const byName = new Map(texts.map((text) => [text.name, text]))
  const stems = plan.changes.map((_, index) => stemOf(plan, index, byName))
  const parts = plan.changes.map((change, index) =>
    readChange({ plan, change, index, stems, byName, source }),
  )
  const migrations = parts.flatMap(({ migration }) => migration ?? [])
  const scripts = new Set(
    stems.flatMap((stem) => ['deploy', 'revert', 'verify'].map((folder) => `${folder}/${stem}.sql`)),
  )
  return {
    migrations,
    findings: [
      ...parts.flatMap(({ findings }) => findings),
      ...plan.unknown.map((span) =>
        needsReview(source, span, 'this line of the plan is not understood', 'check what it is for'),
      ),
      ...texts
        .filter(({ name }) => name.endsWith('.sql') && !scripts.has(name))
        .map(({ path }) =>
          notCarriedOver(
            path,
            'no change of sqitch.plan has this script',
            'add it with `tidemark new` if it belongs here',
          ),
        ),
    ],
  }
}

/**
 * The name of a change's scripts: its own, or, before it was reworked, with one of the tags between
 * (`users@v1.0`).
 */
function stemOf({ changes }: SqitchPlan, index: number, byName: ReadonlyMap<string, ForeignText>): string {
  const name = changes[index]?.name ?? ''
  const next = changes.findIndex((change, at) => at > index && change.name === name)
  if (next === -1) return name
  const tags = changes.slice(index, next).flatMap((change) => change.tags)
  const stems = tags.map((tag) => `${name}@${tag}`).reverse()
  return stems.find((stem) => byName.has(`deploy/${stem}.sql`)) ?? stems[0] ?? name
}

interface ChangePlace {
  readonly plan: SqitchPlan
  readonly change: PlannedChange
  readonly index: number
  readonly stems: readonly string[]
  readonly byName: ReadonlyMap<string, ForeignText>
  readonly source: SourceFile
}

function readChange({ plan, change, index, stems, byName, source }: ChangePlace): {
  readonly migration: ForeignMigration | undefined
  readonly findings: readonly Diagnostic[]
} {
  const stem = stems[index] ?? change.name
  const deploy = byName.get(`deploy/${stem}.sql`)
  if (deploy === undefined) {
    const message = `"${stem}" has no deploy script`
    const help = `bring back "deploy/${stem}.sql" before importing`
    return { migration: undefined, findings: [needsReview(source, change.span, message, help)] }
  }
  const revert = byName.get(`revert/${stem}.sql`)
  const verifyFile = byName.get(`verify/${stem}.sql`)
  const verify = verifyFile && readVerify(verifyFile)
  const scripts = [deploy, revert, verifyFile].flatMap((script) => script ?? [])
  const needed = change.requires.map((name) => ({ name, at: resolveDependency(plan, name, index) }))
  const before = stems.slice(0, index).findLastIndex((name) => byName.has(`deploy/${name}.sql`))
  const dependsOn = [...(before === -1 ? [] : [before]), ...needed.flatMap(({ at }) => at ?? [])]
  return {
    migration: {
      version: `${plan.project}:${change.name}`,
      name: stem,
      description: change.note === '' ? undefined : change.note,
      up: wholeFile(deploy),
      down: revert && wholeFile(revert),
      verify: verify?.section,
      dependsOn: [...new Set(dependsOn.flatMap((at) => stems[at] ?? []))],
      tags: change.tags,
      variables: listVariables(scripts),
      transaction: 'required',
      run: 'once',
      fingerprint: hashText('sha1', deploy.text),
    },
    findings: [
      ...(verify?.findings ?? []),
      ...describeVariables(scripts),
      ...needed.flatMap(({ name, at }) => (at === undefined ? [missing(source, change, name)] : [])),
      ...change.conflicts.map((name) =>
        needsReview(
          source,
          change.span,
          `"${change.name}" conflicts with "${name}", which is not checked`,
          'make sure that no database has it',
        ),
      ),
    ],
  }
}

function missing(source: SourceFile, { name, span }: PlannedChange, dependency: string): Diagnostic {
  const message = `"${name}" requires "${dependency}", which this plan does not have before it`
  const help = 'if it is of another project, make sure that its migrations are applied first'
  return needsReview(source, span, message, help)
}

/** Variables of psql in forms that a migration file has too. */
function listVariables(scripts: readonly ForeignText[]): readonly string[] {
  const names = scripts.flatMap(({ text }) =>
    findPlaceholders(text, { start: 0, end: text.length }, () => false).map(({ name }) => name),
  )
  return [...new Set(names)].sort(compareText)
}

function describeVariables(scripts: readonly ForeignText[]): readonly Diagnostic[] {
  const seen = new Set<string>()
  return scripts.flatMap((file) => {
    const { source, span } = wholeFile(file)
    return findPlaceholders(file.text, span, () => true).flatMap(({ name, form, start, end }) => {
      if (form === 'quoted' || form === 'inside' || seen.has(`${form} ${name}`)) return []
      seen.add(`${form} ${name}`)
      const message =
        form === 'bare'
          ? `":${name}" is a variable of psql, put in as it is written: no variable here does that`
          : `the variable "${name}" of psql becomes a variable`
      const help =
        form === 'bare'
          ? `declare it ("-- Variables: [${name}]") and write :'${name}' or :"${name}"`
          : `give it a value under "variables" of the configuration: { "variables": { "${name}": "…" } }`
      return [needsReview(source, { start, end }, message, help)]
    })
  })
}
