import type { Diagnostic, Result, SourceFile } from '@tidemark/core'
import { err, HOOK_NAMES, ok, suggest } from '@tidemark/core'
import { LINT_RULE_IDS } from '@tidemark/lint'
import type * as z from 'zod'
import {
  CONFIG_KEYS,
  type Config,
  ConfigSchema,
  DRIFT_KEYS,
  EnvironmentSchema,
  FLEET_KEYS,
  isObjectOfSettings,
} from './config-schema.ts'
import { findKey } from './find-key.ts'

/**
 * Checks what a configuration file gave: every unknown key (TM7002, with a suggestion) and every wrong value
 * (TM7003) at once. The file's text, where there is one, gives each problem its place.
 */
export function checkConfig(value: unknown, source: SourceFile): Result<Config, readonly Diagnostic[]> {
  if (!isObjectOfSettings(value)) return err([notAnObject(source)])
  const parsed = ConfigSchema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  return err(parsed.error.issues.flatMap((issue) => describeIssue(issue, source)))
}

function describeIssue(issue: z.core.$ZodIssue, source: SourceFile): readonly Diagnostic[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...path, key], source))
  }
  const place = findKey(source, path)
  return [
    {
      code: 'TM7003',
      severity: 'error',
      message: `"${path.join('.')}" ${issue.message}${place === undefined ? `, in "${source.path}"` : ''}`,
      help: 'see `tidemark help config` for every key and its values',
      ...(place === undefined ? {} : { source, span: place }),
    },
  ]
}

function notAnObject(source: SourceFile): Diagnostic {
  return {
    code: 'TM7003',
    severity: 'error',
    message: `the configuration in "${source.path}" is not an object`,
    help: 'export an object with the settings as its keys',
  }
}

function unknownKey(path: readonly string[], source: SourceFile): Diagnostic {
  const key = path.at(-1) ?? ''
  const near = suggest(key, keysAt(path.slice(0, -1)))
  const place = findKey(source, path)
  return {
    code: 'TM7002',
    severity: 'error',
    message: `unknown key "${path.join('.')}"${place === undefined ? ` in "${source.path}"` : ''}`,
    help:
      near === undefined ? `the keys are ${keysAt(path.slice(0, -1)).join(', ')}` : `did you mean "${near}"?`,
    ...(place === undefined ? {} : { source, span: place }),
  }
}

function keysAt(path: readonly string[]): readonly string[] {
  if (path.at(-1) === 'embedded') return ['profile']
  if (path.at(-1) === 'hooks') return HOOK_NAMES
  if (path.at(-1) === 'fleet') return FLEET_KEYS
  if (path.at(-1) === 'drift') return DRIFT_KEYS
  if (path.at(-1) === 'lint') return ['rules']
  if (path.at(-1) === 'rules') return LINT_RULE_IDS
  return path[0] === 'environments' ? Object.keys(EnvironmentSchema.shape) : CONFIG_KEYS
}
