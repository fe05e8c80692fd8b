import { sha256Hex } from '../../checksum/checksum.ts'
import type { Catalog } from './catalog.ts'

/**
 * Gives the SHA-256 of a catalog as 64 hex digits: equal for equal catalogs, whatever made them. Scope the
 * catalog first.
 *
 * @example fingerprintCatalog(toCatalog([])) // 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
 */
export function fingerprintCatalog(catalog: Catalog): string {
  const lines: string[] = []
  for (const { kind, id, facets } of catalog.objects.values()) {
    lines.push(`${JSON.stringify([kind, id, [...facets]])}\n`)
  }
  return sha256Hex(lines.join(''))
}
