import { test } from 'vitest'
import { fillThroughKills } from '../support/batches-through-kills.ts'

test('I1: a backfill whose runner is killed 100 times touches each of 200,000 rows once', () =>
  fillThroughKills({ rows: 200_000, kills: 100 }))
