import type { Diagnostic, SourceFile, Span } from '@tidemark/core'
import { needsReview } from '../../foreign/findings.ts'
import type { Changeset } from './read-changesets.ts'

type Attributes = ReadonlyMap<string, string>

/**
 * Says whether a list of databases has PostgreSQL.
 *
 * @example isForPostgres('h2, postgresql') // true
 */
export function isForPostgres(dbms: string | undefined): boolean {
  const names = (dbms ?? '').split(',').map((name) => name.trim().toLowerCase())
  if (names.includes('none') || names.includes('!postgresql')) return false
  const wanted = names.filter((name) => name !== '' && !name.startsWith('!'))
  return wanted.length === 0 || wanted.some((name) => name === 'postgresql' || name === 'all')
}

/** The environments of contexts that are plain names; undefined where there is none, or an expression. */
export function environmentsOf(attributes: Attributes): readonly string[] | undefined {
  const names = contextOf(attributes)
    ?.split(/,|\bor\b/i)
    .map((name) => name.trim())
  return names?.every((name) => /^[A-Za-z0-9][\w.-]*$/.test(name)) === true ? names : undefined
}

function contextOf(attributes: Attributes): string | undefined {
  return attributes.get('context') ?? attributes.get('contextfilter')
}

/** Reports what decided, with Liquibase, whether and when a changeset runs. */
export function describeConditions(
  source: SourceFile,
  { attributes, lines }: Changeset,
  head: Span | undefined,
): readonly Diagnostic[] {
  const report = (message: string, help: string, span = head): Diagnostic =>
    needsReview(source, span, message, help)
  const context = contextOf(attributes)
  const environments = environmentsOf(attributes)
  const isTrue = (name: string): boolean => attributes.get(name)?.toLowerCase() === 'true'
  const ordered = attributes.get('runorder')
  return [
    ...(context === undefined
      ? []
      : environments === undefined
        ? [
            report(
              `the context "${context}" is lost: it runs in every environment`,
              'add "-- Environments: […]" if it is only for some of them, or leave it out',
            ),
          ]
        : [
            report(
              `the context "${context}" becomes "Environments: [${environments.join(', ')}]": it runs only there`,
              'name the environments in the configuration, or remove the line if it is for all of them',
            ),
          ]),
    ...(attributes.has('labels')
      ? [report(`the labels "${attributes.get('labels')}" are lost`, 'use "-- Tags: […]" and `--tag`')]
      : []),
    ...(isTrue('runalways')
      ? [
          report(
            'it ran each time: now it runs when its file changes',
            'run it from a script if that is not enough',
          ),
        ]
      : []),
    ...(attributes.get('failonerror')?.toLowerCase() === 'false'
      ? [report('a failure of it was passed over: now it stops the run', 'write it so that it cannot fail')]
      : []),
    ...(ordered === undefined
      ? []
      : [report(`"runOrder:${ordered}" is lost: it runs at its place`, 'check "Depends on" of the files')]),
    ...lines
      .filter(({ kind }) => kind === 'precondition')
      .map((line) =>
        report(
          `a precondition is not checked: ${line.value}`,
          'make sure that it is true on each database, or write the SQL so that it does not matter (IF NOT EXISTS)',
          line,
        ),
      ),
  ]
}
