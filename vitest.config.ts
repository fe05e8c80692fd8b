import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Packages resolve each other's source: tests need no build, except those of the built command line. */
const conditions = ['@tidemark/source', 'node', 'development|production']
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } }
/** `pnpm run test:long` runs the files `*.long.test.ts`, `npm test` all others. */
const isLong = process.env['TIDEMARK_LONG_TESTS'] === '1'
const tests = `**/*${isLong ? '.long' : ''}.test.ts`
const exclude = ['**/node_modules/**', '**/dist/**', ...(isLong ? [] : ['**/*.long.test.ts'])]

// What tests leave in the folder for temporary files goes with them. Servers and other users' processes write
// there too.
const scratch = mkdtempSync(join(tmpdir(), 'tidemark-tests-'))
chmodSync(scratch, 0o777)
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

export default defineConfig({
  test: {
    env: { TMPDIR: scratch },
    // One worker less than cores is vitest's default; these tests wait more than they compute.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        ...shared,
        test: {
          name: 'core',
          include: [`packages/core/{src,test}/${tests}`],
          exclude,
          testTimeout: isLong ? 1_800_000 : 300_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'engines',
          include: [
            `packages/!(core)/{src,test}/${tests}`,
            `apps/*/{src,test}/${tests}`,
            `examples/${tests}`,
            `tools/${tests}`,
            `test/${tests}`,
          ],
          exclude,
          globalSetup: ['tools/test-servers/src/global-setup.ts'],
          // Only a test that hangs meets this limit, however busy the machine is.
          testTimeout: isLong ? 1_800_000 : 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
