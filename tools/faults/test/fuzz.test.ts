import { expect, test } from 'vitest'
import { fuzzOne } from '../src/fuzz/fuzz.ts'
import { loadSnippets } from '../src/fuzz/snippets.ts'

// The long version gives more than a million, watched for hangs: pnpm test:faults fuzz
test('20,000 damaged files, configurations, plans and rows are taken or refused with reasons', () => {
  const snippets = loadSnippets()
  let inputs = 0
  for (; inputs < 20_000; inputs += 1) fuzzOne(3, inputs, snippets)
  expect(inputs).toBe(20_000)
})
