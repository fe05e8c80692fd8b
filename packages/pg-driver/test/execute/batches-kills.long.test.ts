import { test } from 'vitest'
import { fillThroughKills } from '../support/batches-through-kills.ts'

test('I1: a backfill whose runner is killed 15 times touches each of 30,000 rows once', () =>
  fillThroughKills({ rows: 30_000, kills: 15 }))
