import { type Diagnostic, type SourceFile, TidemarkError } from '@tidemark/core'
import type { SettingKey } from './config-schema.ts'
import { findKey, findVariableAt } from './find-key.ts'
import type { Variables } from './read-env-file.ts'
import type { Origin } from './settings.ts'

/** The text of a configuration, and the variables that its values name and that are not set. */
export interface ConfigText {
  readonly source: SourceFile
  readonly unset: ReadonlyMap<string, string>
  /** The same of those that are set and empty. */
  readonly empty: ReadonlyMap<string, string>
}

/** Refuses a configuration: every problem at once. */
export function problemsIn(path: string | undefined, diagnostics: readonly Diagnostic[]): TidemarkError {
  const count = diagnostics.length === 1 ? 'one problem' : `${diagnostics.length} problems`
  return new TidemarkError({
    code: diagnostics[0]?.code ?? 'TM7003',
    message: `the configuration ${path === undefined ? '' : `"${path}" `}has ${count}`,
    diagnostics,
  })
}

/** TM7003: a variable is set, and has no value. */
export function emptyVariable(name: string): Diagnostic {
  return {
    code: 'TM7003',
    severity: 'error',
    message: `"${name}" is set but empty`,
    help: `give ${name} a value, or unset it`,
  }
}

/** The value of a variable that chooses where settings come from: empty, it would choose another place. */
export function filled(variables: Variables, name: string): string | undefined {
  const value = variables[name]
  if (value === '') throw problemsIn(undefined, [emptyVariable(name)])
  return value
}

/** TM7003: a setting is present and has no value. Names the variable that should have given one. */
export function describeUnset(key: SettingKey, origin: Origin | undefined, file: ConfigText): Diagnostic {
  if (origin === undefined || origin.kind === 'default') return emptyVariable(key)
  if (origin.kind !== 'file' && origin.kind !== 'environment') return emptyVariable(origin.name)
  const { source } = file
  const path = pathOf(key, origin)
  const place = findKey(source, path)
  const empty = file.empty.get(path.join('.'))
  if (empty !== undefined) return describeEmpty(path.join('.'), empty, source)
  const name = findUnset(path, file)
  return {
    code: 'TM7003',
    severity: 'error',
    message: `"${path.join('.')}" is undefined${name === undefined ? '' : `: the variable "${name}" is not set`}${place === undefined ? `, in "${source.path}"` : ''}`,
    help: name === undefined ? 'give it a value, or remove the key' : `set ${name}, or remove the key`,
    ...(place === undefined ? {} : { source, span: place }),
  }
}

/** TM7003: a value has what looks like a variable, in a form that is not replaced. */
export function describeMalformed(key: string, form: string, source: SourceFile): Diagnostic {
  const place = findKey(source, key.split('.'))
  return {
    code: 'TM7003',
    severity: 'error',
    message: `"${key}" contains "${form}", which is no form of a variable`,
    help: `write \`$\{NAME}\` or \`$\{NAME:-default}\`; "$$\{" gives "$\{"`,
    ...(place === undefined ? {} : { source, span: place }),
  }
}

/** TM7003: a variable in a database URL is set and empty. */
function describeEmpty(key: string, name: string, source: SourceFile): Diagnostic {
  const place = findKey(source, key.split('.'))
  return {
    code: 'TM7003',
    severity: 'error',
    message: `"${key}" contains "$\{${name}}", and "${name}" is set but empty`,
    help: `give ${name} a value; where it may be empty, write "$\{${name}:-}"`,
    ...(place === undefined ? {} : { source, span: place }),
  }
}

/** Where the configuration has a key that it, or one of its environments, gives. */
export function pathOf(key: SettingKey, origin: Origin): readonly string[] {
  return origin.kind === 'environment' ? ['environments', origin.name, key] : [key]
}

/** The variable that is known to be unset where a key has no value, or the one that the text shows. */
export function findUnset(path: readonly string[], { source, unset }: ConfigText): string | undefined {
  return unset.get(path.join('.')) ?? findVariableAt(source, findKey(source, path))
}
