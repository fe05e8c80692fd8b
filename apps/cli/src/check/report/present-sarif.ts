import type { Problem } from '../../report/problem.ts'
import type { CheckDocument } from './check-document.ts'
import { describeRule } from './check-rules.ts'

/** The rule of what could not be checked. */
const NOT_CHECKED = 'not-checked'

/**
 * Writes a check as SARIF 2.1.0, which code scanning of GitHub, GitLab and editors read
 * (https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html).
 * What could not be checked is a result of the kind `open`.
 *
 * @param version of this tool
 */
export function presentSarif({ json, problems, gaps }: CheckDocument, version: string): string {
  const ids = [...problems.map(({ rule }) => rule), ...gaps.map(() => NOT_CHECKED)]
  const document = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'tidemark', semanticVersion: version, rules: [...new Set(ids)].map(toRule) },
        },
        columnKind: 'unicodeCodePoints',
        invocations: [{ executionSuccessful: json !== null }],
        results: [
          ...problems.map(toResult),
          ...gaps.map(({ id, path, why }) => ({
            ruleId: NOT_CHECKED,
            kind: 'open',
            level: 'none',
            message: { text: `"${id}" was not checked: ${why}` },
            locations: toLocations({ path, line: null, column: null }),
          })),
        ],
      },
    ],
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

function toRule(id: string): object {
  const { summary, page, severity } = describeRule(id)
  return {
    id,
    ...(summary === undefined ? {} : { shortDescription: { text: summary } }),
    ...(page === null
      ? {}
      : { helpUri: page, help: { text: `See ${page}`, markdown: `See [${id}](${page})` } }),
    ...(severity === undefined ? {} : { defaultConfiguration: { level: severity } }),
  }
}

function toResult({ rule, severity, message, details, helps, path, line, column }: Problem): object {
  const text = [message, ...details, ...helps.map((help) => `help: ${help}`)].join('\n')
  return { ruleId: rule, level: severity, message: { text }, locations: toLocations({ path, line, column }) }
}

function toLocations({ path, line, column }: Pick<Problem, 'path' | 'line' | 'column'>): readonly object[] {
  if (path === null || path === '') return []
  const artifactLocation = { uri: path.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' }
  // Code scanning of GitHub shows no result without a line.
  const region = { startLine: line ?? 1, ...(column === null ? {} : { startColumn: column }) }
  return [{ physicalLocation: { artifactLocation, region } }]
}
