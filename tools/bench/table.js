import { cpus, release, totalmem } from 'node:os'

/**
 * Writes the results of all benchmarks as one table, in the order in which they came; the work is named once.
 *
 * @param {readonly import('./src/results.ts').Result[]} results
 */
export function toMarkdown(results) {
  let last = ''
  const rows = results.map(({ work, tool, measured, ratio, target, met }) => {
    const named = work === last ? '' : work
    last = work
    const verdict = target === undefined ? '' : `${target}: ${met ? 'met' : '**missed**'}`
    const strong = tool.startsWith('tidemark') ? `**${tool}**` : tool
    return `| ${named} | ${strong} | ${measured} | ${ratio ?? ''} | ${verdict} |`
  })
  return ['| work | tool | measured | ratio | target |', '| --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  )
}

/** Names what a figure depends on. */
export function describeMachine() {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const day = new Date().toISOString().slice(0, 10)
  return `${day}: ${cpus().length} cores (${cpu?.model.trim()}), ${memory} GB of memory, ${process.platform} ${release()}, Node ${process.versions.node}.`
}
