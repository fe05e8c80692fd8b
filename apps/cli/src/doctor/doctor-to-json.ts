import { formatDuration } from '@tidemark/core'
import { SETTING_SOURCES } from '../config/setting-sources.ts'
import type { Origin, Settings } from '../config/settings.ts'
import type { DoctorJson } from '../schema/setup-schemas.ts'
import { targetToJson } from '../text/target.ts'
import { describeUrl } from './describe-url.ts'
import type { Examination } from './doctor.ts'
import { doctorChecks } from './doctor-checks.ts'

/** The document of `doctor --json`; what `doctor` prints is made from it too. */
export function doctorToJson(examination: Examination): DoctorJson {
  const { settings } = examination
  const checks = [...doctorChecks(examination)]
  return {
    healthy: checks.every(({ state }) => state !== 'problem'),
    target: targetOf(examination),
    checks,
    settings: SETTING_SOURCES.map(({ key }) => ({
      key,
      value: describeValue(showSetting(settings, key)),
      source: describeOrigin(settings.origins[key]),
    })),
  }
}

function targetOf({ settings, database }: Examination): DoctorJson['target'] {
  const { schema } = settings
  if (database.kind === 'embedded') return targetToJson(database.target)
  if (database.kind === 'server') return targetToJson({ ...database.server.target, schema })
  const url = settings.directUrl ?? settings.database
  const target = url === undefined ? undefined : describeUrl(url)
  return target === undefined ? null : { ...target, schema }
}

type Value = string | number | boolean | readonly string[] | undefined

/** Connection strings without their credentials; times as people write them. */
function showSetting(settings: Settings, key: (typeof SETTING_SOURCES)[number]['key']): Value {
  switch (key) {
    case 'database':
    case 'directUrl':
      return showUrl(settings[key])
    case 'lockTimeout':
      return formatDuration(settings.lockTimeoutMs)
    case 'lockWait':
      return formatDuration(settings.lockWaitMs)
    case 'statementTimeout':
      return formatDuration(settings.statementTimeoutMs)
    case 'batchTime':
      return formatDuration(settings.batchTimeMs)
    case 'maxLag':
      return formatDuration(settings.maxLagMs)
    case 'hookTimeout':
      return formatDuration(settings.hookTimeoutMs)
    case 'hooks':
      return Object.keys(settings.hooks)
    case 'connectTimeout':
      return formatDuration(settings.connectTimeoutMs)
    case 'embedded':
      return settings.embeddedProfile
    case 'variables':
      return Object.keys(settings.variables)
    case 'drift':
    case 'lint':
      return Object.keys(settings[key]).length === 0 ? undefined : JSON.stringify(settings[key])
    case 'fleet':
      return settings.fleet === undefined ? undefined : Object.keys(settings.fleet)
    case 'envFile':
      return undefined
    default:
      return settings[key]
  }
}

function showUrl(url: string | undefined): string | undefined {
  const target = url === undefined ? undefined : describeUrl(url)
  if (target === undefined) return url === undefined ? undefined : '(not readable)'
  return target.port === null
    ? target.host
    : `${target.user}@${target.host}:${target.port}/${target.database}`
}

function describeValue(value: Value): string {
  if (value === undefined) return '(none)'
  if (typeof value === 'object') return value.length === 0 ? '(none)' : value.join(', ')
  return String(value)
}

function describeOrigin(origin: Origin | undefined): string {
  if (origin === undefined || origin.kind === 'default') return 'default'
  return origin.kind === 'environment' ? `environment "${origin.name}"` : origin.name
}
