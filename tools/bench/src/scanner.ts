import { scanSql } from '@tidemark/core'
import type { BenchText } from './sql-texts.ts'

/** One line of the table. */
export interface ScannerRow {
  readonly text: string
  readonly sizeMb: number
  readonly statements: number
  readonly mbPerSecond: number
  /** Memory while the result is held, the text included, over the text. */
  readonly memoryRatio: number
}

/**
 * Scans a text several times and gives the best speed: whatever else the machine does can only slow a scan
 * down.
 */
export function measureScanner({ name, text }: BenchText): ScannerRow {
  const sizeBytes = text.length
  for (let round = 0; round < 3; round += 1) scanSql(text)
  const times: number[] = []
  for (let round = 0; round < 9; round += 1) {
    const started = process.hrtime.bigint()
    scanSql(text)
    times.push(Number(process.hrtime.bigint() - started) / 1e9)
  }
  const best = Math.min(...times)
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  const scan = scanSql(text)
  const heldBytes = process.memoryUsage().heapUsed - before
  return {
    text: name,
    sizeMb: Math.round(sizeBytes / 1e6),
    statements: scan.statements.length,
    mbPerSecond: Math.round(sizeBytes / 1e6 / best),
    memoryRatio: Math.round((1 + heldBytes / sizeBytes) * 100) / 100,
  }
}
