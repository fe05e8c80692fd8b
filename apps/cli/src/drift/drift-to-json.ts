import { type CatalogDifference, describeCatalogDifference } from '@tidemark/core'
import type { DriftJson } from '../schema/shadow-schemas.ts'
import { EXIT, type ExitCode } from '../terminal/exit-codes.ts'
import { targetToJson } from '../text/target.ts'
import type { ProjectDrift } from './find-project-drift.ts'

/** The document of `drift --json`; what `drift` prints is made from it too. */
export function driftToJson({ target, report }: ProjectDrift): DriftJson {
  const { drift, accepted, outdated, notOurs, notChecked, shadow, serverVersion } = report
  return {
    target: targetToJson(target),
    clean: drift.length === 0 && notChecked.length === 0,
    drift: drift.map(({ object, difference, value, sql }) => ({
      object,
      change: difference.change,
      sentences: [...describeCatalogDifference(difference)],
      facets: facetsOf(difference),
      value,
      sql,
    })),
    accepted: [...accepted],
    outdated: [...outdated],
    notOurs: [...notOurs],
    notChecked: notChecked.map(({ migrationId, why }) => ({ id: migrationId, why })),
    shadow: { engine: shadow.engine, version: shadow.serverVersion, targetVersion: serverVersion },
  }
}

/** What is not known makes nothing clean: it wins over what differs, which may come from it. */
export function driftExitCode({ drift, notChecked }: DriftJson): ExitCode {
  if (notChecked.length > 0) return EXIT.notChecked
  return drift.length > 0 ? EXIT.changed : EXIT.ok
}

function facetsOf(difference: CatalogDifference): DriftJson['drift'][number]['facets'] {
  switch (difference.change) {
    case 'changed':
      return difference.facets.map(({ facet, before, after }) => ({
        facet,
        expected: hideHash(before),
        found: hideHash(after),
      }))
    case 'added':
      return [...difference.object.facets].map(([facet, value]) => ({
        facet,
        expected: null,
        found: hideHash(value),
      }))
    case 'removed':
      return [...difference.object.facets].map(([facet, value]) => ({
        facet,
        expected: hideHash(value),
        found: null,
      }))
  }
}

/** Option values may be passwords: not even their hash is shown. */
function hideHash(value: string | undefined): string | null {
  if (value === undefined) return null
  return /^hash [0-9a-f]{64}$/.test(value) ? '(hidden)' : value
}
