import { type Diagnostic, type Migration, type MigrationPlan, TidemarkError } from '@tidemark/core'
import {
  availableExtensions,
  type ExtensionArchives,
  findCreatedExtensions,
  HOSTED_EXTENSIONS,
} from './extension-archives.ts'
import { packageOf } from './installed-extensions.ts'

/**
 * Refuses a plan before its first step when a migration creates an extension that PGlite does not ship. What
 * a DO block or a function does is left to the block, which may catch the server's own error.
 *
 * @throws TidemarkError TM5032 with one diagnostic per statement.
 */
export function refuseMissingExtensions(plan: MigrationPlan, added?: ExtensionArchives): void {
  const diagnostics = plan.steps.flatMap((step) =>
    step.kind === 'apply' ? findMissingExtensions(step.migration, added) : [],
  )
  const [first] = diagnostics
  if (first === undefined) return
  throw new TidemarkError({
    code: 'TM5032',
    message:
      diagnostics.length === 1
        ? first.message
        : `${diagnostics.length} statements need what the embedded database does not have`,
    ...(first.help === undefined ? {} : { help: first.help }),
    diagnostics,
    details: { applied: [], available: availableExtensions(added) },
  })
}

/** What needs processes or connections of a server: in the embedded engine it ends the engine. */
const SERVER_ONLY: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'CREATE SUBSCRIPTION', pattern: /^create\s+subscription\b/i },
  { name: 'COPY … PROGRAM', pattern: /^copy\s[^']*\s(?:from|to)\s+program\b/i },
]

/**
 * Finds the statements of a migration that need what the embedded database does not have, an extension or a
 * server: TM5032 for each.
 *
 * @example findMissingExtensions(migration).map(({ message }) => message)
 */
export function findMissingExtensions(
  { source, up }: Migration,
  added?: ExtensionArchives,
): readonly Diagnostic[] {
  const available = new Set(availableExtensions(added))
  return up.statements.flatMap(({ codeStart, codeEnd }) => {
    const code = source.text.slice(codeStart, codeEnd)
    const serverOnly = SERVER_ONLY.find(({ pattern }) => pattern.test(code))
    if (serverOnly !== undefined) {
      return [
        {
          code: 'TM5032' as const,
          severity: 'error' as const,
          message: `the embedded database cannot do ${serverOnly.name}`,
          source,
          span: { start: codeStart, end: codeEnd },
          help: 'use a server: set its URL as the database',
        },
      ]
    }
    const [name] = /^create\b/i.test(code) ? findCreatedExtensions(code) : []
    if (name === undefined || available.has(name) || !startsWithCreateExtension(code)) return []
    return [
      {
        code: 'TM5032' as const,
        severity: 'error' as const,
        message: `the embedded database has no extension "${name}"`,
        source,
        span: { start: codeStart, end: codeEnd },
        help: help(name, added),
      },
    ]
  })
}

function startsWithCreateExtension(code: string): boolean {
  return /^create(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)+extension\b/i.test(code)
}

function help(name: string, added: ExtensionArchives | undefined): string {
  const own = packageOf(name)
  if (own !== undefined)
    return `install PGlite's package with it in the project: \`npm install --save-dev ${own}\`; or use a server that has it`
  const list = `it has ${availableExtensions(added).join(', ')}`
  return HOSTED_EXTENSIONS.has(name)
    ? `"${name}" needs a server that has it, such as a Supabase project: set its URL as the database; ${list}`
    : `use a server that has it; ${list}`
}
