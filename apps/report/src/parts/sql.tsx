import type { ReportSection } from '@tidemark/report'
import pgsql from 'highlight.js/lib/languages/pgsql'
import { createLowlight } from 'lowlight'
import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import { counted, formatDuration } from '../model/format.ts'

const lowlight = createLowlight({ pgsql })
/** Longer statements are shown without colours: they would take too long. */
const MAX_COLOURED = 20_000

/** A section of a migration: its SQL, statement by statement, each with what it did. */
export function Sql({ section }: { readonly section: ReportSection }) {
  const pieces = useMemo(() => divide(section), [section])
  return (
    <div class="sql">
      {pieces.map((piece, index) => (
        <div key={index} class={piece.statement === undefined ? 'sql-piece' : 'sql-piece sql-statement'}>
          <div class="sql-lines" aria-hidden="true">
            {piece.text.split('\n').map((_, line) => (
              <span key={line}>{piece.line + line}</span>
            ))}
          </div>
          <pre
            tabIndex={0}
            role="group"
            aria-label={piece.statement === undefined ? 'comments' : `statement at line ${piece.line}`}
          >
            <code>{colour(piece.text)}</code>
          </pre>
          {piece.statement === undefined ? null : <Facts statement={piece.statement} />}
        </div>
      ))}
      {section.cut > 0 ? (
        <p class="note">{counted(section.cut, 'more character')} left out of this report.</p>
      ) : null}
    </div>
  )
}

type Statement = ReportSection['statements'][number]

function Facts({ statement: { destroys, trace } }: { readonly statement: Statement }) {
  const waits = (trace?.locks ?? []).filter(({ created, mode }) => !created && STRONG.has(mode))
  if (destroys.length === 0 && trace === null) return null
  return (
    <ul class="facts">
      {destroys.map((words) => (
        <li key={words} class="fact danger">
          {words}
        </li>
      ))}
      {waits.map(({ relation, mode }) => (
        <li key={`${relation} ${mode}`} class="fact warn">
          locks {relation}: {mode}
        </li>
      ))}
      {(trace?.rewrites ?? []).map((relation) => (
        <li key={relation} class="fact warn">
          rewrites {relation}
        </li>
      ))}
      {(trace?.scans ?? []).map((relation) => (
        <li key={relation} class="fact">
          reads all of {relation}
        </li>
      ))}
      {(trace?.indexBuilds ?? []).map((index) => (
        <li key={index} class="fact">
          builds {index}
        </li>
      ))}
      {trace === null ? null : <li class="fact quiet">{formatDuration(trace.durationMs)} on the shadow</li>}
    </ul>
  )
}

/** Modes that make writers wait. */
const STRONG: ReadonlySet<string> = new Set(['SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'])

interface Piece {
  readonly text: string
  readonly line: number
  readonly statement: Statement | undefined
}

/** Cuts a section at its statements; blank lines at the ends of a piece are left out. */
function divide({ text, line, statements }: ReportSection): readonly Piece[] {
  const pieces: Piece[] = []
  let [at, current] = [0, line]
  const push = (end: number, statement: Statement | undefined) => {
    const part = text.slice(at, end)
    const leading = /^(?:[^\S\n]*\n)*/.exec(part)?.[0] ?? ''
    const shown = part.slice(leading.length).trimEnd()
    if (shown !== '') pieces.push({ text: shown, line: current + countLines(leading), statement })
    current += countLines(part)
    at = end
  }
  for (const statement of statements) {
    push(statement.start, undefined)
    push(statement.end, statement)
  }
  push(text.length, undefined)
  return pieces
}

function countLines(text: string): number {
  return text.split('\n').length - 1
}

function colour(text: string): ComponentChildren {
  if (text.length > MAX_COLOURED) return text
  return toNodes(lowlight.highlight('pgsql', text).children)
}

type Tree = ReturnType<typeof lowlight.highlight>['children']

/** As elements and text, never as HTML. */
function toNodes(tree: Tree): ComponentChildren {
  return tree.map((node, index) => {
    if (node.type === 'text') return node.value
    if (node.type !== 'element') return null
    const names = node.properties['className']
    return (
      <span key={index} class={Array.isArray(names) ? names.join(' ') : ''}>
        {toNodes(node.children as Tree)}
      </span>
    )
  })
}
