import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('../tools/run/with-pnpm.js', import.meta.url))

test('npm start hands on no TIDEMARK_ variable, so that the example reaches no database of somebody’s own', () => {
  const print = 'console.log(process.env.TIDEMARK_DATABASE_URL, process.env.OTHER)'
  const { stdout, status } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { runNode } from ${JSON.stringify(script)}; process.exitCode = runNode(['-e', ${JSON.stringify(print)}])`,
    ],
    {
      encoding: 'utf8',
      env: { ...process.env, TIDEMARK_DATABASE_URL: 'postgres://production/shop', OTHER: 'kept' },
    },
  )
  expect({ stdout, status }).toEqual({ stdout: 'undefined kept\n', status: 0 })
})
