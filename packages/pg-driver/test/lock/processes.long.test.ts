import { test } from 'vitest'
import { raceProcesses } from '../support/race-processes.ts'

test('I1: 16 processes at once on an empty database, 20 rounds: each migration commits once, nobody fails', () =>
  raceProcesses(20))
