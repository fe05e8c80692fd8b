import { test } from 'vitest'
import { buildThroughKills } from '../support/build-through-kills.ts'

test('a build of which ten runners were killed, each at another moment, is done once and valid', async () => {
  const h = await buildThroughKills(Array.from({ length: 10 }, (_, kill) => kill * 40))
  await h.database.drop()
})
