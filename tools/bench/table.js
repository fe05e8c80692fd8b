import { cpus, release, totalmem } from 'node:os'

/**
 * Writes the results of all benchmarks as one table, in the order in which they came; the work is named once.
 *
 * @param {readonly import('./src/results.ts').Result[]} results
 */
export function toMarkdown(results) {
  const head = ['| work | tool | measured | ratio | target |', '| --- | --- | --- | --- | --- |']
  return [...head, ...toRows(results)].join('\n')
}

/**
 * Puts the results of one benchmark into a table: in the place of the rows of the same works, or at its end.
 *
 * @param {string} table
 * @param {readonly import('./src/results.ts').Result[]} results
 */
export function mergeIntoTable(table, results) {
  const works = new Set(results.map(({ work }) => work))
  let work = ''
  const kept = table.split('\n').filter((line) => {
    work = /^\| ([^|]+) \|/.exec(line)?.[1] ?? work
    return !works.has(work)
  })
  return [...kept, ...toRows(results)].join('\n')
}

/** @param {readonly import('./src/results.ts').Result[]} results */
function toRows(results) {
  let last = ''
  return results.map(({ work, tool, measured, ratio, target, met }) => {
    const named = work === last ? '' : work
    last = work
    const verdict = target === undefined ? '' : `${target}: ${met ? 'met' : '**missed**'}`
    const strong = tool.startsWith('tidemark') ? `**${tool}**` : tool
    return `| ${named} | ${strong} | ${measured} | ${ratio ?? ''} | ${verdict} |`
  })
}

/** Names what a figure depends on. */
export function describeMachine() {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const day = new Date().toISOString().slice(0, 10)
  return `${day}: ${cpus().length} cores (${cpu?.model.trim()}), ${memory} GB of memory, ${process.platform} ${release()}, Node ${process.versions.node}.`
}
