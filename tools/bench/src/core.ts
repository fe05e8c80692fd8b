import { measurePlanning, type PlanningRow } from './planning.ts'
import { report } from './results.ts'
import { measureScanner } from './scanner.ts'
import { dumpLike, insertLike, schemaLike, tokenDense } from './sql-texts.ts'

const SIZE_BYTES = 50_000_000
/** Targets in megabytes a second. */
const TEXTS = [
  { make: dumpLike, target: 150 },
  { make: schemaLike, target: 150 },
  { make: insertLike, target: undefined },
  { make: tokenDense, target: 60 },
]
const GROWTH_TARGETS: Readonly<Record<number, number>> = { 10000: 11, 100000: 12 }
const SECONDS_TARGET = 0.8

// Memory is measured without a collection in between: an upper bound of the peak.
const scanned = TEXTS.map(({ make, target }) => ({ target, row: measureScanner(make(SIZE_BYTES)) }))
console.log('Scanner: memory up to 3 × the text')
console.table(scanned.map(({ row }) => row))
for (const { target, row } of scanned) {
  report({
    work: `cut 50 MB of SQL into statements: ${row.text}`,
    tool: 'tidemark',
    measured: `${row.mbPerSecond} MB/s`,
    ratio: `memory ${row.memoryRatio} × the text`,
    ...(target === undefined ? {} : { target: `≥ ${target} MB/s`, met: row.mbPerSecond >= target }),
  })
}

const planned = await measurePlanning()
console.log('Planning')
console.table(planned)
report(...planned.map(toResult))

function toResult({ work, files, seconds, growth }: PlanningRow) {
  const limit = growth === null ? undefined : GROWTH_TARGETS[files]
  const fromDisk = work.startsWith('read') && files === 10_000
  const words = [
    ...(fromDisk ? [`≤ ${SECONDS_TARGET} s`] : []),
    ...(limit === undefined ? [] : [`≤ ${limit} × a tenth`]),
  ]
  return {
    work: `${work}: ${files.toLocaleString('en')} files`,
    tool: 'tidemark',
    measured: `${seconds} s`,
    ...(growth === null ? {} : { ratio: `${growth} × a tenth of the files` }),
    ...(words.length === 0
      ? {}
      : {
          target: words.join(', '),
          met:
            (!fromDisk || seconds <= SECONDS_TARGET) && (growth ?? 0) <= (limit ?? Number.POSITIVE_INFINITY),
        }),
  }
}
