import type { Random } from '../random.ts'
import { DICTIONARY_SIZE } from './snippets.ts'

type Snippets = readonly [string, ...string[]]

/** Makes a text of snippets and words, then damages it. Up to a few thousand characters. */
export function makeText(random: Random, snippets: Snippets): string {
  let text = random.chance(0.6) ? header(random) : ''
  for (let pieces = random.integer(1, 8); pieces > 0; pieces -= 1) text += makePiece(random, snippets)
  for (let damages = random.integer(0, 6); damages > 0; damages -= 1) text = damage(random, snippets, text)
  return random.chance(0.1) ? alterWhole(random, text) : text
}

/** What editors, tools and other systems do to a whole file. */
function alterWhole(random: Random, text: string): string {
  switch (random.integer(0, 5)) {
    case 0:
      return text.replaceAll('\n', '\r\n')
    case 1:
      return text.replaceAll('\n', '\r')
    case 2:
      return '\uFEFF'.repeat(random.integer(1, 3)) + text
    case 3:
      return [...text].join('\0')
    case 4:
      return text.replaceAll(/[aeiou]/g, (letter) => random.pick([letter, '\uD800', '\uDFFF', '\u{1F600}']))
    default:
      return nest(random, text)
  }
}

/** Nesting deeper than any stack, closed again, or left open, or closed by something else. */
function nest(random: Random, text: string): string {
  const depth = random.integer(100, 2000)
  const [open, close] = random.pick<readonly [string, string]>([
    ['(', ')'],
    ['[', ']'],
    ['/*', '*/'],
    ['CASE ', ' END'],
    ['BEGIN ATOMIC ', '; END'],
    ['CREATE RULE r AS ON INSERT TO t DO (', ')'],
    ['$a$', '$b$'],
  ])
  const closing = random
    .pick<string>([close, close, '', ')'])
    .repeat(random.pick<number>([depth, depth, depth - 1, depth + 1]))
  const at = random.integer(0, text.length)
  return text.slice(0, at) + open.repeat(depth) + text.slice(at, at + 40) + closing + text.slice(at + 40)
}

function header(random: Random): string {
  return random.pick([
    '-- @up\n',
    '-- Migration: 001_a\n-- @up\n',
    '-- Depends on: [000_z]\n-- Transaction: none\n-- @up\n',
    '-- Description: x\r\n-- Type: custom_sql\r\n-- @up\r\n',
  ])
}

function makePiece(random: Random, snippets: Snippets): string {
  const last = random.chance(0.5) ? DICTIONARY_SIZE - 1 : snippets.length - 1
  return snippets[random.integer(0, last)] ?? ''
}

function damage(random: Random, snippets: Snippets, text: string): string {
  const at = random.integer(0, text.length)
  const to = Math.min(text.length, at + random.integer(1, 30))
  switch (random.integer(0, 5)) {
    case 0:
      return text.slice(0, at) + text.slice(to)
    case 1:
      return text.slice(0, at) + makePiece(random, snippets) + text.slice(at)
    case 2:
      return text.slice(0, to) + text.slice(at)
    case 3:
      return (
        text.slice(0, at) +
        String.fromCharCode(random.integer(0, random.chance(0.9) ? 127 : 0xffff)) +
        text.slice(at + 1)
      )
    case 4:
      return text.slice(0, Math.max(at, 1))
    default:
      return text.slice(0, at) + text.slice(at, to).toUpperCase() + text.slice(to)
  }
}
