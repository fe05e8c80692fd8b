import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TidemarkError } from '@tidemark/core'
import { hideInSource } from '../redact/hide-in-source.ts'
import type { Variables } from './read-env-file.ts'

/** What a configuration file gave, with its text for pointing into it, secrets hidden. */
export interface LoadedConfig {
  readonly value: unknown
  readonly text: string
  /** Its values may name variables, which are not replaced yet. */
  readonly isJson: boolean
}

/** What {@link loadConfigFile} loads. */
export interface ConfigFile {
  /** Absolute. */
  readonly path: string
  readonly shownPath: string
  /** Gives what code finds in `process.env` while it is loaded. Not called for JSON. */
  readonly variables: () => Promise<Variables>
}

/**
 * Loads a configuration file: JSON is parsed, a module is imported by URL (so that Windows paths work) and
 * its `default` export, or the namespace without one, is taken; a function is called, a promise awaited.
 * TypeScript runs through Node where it strips types, else through jiti.
 *
 * @throws {TidemarkError} TM7004 when the file cannot be read or throws.
 */
export async function loadConfigFile({ path, shownPath, variables }: ConfigFile): Promise<LoadedConfig> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw cannotLoad(shownPath, cause, 'name an existing file with `--config`')
  })
  const given = extname(path) === '.json' ? {} : await variables()
  try {
    if (extname(path) === '.json')
      return { value: JSON.parse(text.replace(/^\uFEFF/, '')), text: hideInSource(text), isJson: true }
    const value = await withVariables(given, () => unlessStalled(importModule(path).then(unwrap)))
    return { value, text: hideInSource(text), isJson: false }
  } catch (cause) {
    throw cannotLoad(shownPath, cause, 'fix the file; `--verbose` shows the stack')
  }
}

/**
 * Code reads `process.env`: while it is loaded, variables that are not set have the values of the environment
 * file.
 */
async function withVariables<T>(variables: Variables, load: () => Promise<T>): Promise<T> {
  const added = Object.entries(variables).filter(([name]) => process.env[name] === undefined)
  for (const [name, value] of added) if (value !== undefined) process.env[name] = value
  try {
    return await load()
  } finally {
    for (const [name] of added) delete process.env[name]
  }
}

async function importModule(path: string): Promise<unknown> {
  if (!path.endsWith('.ts') || stripsTypes()) return import(pathToFileURL(path).href)
  const { createJiti } = await import('jiti')
  return createJiti(import.meta.url, { fsCache: false }).import(path)
}

// Node 22.18 and later import TypeScript by themselves; the types of Node 20 do not know the property.
function stripsTypes(): boolean {
  return 'typescript' in process.features && Boolean(process.features.typescript)
}

/**
 * A process that has nothing more to do ends, also while it waits for a promise that nobody will settle: then
 * the wait is given up.
 */
async function unlessStalled<T>(loading: Promise<T>): Promise<T> {
  let giveUp = () => {}
  const stalled = new Promise<never>((_, reject) => {
    giveUp = () => reject(new Error('it waits for a promise that never settles'))
  })
  process.once('beforeExit', giveUp)
  try {
    return await Promise.race([loading, stalled])
  } finally {
    process.off('beforeExit', giveUp)
  }
}

async function unwrap(module: unknown): Promise<unknown> {
  const value = await followDefault(module)
  return typeof value === 'function' ? followDefault(await value()) : value
}

/** A CommonJS file that was compiled from TypeScript holds its default export one level deeper. */
const DEEPEST_DEFAULT = 3

async function followDefault(exported: unknown): Promise<unknown> {
  let value = await exported
  for (let depth = 0; depth < DEEPEST_DEFAULT && isModule(value); depth += 1) value = await value.default
  if (isModule(value)) return isOwnDefault(value) ? withoutMarks(value) : value
  return isNamespace(value) || isCompiled(value) ? withoutMarks(value) : value
}

function isOwnDefault(module: { readonly default: unknown }): boolean {
  const { default: inner, ...settings } = module
  if (inner === module) return true
  const names = Object.entries(settings)
  return isRecord(inner) && names.length > 0 && names.every(([name, value]) => inner[name] === value)
}

/** What compilers to CommonJS mark a module with. */
function isCompiled(value: unknown): value is object {
  return isRecord(value) && value['__esModule'] === true
}

function withoutMarks(module: object): object {
  const { default: _, __esModule: __, ...settings }: Record<string, unknown> = { ...module }
  return settings
}

function isNamespace(value: unknown): value is object {
  return Object.prototype.toString.call(value) === '[object Module]'
}

function isModule(value: unknown): value is { readonly default: unknown } {
  return isRecord(value) && 'default' in value
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function cannotLoad(path: string, cause: unknown, help: string): TidemarkError {
  const reason = cause instanceof Error ? reasonOf(cause.message) : String(cause)
  return new TidemarkError({ code: 'TM7004', message: `"${path}" cannot be loaded: ${reason}`, help, cause })
}

// What is wrong in one line. JSON.parse quotes the text, which may hold a password; jiti names the place on a
// second line.
function reasonOf(message: string): string {
  const [first = '', second = ''] = message.replace(/, (?:\.\.\.)?".*is not valid JSON$/s, '').split('\n')
  const place = /:(\d+:\d+)$/.exec(second)
  return place === null ? first : `${first.trimEnd()} at ${place[1]}`
}
