import { expect, test } from 'vitest'
import { flywayChecksum } from './flyway-checksum.ts'
import { compareFlywayVersions, normalizeFlywayVersion } from './flyway-version.ts'

test('versions are ordered number by number, with dots and underscores alike', () => {
  const versions = ['10', '2', '1_10', '1.9', '1', '1.0.1', '20240101120000', '001.2']
  expect([...versions].sort(compareFlywayVersions)).toEqual([
    '1',
    '1.0.1',
    '001.2',
    '1.9',
    '1_10',
    '2',
    '10',
    '20240101120000',
  ])
})

test('one version may be written in many ways', () => {
  expect(['1.2', '1_2', '01.2.0', '1.2.0.0'].map(normalizeFlywayVersion)).toEqual([
    '1.2',
    '1.2',
    '1.2',
    '1.2',
  ])
  expect(normalizeFlywayVersion('0')).toBe('0')
})

test('the checksum is CRC-32 over the lines without their ends, signed', () => {
  // CRC-32 of "123456789" is 0xCBF43926 (the check value of the algorithm).
  expect(flywayChecksum('12345\n6789\n')).toBe(String(0xcbf43926 | 0))
  expect(flywayChecksum('123456789')).toBe(String(0xcbf43926 | 0))
})
