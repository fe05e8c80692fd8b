import type { Diagnostic } from '@tidemark/core'
import { diagnosticToJson } from '../failure/error-to-json.ts'

const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const

/**
 * Writes diagnostics as workflow commands of GitHub Actions, which shows each at its line of a pull request
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
 *
 * @param folder that paths are relative to, as seen from the repository's root; `''` for the root itself
 * @example presentGithubAnnotations(diagnostics, '') // '::error title=TM1001,file=migrations/001_a.sql::no "@up" marker%0Ahelp: …'
 */
export function presentGithubAnnotations(diagnostics: readonly Diagnostic[], folder: string): string {
  return diagnostics.map((diagnostic) => `${presentAnnotation(diagnostic, folder)}\n`).join('')
}

function presentAnnotation(diagnostic: Diagnostic, folder: string): string {
  const { code, severity, message, help, path, line, column } = diagnosticToJson(diagnostic)
  const properties = {
    title: code,
    file: path === null ? null : [folder, path].filter((part) => part !== '').join('/'),
    line,
    col: column,
  }
  const given = Object.entries(properties).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${escapeProperty(String(value))}`],
  )
  const text = help === null ? message : `${message}\nhelp: ${help}`
  return `::${COMMANDS[severity]} ${given.join(',')}::${escapeText(text)}`
}

function escapeText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeText(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
