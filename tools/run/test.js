// `npm test`: installs, builds, and runs every check and test that needs nothing but Node and npm.
import { runWithPnpm } from './with-pnpm.js'

runWithPnpm('pnpm install --frozen-lockfile')
runWithPnpm('pnpm exec turbo run build typecheck --output-logs=errors-only')
runWithPnpm('pnpm exec biome check .')
runWithPnpm('pnpm exec knip')
runWithPnpm(`pnpm exec vitest run ${process.argv.slice(2).join(' ')}`.trim())
