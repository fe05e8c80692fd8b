import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Packages resolve each other's source: tests need no build, except those of the built command line. */
const conditions = ['@tidemark/source', 'node', 'development|production']
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } }
const exclude = ['**/node_modules/**', '**/dist/**']

// What tests leave in the folder for temporary files goes with them. Servers and other users' processes write there too.
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
          include: ['packages/core/{src,test}/**/*.test.ts'],
          exclude,
          testTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'engines',
          include: [
            'packages/!(core)/{src,test}/**/*.test.ts',
            'apps/*/{src,test}/**/*.test.ts',
            'examples/**/*.test.ts',
            'tools/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude,
          globalSetup: ['tools/test-servers/src/global-setup.ts'],
          testTimeout: 120_000,
          // Real servers, killed processes and cut connections on a shared machine: a second look tells a fault from a hiccup.
          retry: process.env['CI'] === undefined ? 0 : 2,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
