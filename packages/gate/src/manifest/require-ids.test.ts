import { expect, test } from 'vitest'
import { requireIds } from './require-ids.ts'

test('an exact id wins over one that a squash replaces, in any order', () => {
  const entry = { checksum: 'a'.repeat(64), run: 'once', blocking: true } as const
  const own = { ...entry, id: '001_a', replaces: [] }
  const squash = { ...entry, id: '002_squash', replaces: ['001_a', '001_b'] }
  for (const migrations of [
    [own, squash],
    [squash, own],
  ]) {
    const manifest = { formatVersion: 1, digest: '', migrations, elsewhere: [] } as const
    expect([...requireIds(manifest, ['001_a', '001_b'])]).toEqual(['001_a', '002_squash'])
  }
})
