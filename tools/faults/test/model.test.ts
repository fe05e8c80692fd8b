import { createTestDatabase } from '@tidemark/test-servers'
import { expect, test } from 'vitest'
import { checkModel } from '../src/model/check-model.ts'

// The long version plays 10,000: pnpm test:faults model
test('60 random sequences of operations leave what the reference model says', async () => {
  const database = await createTestDatabase()
  const { sequences } = await checkModel({ url: database.url, seed: 11, sequences: 60 })
  expect(sequences).toBe(60)
  await database.drop()
}, 300_000)
