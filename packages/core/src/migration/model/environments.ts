import type { MigrationHeader } from './migration.ts'

/**
 * Tells whether a file is for other environments than this one. Where no environment is named, that is every
 * file that names some.
 *
 * @example isElsewhere({ environments: ['development'] }, 'production') // true
 */
export function isElsewhere(
  { environments }: Pick<MigrationHeader, 'environments'>,
  environment: string | undefined,
): boolean {
  return environments !== undefined && (environment === undefined || !environments.includes(environment))
}

/**
 * Gives the environments of a file as messages name them.
 *
 * @example nameEnvironments({ environments: ['development', 'test'] }) // 'development, test'
 */
export function nameEnvironments({ environments }: Pick<MigrationHeader, 'environments'>): string {
  return environments === undefined ? 'all environments' : environments.join(', ')
}
