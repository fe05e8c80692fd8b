import type { Problem } from './problem.ts'

const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const

/**
 * Writes problems as workflow commands of GitHub Actions, which shows each at its line of a pull request
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
 *
 * @example presentAnnotations(problems) // '::error title=TM1001,file=migrations/001_a.sql::no "@up" marker%0Ahelp: …'
 */
export function presentAnnotations(problems: readonly Problem[]): string {
  return problems.map((problem) => `${presentAnnotation(problem)}\n`).join('')
}

function presentAnnotation({ rule, severity, message, details, helps, path, line, column }: Problem): string {
  const properties = { title: rule, file: path, line, col: column }
  const given = Object.entries(properties).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${escapeProperty(String(value))}`],
  )
  const text = [message, ...details, ...helps.map((help) => `help: ${help}`)].join('\n')
  return `::${COMMANDS[severity]} ${given.join(',')}::${escapeText(text)}`
}

function escapeText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeText(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
