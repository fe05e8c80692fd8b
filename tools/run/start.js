// `npm start`: installs, builds, and applies migrations/ to an embedded PostgreSQL. Needs Node and npm only.
import { runNode, runWithPnpm } from './with-pnpm.js'

const tidemark = 'apps/cli/bin/run.js'

/** @param {string} text */
const say = (text) => process.stdout.write(`${text}\n`)

/** @param {readonly string[]} args @param {readonly number[]} expected */
function show(args, expected = [0]) {
  say(`\n$ tidemark ${args.join(' ')}`)
  const code = runNode([tidemark, ...args])
  if (!expected.includes(code)) process.exit(code)
}

say('Installing and building (a minute the first time) …')
runWithPnpm('pnpm install --frozen-lockfile', { quiet: true })
runWithPnpm('pnpm exec turbo run build --output-logs=errors-only', { quiet: true })

show(['plan'])
show(['up'])
show(['status'])
show(['report', '--out', '.tidemark/report.html'])
say(`
The example in migrations/ is applied to an embedded PostgreSQL in .tidemark/db.
Look at it in a browser: .tidemark/report.html
Try next:
  node ${tidemark} graph                 the dependency graph
  node ${tidemark} down                  roll the last one back
  node ${tidemark} new add_orders --type create_table
  node ${tidemark} --help                everything else`)
